#pragma once

#include "baluhost/domain/identity/second_factor.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"
#include "baluhost/ports/common/repository.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace baluhost {

/// Second factors of accounts, one each at most, and the recovery codes that stand in for them.
class SecondFactorRepository : public Repository {
 public:
  /// Pending or confirmed.
  [[nodiscard]] virtual Result<std::optional<SecondFactor>> find(UserId user) const = 0;

  /// `factor`, pending, in place of one that is pending too. conflict: one is confirmed.
  [[nodiscard]] virtual Result<void> put_pending(const SecondFactor& factor) = 0;

  /// Confirms the pending factor by the code of `step`, which is used by that. conflict: none is
  /// pending.
  [[nodiscard]] virtual Result<void> confirm(UserId user, TotpStep step, Timestamp now) = 0;

  /// True for exactly one of parallel uses of a step, as one conditional update decides. False too
  /// for a step before the last two that were used, and where no factor is confirmed. Leaves
  /// `identity_version`.
  [[nodiscard]] virtual Result<bool> use_step(UserId user, TotpStep step) = 0;

  /// Removes the factor, pending or confirmed, and its recovery codes; returns whether one was
  /// confirmed.
  [[nodiscard]] virtual Result<bool> remove(UserId user) = 0;

  /// Removes a factor that is pending; leaves one that is confirmed.
  [[nodiscard]] virtual Result<void> remove_pending(UserId user) = 0;

  /// These codes and no others.
  [[nodiscard]] virtual Result<void> set_recovery_codes(
      UserId user, std::span<const RecoveryCodeHash> codes) = 0;

  /// How many are left.
  [[nodiscard]] virtual Result<std::int64_t> count_recovery_codes(UserId user) const = 0;

  /// True for exactly one of parallel uses of a code, which is gone by that.
  [[nodiscard]] virtual Result<bool> use_recovery_code(UserId user,
                                                       const RecoveryCodeHash& code) = 0;

  /// Keeps that somebody else took the factor away, until the account is told.
  [[nodiscard]] virtual Result<void> note_reset(UserId user, Timestamp now) = 0;

  /// Whether that is to be told; true once.
  [[nodiscard]] virtual Result<bool> take_reset(UserId user) = 0;

  /// Factors whose seeds were sealed by other keys than `key_id`, by user, after `after`.
  [[nodiscard]] virtual Result<std::vector<SecondFactor>> sealed_by_others(
      std::string_view key_id, UserId after, std::size_t limit) const = 0;

  /// Puts `to` in the place of `from`; returns whether it was there. Leaves `identity_version`.
  [[nodiscard]] virtual Result<bool> reseal(UserId user, const SealedSeed& from,
                                            const SealedSeed& to) = 0;
};

} // namespace baluhost
