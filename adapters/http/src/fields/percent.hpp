#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace baluhost::http {

/// What a plus sign stands for: a space in query strings, itself elsewhere.
enum class Plus { itself, space };

/// RFC 3986 section 2.1, once. None where a `%` is not followed by two hex digits.
std::optional<std::string> percent_decode(std::string_view text, Plus plus = Plus::itself);

/// Everything but unreserved characters encoded; each byte of `keep` stays as it is.
std::string percent_encode(std::string_view text, std::string_view keep = {});

} // namespace baluhost::http
