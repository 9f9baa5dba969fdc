#pragma once

#include "baluhost/domain/identity/user.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/ports/password_hasher.hpp"
#include "baluhost/ports/random_source.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <vector>

namespace baluhost {

/// One hash of each settings in use among the accounts.
[[nodiscard]] Result<std::vector<PasswordHash>> hashes_in_use(ReadTransaction& tx);

/// Finds whether a password fits, in a time that does not tell whether there is an account: what
/// does not fit is compared with decoys too, one hash of each settings in use. Safe from many
/// threads.
class PasswordCheck {
 public:
  PasswordCheck(PasswordHasher& hasher, RandomSource& random, const Clock& clock)
      : hasher_(hasher), random_(random), clock_(clock) {}

  /// Whether the decoys are to be looked up anew, for `keep`.
  [[nodiscard]] bool is_due();

  /// Keeps `hashes`, of those in use, as decoys for a while; makes one where there are none.
  [[nodiscard]] Result<void> keep(std::vector<PasswordHash> hashes);

  /// Whether `password` fits `own`; `own` is null without an account. A password that has no form
  /// to be hashed in fits nothing, at the same cost.
  [[nodiscard]] Result<bool> fits(const Result<Secret>& password, const PasswordHash* own);

  /// How long it takes these days, at most, to find that a password does not fit.
  [[nodiscard]] std::chrono::microseconds check_time() const noexcept {
    return std::chrono::microseconds{check_time_.load()};
  }

 private:
  std::vector<PasswordHash> decoys_beside(const PasswordHash* own);

  PasswordHasher& hasher_;
  RandomSource& random_;
  const Clock& clock_;
  std::mutex mutex_;
  std::vector<PasswordHash> decoys_; ///< one hash of each settings in use among the accounts
  std::chrono::microseconds decoys_until_{};
  std::atomic<std::int64_t> check_time_{0}; ///< microseconds
};

} // namespace baluhost
