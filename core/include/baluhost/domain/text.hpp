#pragma once

#include "baluhost/domain/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace baluhost {

/// True for well-formed UTF-8 (RFC 3629: no overlong forms, no surrogates, at most U+10FFFF).
bool is_valid_utf8(std::string_view text) noexcept;

/// The number of code points of valid UTF-8.
std::size_t code_points(std::string_view text) noexcept;

/// Takes the first code point off valid UTF-8 that is not empty.
char32_t take_code_point(std::string_view& text) noexcept;

/// Appends the UTF-8 form of `point`, a code point that is no surrogate.
void append_code_point(std::string& text, char32_t point);

/// Unicode normalisation form C (UAX 15). invalid_request if `text` is not UTF-8.
Result<std::string> to_nfc(std::string_view text);

/// `text`, valid UTF-8, without regard to case, in normalisation form C: equal for names that
/// differ in case alone.
std::string fold_case(std::string_view text);

/// `text`, valid UTF-8, as searches compare it: in compatibility form (Unicode NFKC), without case
/// and without marks such as accents; every blank is a space. May be empty where all of it is
/// marks.
std::string fold_for_search(std::string_view text);

/// Whether a character of `text`, valid UTF-8, is a letter or a number (Unicode general categories
/// L and N).
bool has_letter_or_digit(std::string_view text) noexcept;

/// True if `text` holds a control character (C0, DEL, C1) or one that changes the direction of text
/// (UAX 9: U+061C, U+200E, U+200F, U+202A–U+202E, U+2066–U+2069), or a line or paragraph separator
/// (U+2028, U+2029).
bool has_control_or_bidi(std::string_view text) noexcept;

/// `text` cut to at most `limit` code points, invalid UTF-8 and U+0000 replaced by U+FFFD: fit for
/// a column of that length.
std::string clamp_text(std::string_view text, std::size_t limit);

/// `text`, valid UTF-8, with those characters written as JSON writes them, `\uNNNN`: JSON text
/// stays the same JSON.
std::string with_controls_escaped(std::string_view text);

/// True if the first character of `text`, valid UTF-8, that is neither blank nor control (tabs and
/// line ends are both) is one with which a spreadsheet's formula begins: = + - @, the full-width
/// ones (U+FF1D, U+FF0B, U+FF0D, U+FF20) too.
bool begins_as_formula(std::string_view text) noexcept;

/// `text` with control and direction characters written as `\xNN` or `\u{NNNN}`: one line, no
/// terminal escapes.
std::string printable(std::string_view text);

} // namespace baluhost
