#pragma once

#include "baluhost/ports/password_hasher.hpp"
#include "baluhost/ports/random_source.hpp"

#include <memory>

namespace baluhost {

/// Of `make_insecure_password_hasher`.
struct InsecureHasherOptions {
  int cost{1}; ///< only stands in the hash, for `needs_rehash`
};

/// For tests only: one salted SHA-256, so that tests need not wait; whoever has such a hash has the
/// password. `random` must outlive the hasher.
std::unique_ptr<PasswordHasher> make_insecure_password_hasher(const InsecureHasherOptions& options,
                                                              RandomSource& random);

} // namespace baluhost
