#pragma once

#include "baluhost/ports/digester.hpp"

namespace baluhost::contract {

/// What every `Digester` promises; a suite, by the examples of NIST for FIPS 180-4.
void digester_contract(const Digester& digester);

} // namespace baluhost::contract
