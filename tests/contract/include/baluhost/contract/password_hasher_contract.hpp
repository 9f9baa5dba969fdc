#pragma once

#include "baluhost/ports/password_hasher.hpp"

namespace baluhost::contract {

/// What every `PasswordHasher` promises; a suite. `other` is of the same kind with other
/// parameters.
void password_hasher_contract(PasswordHasher& hasher, PasswordHasher& other);

} // namespace baluhost::contract
