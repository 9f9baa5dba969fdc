#pragma once

#include "baluhost/domain/digest.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace baluhost::memory {

/// The word functions of FIPS 180-4 that a hash differs by.
struct Sha256Rounds {
  using Digest = Sha256Digest;
  std::array<std::uint32_t, 8> state{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                     0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  void compress(const std::uint8_t* block) noexcept;
};

struct Sha1Rounds {
  using Digest = Sha1Digest;
  std::array<std::uint32_t, 5> state{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
  void compress(const std::uint8_t* block) noexcept;
};

/// A hash of a stream: cuts it into blocks of 64 bytes and pads the last (FIPS 180-4
/// section 5.1.1).
template <class Rounds>
class ShaStream {
 public:
  void update(std::string_view bytes) noexcept {
    length_ += bytes.size();
    while (!bytes.empty()) {
      const std::size_t part = std::min(bytes.size(), block_.size() - filled_);
      std::copy_n(reinterpret_cast<const std::uint8_t*>(bytes.data()), part,
                  block_.begin() + static_cast<std::ptrdiff_t>(filled_));
      filled_ += part;
      bytes.remove_prefix(part);
      if (filled_ == block_.size()) {
        rounds_.compress(block_.data());
        filled_ = 0;
      }
    }
  }

  /// The digest of all bytes so far; the stream goes on afterwards.
  [[nodiscard]] typename Rounds::Digest digest() const noexcept {
    ShaStream last = *this;
    const std::uint64_t bits = length_ * 8;
    std::array<char, 72> padding{'\x80'};
    const std::size_t zeros = (filled_ < 56 ? 56 : 120) - filled_;
    for (std::size_t i = 0; i < 8; ++i)
      padding[zeros + i] = static_cast<char>(bits >> (56 - 8 * i));
    last.update({padding.data(), zeros + 8});
    typename Rounds::Digest digest;
    for (std::size_t i = 0; i < digest.bytes.size(); ++i) {
      digest.bytes[i] = static_cast<std::uint8_t>(last.rounds_.state[i / 4] >> (24 - 8 * (i % 4)));
    }
    return digest;
  }

 private:
  Rounds rounds_;
  std::array<std::uint8_t, 64> block_{};
  std::size_t filled_{0};
  std::uint64_t length_{0};
};

Sha256Digest sha256(std::string_view bytes) noexcept;
Sha256Digest hmac_sha256(std::string_view key, std::string_view message); ///< RFC 2104

} // namespace baluhost::memory
