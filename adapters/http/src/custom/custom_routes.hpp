#pragma once

#include "baluhost/http/route.hpp"
#include "dispatch/route.hpp"

#include <span>

namespace baluhost::http {

/// invalid_request at "routes": a pattern that is not one, or is the server's, or is there twice;
/// an action that is not custom; a right where nobody is known.
Result<void> check_custom_routes(std::span<const HttpRoute> routes);

/// `table` with `routes`, which were checked, after its own.
RouteTable with_custom_routes(RouteTable table, std::vector<HttpRoute> routes);

} // namespace baluhost::http
