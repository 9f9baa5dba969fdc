#pragma once

#include "baluhost/ports/clock.hpp"

#include <memory>

namespace baluhost {

/// The clocks of the operating system.
std::unique_ptr<Clock> make_system_clock();

} // namespace baluhost
