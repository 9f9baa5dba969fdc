#pragma once

#include "baluhost/domain/result.hpp"

#include <openssl/ssl.h>

#include <memory>
#include <optional>
#include <string>

namespace baluhost::http {

using TlsContext = std::shared_ptr<SSL_CTX>;

/// A server's TLS: 1.2 and 1.3, forward-secret AEAD suites, session resumption, ALPN http/1.1.
/// invalid_request that names file and reason: unreadable, no PEM, encrypted, key and certificate
/// that do not belong together.
Result<TlsContext> make_tls_context(const std::string& cert_file, const std::string& key_file);

/// `host` (a name, or an IPv6 address in brackets) where the certificate is for it; else the first
/// name that the certificate is for; none where it has none but patterns.
std::optional<std::string> named_host(const TlsContext& context, const std::string& host);

} // namespace baluhost::http
