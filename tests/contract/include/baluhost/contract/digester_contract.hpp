#pragma once

#include "baluhost/ports/digester.hpp"

namespace baluhost::contract {

/// What every `Digester` promises, as Catch2 sections, by the examples of NIST for FIPS 180-4.
void digester_contract(const Digester& digester);

} // namespace baluhost::contract
