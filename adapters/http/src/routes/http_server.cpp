#include "baluhost/http/server.hpp"

#include "custom/custom_routes.hpp"
#include "routes/route_table.hpp"
#include "server/server.hpp"

// The one place where a server learns what it serves: all else would serve another table as well.
namespace baluhost {

Result<std::unique_ptr<HttpServer>> make_http_server(const HttpOptions& options,
                                                     const HttpServices& services) {
  return http::make_server(options, services,
                           http::with_custom_routes(http::api(), options.routes));
}

} // namespace baluhost
