#pragma once

#include "baluhost/domain/result.hpp"

#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace baluhost::http {

using TlsContext = std::shared_ptr<SSL_CTX>;

/// A server's TLS: 1.2 and 1.3, forward-secret AEAD suites, session resumption, ALPN http/1.1. invalid_request that names file and reason:
/// unreadable, no PEM, encrypted, key and certificate that do not belong together.
Result<TlsContext> make_tls_context(const std::string& cert_file, const std::string& key_file);

} // namespace baluhost::http
