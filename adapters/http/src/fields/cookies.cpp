#include "fields/cookies.hpp"

#include "fields/http_names.hpp"

namespace baluhost::http {

std::optional<std::string_view> find_cookie(std::string_view header, std::string_view name) {
  std::optional<std::string_view> found;
  while (!header.empty()) {
    auto pair = trimmed(take_until(header, ';'));
    const auto key = take_until(pair, '=');
    if (key != name) continue;
    if (found) return std::nullopt;
    found = pair;
  }
  return found;
}

std::string_view cookie_name(TokenCookie cookie, Scheme scheme) noexcept {
  const bool is_secure = scheme == Scheme::https;
  switch (cookie) {
    case TokenCookie::refresh:
      return is_secure ? "__Host-baluhost_refresh" : "baluhost_refresh";
    case TokenCookie::read:
      return is_secure ? "__Host-baluhost_read" : "baluhost_read";
    case TokenCookie::share:
      return is_secure ? "__Host-baluhost_share" : "baluhost_share";
  }
  return {};
}

std::string set_cookie(TokenCookie kind, std::string_view token, std::chrono::seconds lifetime,
                       Scheme scheme) {
  std::string cookie{cookie_name(kind, scheme)};
  cookie.append("=").append(token);
  if (scheme == Scheme::https) cookie += "; Secure";
  cookie += "; HttpOnly; SameSite=Strict; Path=/; Max-Age=" +
            std::to_string(token.empty() ? 0 : lifetime.count());
  return cookie;
}

} // namespace baluhost::http
