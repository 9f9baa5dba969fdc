#pragma once

#include "configuration.hpp"

#include "baluhost/domain/result.hpp"

namespace baluhost {

/// Runs the server until SIGTERM or SIGINT; SIGHUP reads the certificate again. An error's `detail`
/// says why it could not start.
Result<void> serve(const Configuration& configuration);

} // namespace baluhost
