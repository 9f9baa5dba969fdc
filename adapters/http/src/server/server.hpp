#pragma once

#include "baluhost/http/server.hpp"
#include "dispatch/route.hpp"

#include <memory>

namespace baluhost::http {

/// As `make_http_server`, for whatever table of routes.
Result<std::unique_ptr<HttpServer>> make_server(const HttpOptions& options,
                                                const HttpServices& services,
                                                const RouteTable& routes);

} // namespace baluhost::http
