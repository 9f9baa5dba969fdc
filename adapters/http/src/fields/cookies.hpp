#pragma once

#include "fields/http_names.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

/// The one cookie there is: a refresh token, for browsers (RFC 6265bis).
namespace baluhost::http {

/// The value of a cookie in a Cookie header. None if it is missing, or there twice: then someone
/// else planted one.
std::optional<std::string_view> find_cookie(std::string_view header, std::string_view name);

/// "__Host-baluhost_refresh" over TLS, "baluhost_refresh" over plain HTTP.
std::string_view refresh_cookie_name(Scheme scheme) noexcept;

/// The value of Set-Cookie; an empty token removes the cookie.
std::string refresh_cookie(std::string_view token, std::chrono::seconds lifetime, Scheme scheme);

} // namespace baluhost::http
