#pragma once

#include "baluhost/ports/seed_cipher.hpp"

namespace baluhost::contract {

/// What every `SeedCipher` promises; a suite. `other` is of the same kind with another key.
void seed_cipher_contract(SeedCipher& cipher, SeedCipher& other);

} // namespace baluhost::contract
