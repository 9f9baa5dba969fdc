#pragma once

#include "fields/http_names.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

/// Cookies with tokens, for browsers (RFC 6265bis).
namespace baluhost::http {

/// The value of a cookie in a Cookie header. None if it is missing, or there twice: then someone
/// else planted one.
std::optional<std::string_view> find_cookie(std::string_view header, std::string_view name);

/// What the token in a cookie is for.
enum class TokenCookie { refresh, read, share };

/// "__Host-baluhost_refresh" over TLS, "baluhost_refresh" over plain HTTP; the others likewise.
std::string_view cookie_name(TokenCookie cookie, Scheme scheme) noexcept;

/// The value of Set-Cookie; an empty token removes the cookie.
std::string set_cookie(TokenCookie cookie, std::string_view token, std::chrono::seconds lifetime,
                       Scheme scheme);

} // namespace baluhost::http
