#pragma once

#include "baluhost/ports/clock.hpp"

namespace baluhost::contract {

/// What every `Clock` promises, as Catch2 sections.
void clock_contract(const Clock& clock);

} // namespace baluhost::contract
