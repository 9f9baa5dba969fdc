#pragma once

#include "backend.hpp"
#include "periodic_tasks.hpp"
#include "services.hpp"

namespace baluhost {

/// Where there is no administrator: makes the user admin, with the password that the options name
/// or a random one, and reports it. What is wrong with that password, unavailable.
Result<void> ensure_first_admin(const HostOptions& options, Backend& backend, Services& services,
                                const HostReport& report);

} // namespace baluhost
