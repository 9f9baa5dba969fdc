#pragma once

#include "baluhost/ports/clock.hpp"

namespace baluhost::contract {

/// What every `Clock` promises; a suite.
void clock_contract(const Clock& clock);

} // namespace baluhost::contract
