#pragma once

#include "baluhost/ports/repositories/challenge_repository.hpp"
#include "baluhost/ports/repositories/key_repository.hpp"
#include "baluhost/ports/repositories/second_factor_repository.hpp"
#include "baluhost/ports/repositories/session_repository.hpp"
#include "baluhost/ports/repositories/user_repository.hpp"
#include "database/state.hpp"

#include <span>
#include <vector>

namespace baluhost::memory {

class MemoryUsers final : public UserRepository {
 public:
  explicit MemoryUsers(State& state) : state_(state) {}
  Result<std::optional<User>> find(UserId id) const override;
  Result<std::optional<User>> find(const Username& name) const override;
  Result<std::optional<Credentials>> find_credentials(const Username& name) const override;
  Result<std::optional<PasswordHash>> first_hash_after(std::string_view text) const override;
  Result<std::vector<User>> list(const std::optional<Username>& after,
                                 std::size_t limit) const override;
  Result<std::int64_t> count_enabled_admins() const override;
  Result<void> lock_roles() override;
  Result<void> lock_accounts(const AccountLocks& locks) override;
  Result<User> insert(const NewUser& user) override;
  Result<User> update(UserId id, const UserChanges& changes, Timestamp now) override;
  Result<void> set_unlocked_at(UserId id, Timestamp now) override;
  Result<void> remove(UserId id) override;
  Result<void> add_usage(UserId id, const UsageChange& change) override;

 private:
  State& state_;
};

class MemorySessions final : public SessionRepository {
 public:
  explicit MemorySessions(State& state) : state_(state) {}
  Result<std::optional<SessionState>> find(const SessionId& id) const override;
  Result<std::vector<Session>> list(UserId user, Timestamp now,
                                    const std::optional<SessionId>& after,
                                    std::size_t limit) const override;
  Result<std::vector<IpAddress>> login_addresses(UserId user, Timestamp since) const override;
  Result<void> insert(const Session& session, const RefreshTokenHash& refresh) override;
  Result<RefreshUse> rotate(const SessionId& session, const RefreshTokenHash& used,
                            const RefreshTokenHash& fresh, Timestamp now) override;
  Result<void> revoke(const SessionId& id, Timestamp now) override;
  Result<std::int64_t> revoke_all(UserId user, const std::optional<SessionId>& except,
                                  Timestamp now) override;
  Result<std::int64_t> forget_expired(Timestamp before, std::size_t limit) override;

 private:
  State& state_;
};

class MemoryKeys final : public KeyRepository {
 public:
  explicit MemoryKeys(State& state) : state_(state) {}
  Result<std::optional<KeyState>> find(const KeyId& id) const override;
  Result<std::optional<KeyState>> find(const KeyHash& secret) const override;
  Result<std::vector<PlacedKey>> list(UserId owner, const std::optional<KeyId>& after,
                                      std::size_t limit) const override;
  Result<std::int64_t> count(UserId owner) const override;
  Result<void> insert(const Key& key, const KeyHash& secret) override;
  Result<void> remove(const KeyId& id) override;
  Result<std::int64_t> remove_all(UserId owner) override;
  Result<void> note_uses(std::span<const KeyUse> uses) override;
  Result<std::int64_t> forget_expired(Timestamp before, std::size_t limit) override;

 private:
  State& state_;
};

class MemorySecondFactors final : public SecondFactorRepository {
 public:
  explicit MemorySecondFactors(State& state) : state_(state) {}
  Result<std::optional<SecondFactor>> find(UserId user) const override;
  Result<void> put_pending(const SecondFactor& factor) override;
  Result<void> confirm(UserId user, TotpStep step, Timestamp now) override;
  Result<bool> use_step(UserId user, TotpStep step) override;
  Result<bool> remove(UserId user) override;
  Result<void> remove_pending(UserId user) override;
  Result<void> set_recovery_codes(UserId user, std::span<const RecoveryCodeHash> codes) override;
  Result<std::int64_t> count_recovery_codes(UserId user) const override;
  Result<bool> use_recovery_code(UserId user, const RecoveryCodeHash& code) override;
  Result<void> note_reset(UserId user, Timestamp now) override;
  Result<bool> take_reset(UserId user) override;
  Result<std::vector<SecondFactor>> sealed_by_others(std::string_view key_id, UserId after,
                                                     std::size_t limit) const override;
  Result<bool> reseal(UserId user, const SealedSeed& from, const SealedSeed& to) override;

 private:
  State& state_;
};

class MemoryChallenges final : public ChallengeRepository {
 public:
  explicit MemoryChallenges(State& state) : state_(state) {}
  Result<std::optional<Challenge>> find(const ChallengeHash& hash) const override;
  Result<void> insert(const Challenge& challenge, std::size_t most) override;
  Result<bool> count_try(const ChallengeHash& hash, int most, Timestamp now) override;
  Result<bool> remove(const ChallengeHash& hash) override;
  Result<void> remove_all(UserId user) override;
  Result<std::int64_t> forget_expired(Timestamp before, std::size_t limit) override;

 private:
  State& state_;
};

/// Whether `user` has a confirmed second factor.
bool has_second_factor(const State& state, UserId user);

} // namespace baluhost::memory
