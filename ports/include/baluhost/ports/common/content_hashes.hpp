#pragma once

#include "baluhost/ports/digester.hpp"

#include <memory>
#include <optional>
#include <string_view>

namespace baluhost {

/// The digests and the checksum of content that a blob store receives.
struct ContentHashes {
  /// Of nothing yet. Without SHA-1 where the store does not compute it.
  ContentHashes(const Digester& digester, bool with_sha1)
      : sha256(digester.sha256_stream()),
        sha1(with_sha1 ? digester.sha1_stream() : nullptr),
        crc32(digester.crc32_stream()) {}

  /// Adds the next bytes.
  void update(std::string_view bytes) noexcept {
    sha256->update(bytes);
    if (sha1) sha1->update(bytes);
    crc32->update(bytes);
  }

  /// Of the bytes so far; none where the store does not compute it.
  [[nodiscard]] std::optional<Sha1Digest> sha1_digest() const noexcept {
    return sha1 ? std::optional{sha1->digest()} : std::nullopt;
  }

  std::unique_ptr<Sha256Stream> sha256;
  std::unique_ptr<Sha1Stream> sha1; ///< null where the store does not compute it
  std::unique_ptr<Crc32Stream> crc32;
};

} // namespace baluhost
