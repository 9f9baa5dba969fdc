#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace baluhost::http {

/// RFC 3986 section 2.1, once. None where a `%` is not followed by two hex digits. `plus_is_space`
/// for query strings.
std::optional<std::string> percent_decode(std::string_view text, bool plus_is_space = false);

/// Everything but unreserved characters encoded; each byte of `keep` stays as it is.
std::string percent_encode(std::string_view text, std::string_view keep = {});

} // namespace baluhost::http
