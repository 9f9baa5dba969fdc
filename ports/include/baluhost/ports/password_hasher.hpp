#pragma once

#include "baluhost/domain/identity/user.hpp"
#include "baluhost/domain/result.hpp"

namespace baluhost {

/// Slow, salted hashes of passwords. Safe from many threads; each call takes tens of milliseconds
/// of one core and the memory of one slot, of which the caller bounds the number by its threads.
class PasswordHasher {
 public:
  virtual ~PasswordHasher() = default;

  /// A fresh hash with the present parameters and a random salt. unavailable without memory or
  /// randomness.
  [[nodiscard]] virtual Result<PasswordHash> hash(const Secret& password) = 0;

  /// True if `password` made `hash`, whatever parameters it was made with. internal if `hash`
  /// cannot be read.
  [[nodiscard]] virtual Result<bool> verify(const Secret& password, const PasswordHash& hash) = 0;

  /// True if `hash` was made with other parameters than the present ones and should be renewed.
  [[nodiscard]] virtual bool needs_rehash(const PasswordHash& hash) const = 0;
};

} // namespace baluhost
