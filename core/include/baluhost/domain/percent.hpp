#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace baluhost {

/// What a plus sign stands for: a space in query strings, itself elsewhere.
enum class Plus { itself, space };

/// The bytes that `text` stands for (RFC 3986 section 2.1), decoded once. None where a `%` is not
/// followed by two hex digits.
std::optional<std::string> percent_decode(std::string_view text, Plus plus = Plus::itself);

/// Everything but unreserved characters encoded, in capital hex digits; each byte of `keep` stays
/// as it is.
std::string percent_encode(std::string_view text, std::string_view keep = {});

} // namespace baluhost
