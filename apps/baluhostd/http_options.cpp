#include "http_options.hpp"

#include "baluhost/host/host_options.hpp"
#include "baluhost/web/assets.hpp"

#include <algorithm>
#include <cstdint>
#include <thread>
#include <utility>

namespace baluhost {
namespace {

/// A refusal of the host's as one of the place where its setting stands.
Error refusal(const Configuration& configuration, Error error) {
  const FieldError& field = error.fields.front();
  if (field.pointer == "first_admin")
    return {error.code, "environment BALUHOST_ADMIN_PASSWORD_FILE: " + field.detail};
  Error placed = refused_setting(configuration, field.pointer, field.detail);
  placed.code = error.code;
  return placed;
}

} // namespace

HttpOptions http_options(const Configuration& c) {
  HttpOptions options;
  options.listen = c.server.listen;
  options.metrics_listen = c.metrics.listen;
  options.tls_cert_file = c.tls.cert_file;
  options.tls_key_file = c.tls.key_file;
  options.public_url = c.server.public_url;
  options.trusted_proxies = c.server.trusted_proxies;
  options.cors_allowed_origins = c.cors.allowed_origins;
  options.threads = static_cast<int>(c.server.threads);
  options.max_connections = static_cast<int>(c.server.max_connections);
  options.request_timeout = c.server.request_timeout;
  options.max_upload_bytes = c.files.max_upload_bytes;
  if (c.web.enabled) options.assets = web_assets();
  const auto queries = std::max<std::int64_t>(2, std::thread::hardware_concurrency());
  options.query_threads =
      static_cast<int>(std::clamp<std::int64_t>(c.database_pool_size - 1, 1, queries));
  return options;
}

Result<void> check_start(const Configuration& c) {
  if (auto http = check_http_options(http_options(c)); !http)
    return refusal(c, std::move(http).error());
  if (auto host = check_host_options(c); !host) return refusal(c, std::move(host).error());
  return {};
}

} // namespace baluhost
