#pragma once

#include "baluhost/ports/password_hasher.hpp"

namespace baluhost::contract {

/// What every `PasswordHasher` promises, as Catch2 sections. `other` is of the same kind with other
/// parameters.
void password_hasher_contract(PasswordHasher& hasher, PasswordHasher& other);

} // namespace baluhost::contract
