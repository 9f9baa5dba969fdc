#pragma once

#include "baluhost/domain/identity/second_factor.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/secret.hpp"

#include <string>

namespace baluhost {

/// Encrypts the seeds of second factors where they are stored. Safe from many threads.
class SeedCipher {
 public:
  virtual ~SeedCipher() = default;

  /// `seed` under the newest key, for `user` alone. unavailable without a key or randomness.
  [[nodiscard]] virtual Result<SealedSeed> seal(const Secret& seed, UserId user) = 0;

  /// What was sealed for `user`. internal if the key that it names is not there, or it is not what
  /// that key sealed for that user: never an empty or another seed.
  [[nodiscard]] virtual Result<Secret> open(const SealedSeed& sealed, UserId user) = 0;

  /// The fingerprint of the newest key. unavailable without a key.
  [[nodiscard]] virtual Result<std::string> newest_key() = 0;
};

} // namespace baluhost
