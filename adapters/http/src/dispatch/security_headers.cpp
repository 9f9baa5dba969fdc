#include "dispatch/security_headers.hpp"

#define BALUHOST_COMMON                                                          \
  "X-Content-Type-Options: nosniff\r\n"                                          \
  "X-Frame-Options: DENY\r\n"                                                    \
  "Referrer-Policy: no-referrer\r\n"                                             \
  "Permissions-Policy: camera=(), microphone=(), geolocation=(), payment=()\r\n" \
  "Cross-Origin-Opener-Policy: same-origin\r\n"                                  \
  "Cross-Origin-Resource-Policy: same-origin\r\n"
#define BALUHOST_OURS                                                                             \
  "Content-Security-Policy: default-src 'self'; form-action 'self'; base-uri 'self'; object-src " \
  "'none'; "                                                                                      \
  "frame-ancestors 'none'\r\n"
#define BALUHOST_USERS "Content-Security-Policy: default-src 'none'; sandbox\r\n"
#define BALUHOST_HSTS "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n"

namespace baluhost::http {

std::string_view security_headers(Author author, Scheme scheme) noexcept {
  const bool tls = scheme == Scheme::https;
  if (author == Author::user)
    return tls ? BALUHOST_COMMON BALUHOST_USERS BALUHOST_HSTS : BALUHOST_COMMON BALUHOST_USERS;
  return tls ? BALUHOST_COMMON BALUHOST_OURS BALUHOST_HSTS : BALUHOST_COMMON BALUHOST_OURS;
}

} // namespace baluhost::http
