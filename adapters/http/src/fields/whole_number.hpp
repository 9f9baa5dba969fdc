#pragma once

#include "baluhost/domain/result.hpp"
#include "fields/http_names.hpp"

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace baluhost::http {

/// What a client wrote in digits alone. invalid_request, which says of a number beyond 64 bits that
/// it is too large.
inline Result<std::int64_t> parse_whole_number(std::string_view text) {
  for (const char c : text)
    if (!is_digit(c)) return invalid("must be a whole number");
  if (text.empty()) return invalid("must be a whole number");
  std::int64_t number = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc{})
    return invalid("must not be larger than 9223372036854775807");
  return number;
}

} // namespace baluhost::http
