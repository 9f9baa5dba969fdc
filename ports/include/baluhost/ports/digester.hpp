#pragma once

#include "baluhost/domain/digest.hpp"

#include <cstdint>
#include <memory>
#include <string_view>

namespace baluhost {

/// A SHA-256 (FIPS 180-4) in the making, of a stream. One thread at a time.
class Sha256Stream {
 public:
  virtual ~Sha256Stream() = default;

  /// Goes on with `bytes`.
  virtual void update(std::string_view bytes) noexcept = 0;

  /// The digest of all bytes so far; the stream goes on afterwards.
  [[nodiscard]] virtual Sha256Digest digest() const noexcept = 0;
};

/// As `Sha256Stream`, for SHA-1: a checksum that others ask for, never a proof.
class Sha1Stream {
 public:
  virtual ~Sha1Stream() = default;

  /// Goes on with `bytes`.
  virtual void update(std::string_view bytes) noexcept = 0;

  /// The digest of all bytes so far; the stream goes on afterwards.
  [[nodiscard]] virtual Sha1Digest digest() const noexcept = 0;
};

/// A CRC-32 (ISO 3309, as in ZIP) of a stream: it finds accidents, never intent. One thread at a
/// time.
class Crc32Stream {
 public:
  virtual ~Crc32Stream() = default;

  /// Goes on with `bytes`.
  virtual void update(std::string_view bytes) noexcept = 0;

  /// Of all bytes so far.
  [[nodiscard]] virtual std::uint32_t value() const noexcept = 0;
};

/// Hash functions. Safe from many threads; never fails.
class Digester {
 public:
  virtual ~Digester() = default;

  /// The digest of `bytes`.
  [[nodiscard]] virtual Sha256Digest sha256(std::string_view bytes) const noexcept = 0;

  /// One that begins.
  [[nodiscard]] virtual std::unique_ptr<Sha256Stream> sha256_stream() const = 0;
  [[nodiscard]] virtual std::unique_ptr<Sha1Stream> sha1_stream() const = 0;
  [[nodiscard]] virtual std::unique_ptr<Crc32Stream> crc32_stream() const = 0;
};

} // namespace baluhost
