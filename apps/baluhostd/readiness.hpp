#pragma once

#include "baluhost/host/host.hpp"
#include "baluhost/http/server.hpp"

#include <vector>

namespace baluhost {

/// What /readyz checks: database, blob_store, disk_space and audit, in words fit for strangers.
std::vector<ReadinessCheck> readiness_checks(Host& host);

} // namespace baluhost
