#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace baluhost {

/// In the order of their values, lower case.
inline constexpr std::string_view kHexDigits = "0123456789abcdef";

/// Returns the value of a hex digit of either case; -1 for any other character.
[[nodiscard]] constexpr int hex_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// Appends the last `digits` hex digits of `number`, lower case, with zeros before them.
inline void append_hex(std::string& text, std::uint64_t number, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4)
    text += kHexDigits[(number >> shift) & 15];
}

} // namespace baluhost
