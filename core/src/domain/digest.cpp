#include "baluhost/domain/digest.hpp"

#include "baluhost/domain/hex.hpp"

namespace baluhost {
namespace {

constexpr std::string_view kBase64 =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64Url =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int16_t, 256> values_of(std::string_view alphabet) {
  std::array<std::int16_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::int16_t>(i);
  }
  return values;
}

constexpr auto kHexValues = [] {
  std::array<std::int16_t, 256> values{};
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<std::int16_t>(hex_value(static_cast<char>(i)));
  return values;
}();
constexpr auto kBase64Values = values_of(kBase64);
constexpr auto kBase64UrlValues = values_of(kBase64Url);

std::string encode(std::string_view bytes, std::string_view alphabet) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t group = 0;
  int bits = 0;
  for (const char c : bytes) {
    group = (group << 8) | static_cast<std::uint8_t>(c);
    for (bits += 8; bits >= 6;) {
      bits -= 6;
      text += alphabet[(group >> bits) & 63];
    }
  }
  if (bits > 0) text += alphabet[(group << (6 - bits)) & 63];
  return text;
}

// Strict: no other characters, no length of 4n+1, and the bits that the last character has too many
// are zero, so that every value has one spelling.
Result<std::string> decode(std::string_view text, const std::array<std::int16_t, 256>& values) {
  if (text.size() % 4 == 1) return invalid("is not base64");
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    const int value = values[static_cast<std::uint8_t>(c)];
    if (value < 0) return invalid("is not base64");
    group = (group << 6) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes += static_cast<char>((group >> bits) & 255);
    }
  }
  if ((group & ((1U << bits) - 1)) != 0) return invalid("is not base64");
  return bytes;
}

} // namespace

std::string to_hex(std::string_view bytes) {
  std::string text(bytes.size() * 2, '\0');
  auto digit = text.begin();
  for (const char c : bytes) {
    const auto byte = static_cast<std::uint8_t>(c);
    *digit++ = kHexDigits[byte >> 4];
    *digit++ = kHexDigits[byte & 15];
  }
  return text;
}

Result<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return invalid("is not hexadecimal");
  std::string bytes(text.size() / 2, '\0');
  int wrong = 0; // negative as soon as one digit is
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const int high = kHexValues[static_cast<std::uint8_t>(text[2 * i])];
    const int low = kHexValues[static_cast<std::uint8_t>(text[2 * i + 1])];
    wrong |= high | low;
    bytes[i] = static_cast<char>((high * 16) | low);
  }
  if (wrong < 0) return invalid("is not hexadecimal");
  return bytes;
}

std::string to_base64(std::string_view bytes) {
  auto text = encode(bytes, kBase64);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

Result<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return invalid("is not base64");
  if (text.ends_with("==")) {
    text.remove_suffix(2);
  } else if (text.ends_with('=')) {
    text.remove_suffix(1);
  }
  return decode(text, kBase64Values);
}

std::string to_base64url(std::string_view bytes) { return encode(bytes, kBase64Url); }

Result<std::string> from_base64url(std::string_view text) { return decode(text, kBase64UrlValues); }

} // namespace baluhost
