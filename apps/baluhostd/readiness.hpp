#pragma once

#include "backend.hpp"
#include "services.hpp"

#include "baluhost/core/operations/maintenance.hpp"
#include "baluhost/http/server.hpp"

#include <vector>

namespace baluhost {

/// What /readyz asks: database, blob_store, disk_space and audit, in words fit for strangers.
std::vector<ReadinessCheck> readiness_checks(Backend& backend, Services& services,
                                             SpaceMonitor& space);

} // namespace baluhost
