#pragma once

#include "baluhost/domain/identity/second_factor.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"
#include "baluhost/ports/common/repository.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace baluhost {

/// Logins that wait for their code.
class ChallengeRepository : public Repository {
 public:
  /// Expired or not.
  [[nodiscard]] virtual Result<std::optional<Challenge>> find(const ChallengeHash& hash) const = 0;

  /// `challenge`, and of its user's others the newest, `most` with it: older ones go.
  [[nodiscard]] virtual Result<void> insert(const Challenge& challenge, std::size_t most) = 0;

  /// Counts a code that is sent with the challenge. False, as one conditional update decides, where
  /// that is gone or over by `now`, or `most` were sent.
  [[nodiscard]] virtual Result<bool> count_try(const ChallengeHash& hash, int most,
                                               Timestamp now) = 0;

  /// True for exactly one of parallel removals.
  [[nodiscard]] virtual Result<bool> remove(const ChallengeHash& hash) = 0;

  /// Removes those of `user`.
  [[nodiscard]] virtual Result<void> remove_all(UserId user) = 0;

  /// Forgets challenges that expired before `before`, at most `limit`; returns how many.
  [[nodiscard]] virtual Result<std::int64_t> forget_expired(Timestamp before,
                                                            std::size_t limit) = 0;
};

} // namespace baluhost
