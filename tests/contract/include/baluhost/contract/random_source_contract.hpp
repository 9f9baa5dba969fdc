#pragma once

#include "baluhost/ports/random_source.hpp"

namespace baluhost::contract {

/// What every `RandomSource` promises and a test can see; a suite. That nobody can predict the
/// bytes is not seen here.
void random_source_contract(RandomSource& random);

} // namespace baluhost::contract
