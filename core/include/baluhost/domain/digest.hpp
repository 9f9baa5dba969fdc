#pragma once

#include "baluhost/domain/result.hpp"

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace baluhost {

/// Lower case.
std::string to_hex(std::string_view bytes);

/// Either case; else invalid_request.
Result<std::string> from_hex(std::string_view text);

/// RFC 4648 section 4, padded.
std::string to_base64(std::string_view bytes);

/// RFC 4648 section 4, padded, strict; else invalid_request.
Result<std::string> from_base64(std::string_view text);

/// RFC 4648 section 5, unpadded.
std::string to_base64url(std::string_view bytes);

/// RFC 4648 section 5, unpadded, strict.
Result<std::string> from_base64url(std::string_view text);

/// The result of a hash function of N bytes.
template <std::size_t N>
struct Digest {
  std::array<std::uint8_t, N> bytes{};

  auto operator<=>(const Digest&) const = default;

  /// The raw bytes.
  [[nodiscard]] std::string_view view() const noexcept {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }

  /// In lower-case hex.
  [[nodiscard]] std::string hex() const { return to_hex(view()); }

  /// From exactly N raw bytes; else invalid_request.
  static Result<Digest> from_bytes(std::string_view raw) {
    if (raw.size() != N) return invalid("is not a digest of the right length");
    Digest digest;
    for (std::size_t i = 0; i < N; ++i) digest.bytes[i] = static_cast<std::uint8_t>(raw[i]);
    return digest;
  }

  /// From 2 * N hex digits; else invalid_request.
  static Result<Digest> parse_hex(std::string_view text) {
    BALUHOST_TRY(const auto raw, from_hex(text));
    return from_bytes(raw);
  }
};

/// FIPS 180-4.
using Sha256Digest = Digest<32>;

/// FIPS 180-4: a checksum that others ask for, never a proof.
using Sha1Digest = Digest<20>;

} // namespace baluhost
