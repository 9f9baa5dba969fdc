#pragma once

#include "configuration.hpp"

#include "baluhost/domain/result.hpp"
#include "baluhost/http/server.hpp"

namespace baluhost {

/// What the HTTP edge is told of the configuration.
HttpOptions http_options(const Configuration& configuration);

/// Looks at all that a start refuses, but at what only a connection shows (a port that is taken,
/// the database): addresses, certificate, secrets, keys, directories. Creates nothing.
/// invalid_request, conflict or unavailable: `detail` names the place where the setting stands, the
/// key and what to do.
Result<void> check_start(const Configuration& configuration);

} // namespace baluhost
