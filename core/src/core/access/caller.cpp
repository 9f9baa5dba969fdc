#include "access/caller.hpp"

#include "baluhost/core/access/access_policy.hpp"

namespace baluhost {
namespace {

Error shut_out(const char* why) { return {Errc::token_revoked, why}; }

/// The account of a credential that is not over.
class PresentAccount {
 public:
  PresentAccount(ReadTransaction& tx, UserId user, Timestamp now)
      : tx_(tx), user_(user), now_(now) {}

  Result<std::optional<User>> operator()(const SessionCredential& session) const {
    if (!session.id) return tx_.users().find(user_);
    BALUHOST_TRY(const auto state, tx_.sessions().find(*session.id));
    if (!state || state->session.revoked_at) return shut_out("the session was ended meanwhile");
    return std::optional{state->user};
  }

  Result<std::optional<User>> operator()(const KeyCredential& key) const {
    BALUHOST_TRY(const auto state, tx_.keys().find(key.id));
    if (!state) return shut_out("the key was revoked meanwhile");
    if (has_expired(state->key, now_)) return Error{Errc::token_expired, "the key has expired"};
    return std::optional{state->user};
  }

  Result<std::optional<User>> operator()(const ShareCredential& share) const {
    BALUHOST_TRY(const auto state, tx_.shares().find(share.id));
    if (!state || state->share.is_over(now_) || state->share.generation != share.generation)
      return shut_out("the share was ended meanwhile");
    return std::optional{state->creator};
  }

 private:
  ReadTransaction& tx_;
  UserId user_;
  Timestamp now_;
};

} // namespace

Result<Principal> Caller::hold(ReadTransaction& view, UserRepository& users,
                               const Principal& principal, Timestamp now,
                               std::optional<UserId> changes) {
  if (principal.user() || changes) BALUHOST_CHECK(users.lock_accounts({principal.user(), changes}));
  if (!principal.user()) return principal;
  BALUHOST_TRY(const auto account,
               std::visit(PresentAccount{view, *principal.user(), now}, principal.credential()));
  if (!account || account->id != *principal.user())
    return shut_out("the account was deleted meanwhile");
  if (!account->enabled) return shut_out("the account was disabled meanwhile");
  auto present = principal;
  present.role_ = role_within(principal.credential(), account->role);
  if (auto* share = std::get_if<ShareCredential>(&present.credential_)) {
    BALUHOST_TRY(const auto state, view.shares().find(share->id));
    if (!state) return shut_out("the share was ended meanwhile");
    share->rights = state->share.rights;
    share->creator_role = account->role;
  }
  return present;
}

Result<Principal> Caller::hold(WriteTransaction& tx, const Principal& principal, Timestamp now,
                               std::optional<UserId> changes) {
  return hold(tx, tx.users(), principal, now, changes);
}

Result<Principal> Caller::hold(Bookkeeping& tx, const Principal& principal, Timestamp now) {
  return hold(tx.view(), tx.users(), principal, now, std::nullopt);
}

} // namespace baluhost
