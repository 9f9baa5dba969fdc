#include "baluhost/domain/base32.hpp"

#include <cstdint>

namespace baluhost {

std::string to_base32(std::string_view bytes) {
  constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";
  constexpr unsigned bits_of_digit = 5;
  constexpr unsigned mask = 31;
  std::string text;
  std::uint32_t waiting = 0;
  unsigned bits = 0;
  for (const char byte : bytes) {
    waiting = waiting << 8U | static_cast<std::uint8_t>(byte);
    for (bits += 8; bits >= bits_of_digit; bits -= bits_of_digit)
      text += alphabet[waiting >> (bits - bits_of_digit) & mask];
  }
  if (bits > 0) text += alphabet[waiting << (bits_of_digit - bits) & mask];
  return text;
}

} // namespace baluhost
