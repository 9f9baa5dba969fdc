#pragma once

#include "backend.hpp"
#include "configuration.hpp"
#include "services.hpp"

#include "baluhost/core/operations/maintenance.hpp"

#include <memory>
#include <vector>

namespace baluhost {

/// Everything that a server does without being asked, each on a thread of its own, until the result
/// is dropped.
std::vector<std::unique_ptr<PeriodicTask>> start_housekeeping(const Configuration& configuration,
                                                              Backend& backend, Services& services,
                                                              SpaceMonitor& space);

/// Logs what recoveries found since the last call.
void log_findings(Lifecycle& lifecycle);

} // namespace baluhost
