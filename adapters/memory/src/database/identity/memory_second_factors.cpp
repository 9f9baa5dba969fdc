#include "database/identity/identity_repositories.hpp"

#include <utility>

namespace baluhost::memory {
namespace {

bool is_confirmed(const SecondFactorRow* row) {
  return row != nullptr && row->factor.confirmed_at.has_value();
}

void erase_codes(State& state, UserId user) {
  for (const auto& code : seconds_of(state.recovery_codes, user))
    state.recovery_codes.erase({user, code});
}

} // namespace

bool has_second_factor(const State& state, UserId user) {
  return is_confirmed(state.second_factors.find(user));
}

Result<std::optional<SecondFactor>> MemorySecondFactors::find(UserId user) const {
  const auto* row = state_.second_factors.find(user);
  return row == nullptr ? std::optional<SecondFactor>{} : std::optional{row->factor};
}

Result<void> MemorySecondFactors::put_pending(const SecondFactor& factor) {
  if (!state_.users.contains(factor.user)) return Error{Errc::internal, "a factor of no user"};
  if (has_second_factor(state_, factor.user))
    return Error{Errc::conflict, "a second factor is confirmed"};
  auto pending = factor;
  pending.confirmed_at.reset();
  state_.second_factors.put(factor.user, {std::move(pending), {}, {}});
  return {};
}

Result<void> MemorySecondFactors::confirm(UserId user, TotpStep step, Timestamp now) {
  const auto* found = state_.second_factors.find(user);
  if (found == nullptr || is_confirmed(found))
    return Error{Errc::conflict, "no second factor is pending"};
  auto row = *found;
  row.factor.confirmed_at = now;
  row.last_step = step;
  state_.second_factors.put(user, std::move(row));
  ++state_.identity_version;
  return {};
}

Result<bool> MemorySecondFactors::use_step(UserId user, TotpStep step) {
  const auto* found = state_.second_factors.find(user);
  if (!is_confirmed(found) || step == found->last_step || step <= found->step_before) return false;
  auto row = *found;
  row.step_before = step > row.last_step ? std::exchange(row.last_step, step) : step;
  state_.second_factors.put(user, std::move(row));
  return true;
}

Result<bool> MemorySecondFactors::remove(UserId user) {
  const auto* found = state_.second_factors.find(user);
  if (found == nullptr) return false;
  const bool was_confirmed = is_confirmed(found);
  state_.second_factors.erase(user);
  erase_codes(state_, user);
  ++state_.identity_version;
  return was_confirmed;
}

Result<void> MemorySecondFactors::remove_pending(UserId user) {
  if (!has_second_factor(state_, user)) BALUHOST_CHECK(remove(user));
  return {};
}

Result<void> MemorySecondFactors::set_recovery_codes(UserId user,
                                                     std::span<const RecoveryCodeHash> codes) {
  erase_codes(state_, user);
  for (const auto& code : codes) state_.recovery_codes.put({user, code}, {});
  return {};
}

Result<std::int64_t> MemorySecondFactors::count_recovery_codes(UserId user) const {
  return static_cast<std::int64_t>(seconds_of(state_.recovery_codes, user).size());
}

Result<bool> MemorySecondFactors::use_recovery_code(UserId user, const RecoveryCodeHash& code) {
  return state_.recovery_codes.erase({user, code});
}

Result<void> MemorySecondFactors::note_reset(UserId user, Timestamp) {
  state_.second_factor_resets.put(user, {});
  return {};
}

Result<bool> MemorySecondFactors::take_reset(UserId user) {
  return state_.second_factor_resets.erase(user);
}

Result<std::vector<SecondFactor>> MemorySecondFactors::sealed_by_others(std::string_view key_id,
                                                                        UserId after,
                                                                        std::size_t limit) const {
  std::vector<SecondFactor> factors;
  state_.second_factors.each([&](UserId user, const SecondFactorRow& row) {
    if (factors.size() == limit) return false;
    if (user > after && row.factor.seed.key_id != key_id) factors.push_back(row.factor);
    return true;
  });
  return factors;
}

Result<bool> MemorySecondFactors::reseal(UserId user, const SealedSeed& from,
                                         const SealedSeed& to) {
  const auto* found = state_.second_factors.find(user);
  if (found == nullptr || found->factor.seed != from) return false;
  auto row = *found;
  row.factor.seed = to;
  state_.second_factors.put(user, std::move(row));
  return true;
}

} // namespace baluhost::memory
