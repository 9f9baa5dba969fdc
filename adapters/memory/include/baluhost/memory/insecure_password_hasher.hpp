#pragma once

#include "baluhost/ports/password_hasher.hpp"
#include "baluhost/ports/random_source.hpp"

#include <memory>

namespace baluhost {

/// For tests only: one salted SHA-256, so that tests need not wait; whoever has such a hash has the
/// password. `cost` only stands in the hash, for `needs_rehash`. `random` must outlive the hasher.
std::unique_ptr<PasswordHasher> make_insecure_password_hasher(RandomSource& random, int cost = 1);

} // namespace baluhost
