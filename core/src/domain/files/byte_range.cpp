#include "baluhost/domain/files/byte_range.hpp"

#include "baluhost/domain/ascii.hpp"

#include <algorithm>
#include <limits>

namespace baluhost {
namespace {

constexpr std::string_view kSpace = " \t";

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

/// Digits only, at least one; what does not fit counts as the largest number there is.
std::optional<std::int64_t> number(std::string_view text) {
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  if (text.empty()) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value > (kMost - (c - '0')) / 10 ? kMost : value * 10 + (c - '0');
  }
  return value;
}

/// The only element of a list (RFC 9110 section 5.6.1: empty ones do not count).
std::optional<std::string_view> only_element(std::string_view list) {
  std::optional<std::string_view> found;
  for (;;) {
    const auto comma = list.find(',');
    const auto element = trimmed(list.substr(0, comma));
    if (!element.empty()) {
      if (found) return std::nullopt;
      found = element;
    }
    if (comma == std::string_view::npos) return found;
    list.remove_prefix(comma + 1);
  }
}

bool is_bytes_unit(std::string_view unit) {
  return std::ranges::equal(unit, std::string_view{"bytes"}, {}, lower);
}

} // namespace

Result<std::optional<ByteRange>> ByteRange::parse(std::string_view header, std::int64_t size) {
  const std::optional<ByteRange> ignored;
  const auto unsatisfiable = [size] {
    return Error{.code = Errc::range_not_satisfiable,
                 .detail = "no byte of the range exists",
                 .content_size = size};
  };
  header = trimmed(header);
  const auto equals = header.find('=');
  if (equals == std::string_view::npos || !is_bytes_unit(header.substr(0, equals))) return ignored;
  const auto range = only_element(header.substr(equals + 1));
  if (!range) return ignored;
  const auto hyphen = range->find('-');
  if (hyphen == std::string_view::npos) return ignored;
  const auto first_text = range->substr(0, hyphen);
  const auto last_text = range->substr(hyphen + 1);

  if (first_text.empty()) {
    const auto suffix = number(last_text);
    if (!suffix) return ignored;
    if (*suffix == 0) return unsatisfiable();
    if (size == 0)
      return ignored; // satisfiable by the letter, but there is no first and last byte to name
    return std::optional{ByteRange{std::max<std::int64_t>(0, size - *suffix), size - 1}};
  }
  const auto first = number(first_text);
  const auto last = last_text.empty() ? std::optional{std::numeric_limits<std::int64_t>::max()}
                                      : number(last_text);
  if (!first || !last || *first > *last) return ignored;
  if (*first >= size) return unsatisfiable();
  return std::optional{ByteRange{*first, std::min(*last, size - 1)}};
}

} // namespace baluhost
