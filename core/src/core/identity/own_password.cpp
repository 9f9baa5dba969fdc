#include "baluhost/core/identity/auth_service.hpp"

#include "access/caller.hpp"
#include "baluhost/core/identity/password_policy.hpp"
#include "keys/key_ending.hpp"

#include <utility>

namespace baluhost {

Result<Credentials> AuthService::own_credentials(const Principal& principal) {
  BALUHOST_TRY(const auto id, principal.account());
  return query(deps_.database, [&](ReadTransaction& tx) -> Result<Credentials> {
    BALUHOST_TRY(const auto user, tx.users().find(id));
    if (!user) return Error{Errc::token_revoked, "the user is gone"};
    BALUHOST_TRY(auto credentials, tx.users().find_credentials(user->username));
    if (!credentials) return Error{Errc::token_revoked, "the user is gone"};
    return *std::move(credentials);
  });
}

Result<void> AuthService::check_own_password(const Principal& principal,
                                             const Credentials& credentials,
                                             const Secret& password) {
  const auto name = credentials.user.username.str();
  const auto& address = principal.client().ip_address;
  // Who has a session is not stopped by what others fail at elsewhere, only by guesses from the
  // same address.
  const auto wait = deps_.throttle.wait(name, address, true, credentials.unlocked_at);
  if (!wait.admitted) {
    return Error{
        .code = Errc::rate_limited, .detail = "too many wrong passwords", .retry_after = wait.wait};
  }
  const auto normal = normalise_password(password);
  BALUHOST_TRY(const bool fits,
               deps_.hasher.verify(normal ? *normal : Secret{}, credentials.password));
  if (fits && normal) return {};
  deps_.throttle.failed(name, address, wait);
  return Error{Errc::invalid_credentials, "the current password does not fit"};
}

Result<void> AuthService::change_password(const Principal& principal, const Secret& current,
                                          const Secret& next, KeysAfter keys) {
  const auto about = [&](const std::string& name, Action action) {
    auto event = deps_.audit_log.draft(action, principal);
    event.resource = name;
    return event;
  };
  const auto failed = [&](Error error) {
    return deps_.audit_log.failed(about(principal.name(), Action::password_change_failed),
                                  std::move(error));
  };

  auto credentials = own_credentials(principal);
  if (!credentials) return failed(std::move(credentials).error());
  const auto& name = credentials->user.username;
  auto prepared = prepare_password(next, name);
  if (!prepared) return failed(std::move(prepared).error().at("/new_password"));

  if (auto checked = check_own_password(principal, *credentials, current); !checked)
    return failed(std::move(checked).error());
  auto hash = deps_.hasher.hash(*prepared);
  if (!hash) return failed(std::move(hash).error());
  auto done = deps_.database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    const auto now = deps_.clock.now();
    BALUHOST_CHECK(Caller::hold(tx, principal, now, credentials->user.id));
    BALUHOST_TRY(const auto present, tx.users().find_credentials(name));
    if (!present || present->user.id != credentials->user.id)
      return Error{Errc::token_revoked, "the user is gone"};
    if (present->password.phc.reveal() != credentials->password.phc.reveal()) {
      return Error{Errc::conflict, "the password was changed meanwhile"};
    }
    UserChanges changes;
    changes.password = *hash;
    BALUHOST_CHECK(tx.users().update(present->user.id, changes, now));
    BALUHOST_CHECK(tx.sessions().revoke_all(present->user.id, principal.session(), now));
    AuditEvents events{about(name.str(), Action::password_changed)};
    if (keys == KeysAfter::kept) return events;
    BALUHOST_TRY(auto ended, end_keys(tx, present->user.id, deps_.audit_log, principal));
    for (auto& event : ended) events += std::move(event);
    return events;
  });
  if (!done) return failed(std::move(done).error());
  deps_.throttle.succeeded(name.str(), principal.client().ip_address);
  deps_.identities.forget();
  return {};
}

} // namespace baluhost
