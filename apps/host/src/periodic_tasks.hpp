#pragma once

#include "backend.hpp"
#include "services.hpp"

#include "baluhost/core/operations/periodic_task.hpp"
#include "baluhost/core/operations/space_monitor.hpp"
#include "baluhost/host/message.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace baluhost {

using HostReport = std::function<void(const HostMessage&)>;

/// Everything that a server does without being asked, each on a thread of its own, until the result
/// is dropped. All references must outlive it.
std::vector<std::unique_ptr<PeriodicTask>> start_periodic_tasks(const HostOptions& options,
                                                                Backend& backend,
                                                                Services& services,
                                                                SpaceMonitor& space,
                                                                const HostReport& report);

/// Reports what recoveries found since the last call.
void report_findings(Lifecycle& lifecycle, const HostReport& report);

} // namespace baluhost
