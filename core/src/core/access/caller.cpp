#include "access/caller.hpp"

namespace baluhost {
namespace {

Error shut_out(const char* why) { return {Errc::token_revoked, why}; }

/// The caller's account, as it is now.
Result<User> account_of(ReadTransaction& tx, const Principal& principal) {
  std::optional<User> user;
  if (principal.session()) {
    BALUHOST_TRY(const auto state, tx.sessions().find(*principal.session()));
    if (!state || state->session.revoked_at) return shut_out("the session was ended meanwhile");
    user = state->user;
  } else {
    BALUHOST_TRY(user, tx.users().find(*principal.user()));
  }
  if (!user || user->id != *principal.user()) return shut_out("the account was deleted meanwhile");
  if (!user->enabled) return shut_out("the account was disabled meanwhile");
  return *std::move(user);
}

} // namespace

Result<Principal> Caller::hold(ReadTransaction& view, UserRepository& users,
                               const Principal& principal, std::optional<UserId> changes) {
  if (principal.user() || changes) BALUHOST_CHECK(users.lock_accounts({principal.user(), changes}));
  if (!principal.user()) return principal;
  BALUHOST_TRY(const auto account, account_of(view, principal));
  auto present = principal;
  present.role_ = account.role;
  return present;
}

Result<Principal> Caller::hold(WriteTransaction& tx, const Principal& principal,
                               std::optional<UserId> changes) {
  return hold(tx, tx.users(), principal, changes);
}

Result<Principal> Caller::hold(Bookkeeping& tx, const Principal& principal) {
  return hold(tx.view(), tx.users(), principal, std::nullopt);
}

} // namespace baluhost
