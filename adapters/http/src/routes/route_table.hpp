#pragma once

#include "dispatch/route.hpp"

namespace baluhost::http {

/// Every route of the API.
const RouteTable& api();

} // namespace baluhost::http
