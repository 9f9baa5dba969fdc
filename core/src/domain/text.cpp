#include "baluhost/domain/text.hpp"

#include "baluhost/domain/ascii.hpp"
#include "letters.hpp"

#include <utf8proc.h>
#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

// Text of users and clients is checked here before anything else looks at it. Decoding is our own,
// since what counts is what happens to malformed input (one replacement per maximal subpart,
// Unicode 15 section 3.9); composition is utf8proc's, and this is the only file of the inner rings
// that knows a library.

namespace baluhost {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD"; // U+FFFD

/// The code point at the front of a text, or the bytes that are none.
struct Decoded {
  char32_t code_point{};
  std::size_t length{}; ///< bytes
  bool valid{false};
};

/// `text` is not empty.
Decoded decode_front(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};

  std::size_t length = 0;
  std::uint8_t low = 0x80;
  std::uint8_t high = 0xBF;
  char32_t code_point = 0;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
    code_point = lead & 0x1F;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    code_point = lead & 0x0F;
    if (lead == 0xE0) low = 0xA0;  // no overlong forms
    if (lead == 0xED) high = 0x9F; // no surrogates
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    code_point = lead & 0x07;
    if (lead == 0xF0) low = 0x90;  // no overlong forms
    if (lead == 0xF4) high = 0x8F; // nothing above U+10FFFF
  } else {
    return {0, 1, false};
  }
  for (std::size_t i = 1; i < length; ++i) {
    if (i >= text.size() || byte(i) < low || byte(i) > high) return {0, i, false};
    code_point = (code_point << 6) | (byte(i) & 0x3F);
    low = 0x80;
    high = 0xBF;
  }
  return {code_point, length, true};
}

bool is_control_or_bidi(char32_t c) noexcept {
  return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0x061C || c == 0x200E || c == 0x200F ||
         (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

/// What shows as nothing or as an empty space.
bool is_blank(char32_t c) noexcept {
  return c == ' ' || c == 0xA0 || c == 0xAD || c == 0x1680 || (c >= 0x2000 && c <= 0x200D) ||
         c == 0x202F || c == 0x205F || c == 0x2060 || c == 0x3000 || c == 0xFEFF;
}

/// The number of ASCII characters at the front of a text, counted by eights; up to seven of them
/// may be left out.
std::size_t ascii_front(std::string_view text) noexcept {
  std::size_t length = 0;
  for (std::uint64_t eight = 0; text.size() - length >= sizeof eight; length += sizeof eight) {
    std::memcpy(&eight, text.data() + length, sizeof eight);
    if ((eight & 0x8080808080808080) != 0) break;
  }
  return length;
}

bool is_ascii(std::string_view text) noexcept {
  text.remove_prefix(ascii_front(text));
  for (const char c : text) {
    if (static_cast<std::uint8_t>(c) >= 0x80) return false;
  }
  return true;
}

/// `text` as utf8proc maps it by `options`. internal if it cannot.
Result<std::string> mapped(std::string_view text, int options) {
  utf8proc_uint8_t* made = nullptr;
  const auto size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                 static_cast<utf8proc_ssize_t>(text.size()), &made,
                                 static_cast<utf8proc_option_t>(options));
  if (size < 0) return Error{.code = Errc::internal, .detail = utf8proc_errmsg(size)};
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner{made, &std::free};
  return std::string{reinterpret_cast<const char*>(made), static_cast<std::size_t>(size)};
}

/// `text`, of which each code point, or what is none, is appended by `append(line, front, bytes)`.
template <class Append>
std::string rewritten(std::string_view text, const Append& append) {
  std::string line;
  line.reserve(text.size());
  while (!text.empty()) {
    const auto front = decode_front(text);
    append(line, front, text.substr(0, front.length));
    text.remove_prefix(front.length);
  }
  return line;
}

/// `format` is that of a number in hex.
void append_escape(std::string& line, const char* format, unsigned number) {
  std::array<char, 16> escape{};
  std::snprintf(escape.data(), escape.size(), format, number);
  line += escape.data();
}

} // namespace

bool is_valid_utf8(std::string_view text) noexcept {
  for (;;) {
    text.remove_prefix(ascii_front(text));
    if (text.empty()) return true;
    const auto front = decode_front(text);
    if (!front.valid) return false;
    text.remove_prefix(front.length);
  }
}

char32_t take_code_point(std::string_view& text) noexcept {
  const auto front = decode_front(text);
  text.remove_prefix(front.length);
  return front.code_point;
}

std::size_t code_points(std::string_view text) noexcept {
  std::size_t count = 0;
  for (const char c : text) {
    if ((static_cast<std::uint8_t>(c) & 0xC0) != 0x80) ++count;
  }
  return count;
}

void append_code_point(std::string& text, char32_t point) {
  const auto byte = [&](char32_t bits) {
    text += static_cast<char>(static_cast<unsigned char>(bits));
  };
  if (point < 0x80) {
    byte(point);
  } else if (point < 0x800) {
    byte(0xC0 | (point >> 6));
    byte(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    byte(0xE0 | (point >> 12));
    byte(0x80 | ((point >> 6) & 0x3F));
    byte(0x80 | (point & 0x3F));
  } else {
    byte(0xF0 | (point >> 18));
    byte(0x80 | ((point >> 12) & 0x3F));
    byte(0x80 | ((point >> 6) & 0x3F));
    byte(0x80 | (point & 0x3F));
  }
}

bool is_letters_and_digits(std::string_view text) noexcept {
  if (text.empty()) return false;
  while (!text.empty()) {
    utf8proc_int32_t point = 0;
    const auto size = utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                                       static_cast<utf8proc_ssize_t>(text.size()), &point);
    if (size <= 0) return false;
    switch (utf8proc_category(point)) {
      case UTF8PROC_CATEGORY_LU:
      case UTF8PROC_CATEGORY_LL:
      case UTF8PROC_CATEGORY_LT:
      case UTF8PROC_CATEGORY_LM:
      case UTF8PROC_CATEGORY_LO:
      case UTF8PROC_CATEGORY_MN:
      case UTF8PROC_CATEGORY_MC:
      case UTF8PROC_CATEGORY_ME:
      case UTF8PROC_CATEGORY_ND:
        break;
      default:
        return false;
    }
    text.remove_prefix(static_cast<std::size_t>(size));
  }
  return true;
}

Result<std::string> to_nfc(std::string_view text) {
  if (is_ascii(text)) return std::string{text};
  if (!is_valid_utf8(text)) return invalid("must be valid UTF-8");
  return mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

std::string fold_case(std::string_view text) {
  if (is_ascii(text)) {
    std::string folded{text};
    std::ranges::transform(folded, folded.begin(), lower);
    return folded;
  }
  auto folded = mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_CASEFOLD);
  return folded ? *std::move(folded) : std::string{text};
}

std::string fold_for_search(std::string_view text) {
  if (is_ascii(text)) return fold_case(text);
  auto folded = mapped(text, UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_COMPOSE |
                                 UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK);
  if (!folded) return std::string{text};
  return rewritten(*folded, [](std::string& key, const Decoded& front, std::string_view bytes) {
    const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(front.code_point));
    key += category == UTF8PROC_CATEGORY_ZS ? " " : bytes;
  });
}

bool has_letter_or_digit(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto front = decode_front(text);
    switch (utf8proc_category(static_cast<utf8proc_int32_t>(front.code_point))) {
      case UTF8PROC_CATEGORY_LU:
      case UTF8PROC_CATEGORY_LL:
      case UTF8PROC_CATEGORY_LT:
      case UTF8PROC_CATEGORY_LM:
      case UTF8PROC_CATEGORY_LO:
      case UTF8PROC_CATEGORY_ND:
      case UTF8PROC_CATEGORY_NL:
      case UTF8PROC_CATEGORY_NO:
        if (front.valid) return true;
        break;
      default:
        break;
    }
    text.remove_prefix(front.length);
  }
  return false;
}

bool has_control_or_bidi(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto front = decode_front(text);
    if (front.valid && is_control_or_bidi(front.code_point)) return true;
    text.remove_prefix(front.length);
  }
  return false;
}

std::string clamp_text(std::string_view text, std::size_t limit) {
  // Most is fit as it is: no text has more characters than bytes.
  if (text.size() <= limit && text.find('\0') == std::string_view::npos && is_valid_utf8(text))
    return std::string{text};
  std::string fit;
  fit.reserve(text.size());
  for (std::size_t count = 0; count < limit && !text.empty(); ++count) {
    const auto front = decode_front(text);
    fit += front.valid && front.code_point != 0 ? text.substr(0, front.length) : kReplacement;
    text.remove_prefix(front.length);
  }
  return fit;
}

std::string with_controls_escaped(std::string_view text) {
  return rewritten(text, [](std::string& line, const Decoded& front, std::string_view bytes) {
    if (front.valid && is_control_or_bidi(front.code_point))
      append_escape(line, "\\u%04x", front.code_point);
    else
      line += bytes;
  });
}

bool begins_as_formula(std::string_view text) noexcept {
  while (!text.empty()) {
    const auto front = decode_front(text);
    const auto c = front.code_point;
    if (!front.valid || (!is_control_or_bidi(c) && !is_blank(c))) {
      return c == '=' || c == '+' || c == '-' || c == '@' || c == 0xFF1D || c == 0xFF0B ||
             c == 0xFF0D || c == 0xFF20;
    }
    text.remove_prefix(front.length);
  }
  return false;
}

std::string printable(std::string_view text) {
  return rewritten(text, [](std::string& line, const Decoded& front, std::string_view bytes) {
    if (!front.valid || (front.code_point < 0x80 && is_control_or_bidi(front.code_point))) {
      for (const char c : bytes) append_escape(line, "\\x%02x", static_cast<std::uint8_t>(c));
    } else if (is_control_or_bidi(front.code_point)) {
      append_escape(line, "\\u{%04x}", front.code_point);
    } else {
      line += bytes;
    }
  });
}

} // namespace baluhost
