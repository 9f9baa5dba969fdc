#include "baluhost/core/identity/auth_service.hpp"

#include "access/caller.hpp"
#include "baluhost/core/identity/password_policy.hpp"
#include "identity/own_password_check.hpp"
#include "keys/key_ending.hpp"
#include "second_factor/factor_changes.hpp"

#include <utility>

namespace baluhost {
namespace {

/// Ends what the old one opened, but for the session that changes it.
Result<void> set_password(WriteTransaction& tx, const Principal& principal,
                          const Credentials& credentials, const PasswordHash& hash, Timestamp now) {
  const auto account = credentials.user.id;
  BALUHOST_CHECK(Caller::hold(tx, principal, now, account));
  BALUHOST_CHECK(OwnPasswordCheck::hold(tx, credentials));
  UserChanges changes;
  changes.password = hash;
  BALUHOST_CHECK(tx.users().update(account, changes, now));
  BALUHOST_CHECK(tx.sessions().revoke_all(account, principal.session(), now));
  return end_unfinished_factors(tx, account);
}

} // namespace

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

  const OwnPasswordCheck own_password(deps_.database, deps_.throttle, deps_.hasher);
  auto credentials = own_password.credentials(principal);
  if (!credentials) return failed(std::move(credentials).error());
  const auto& name = credentials->user.username;
  auto prepared = prepare_password(next, name);
  if (!prepared) return failed(std::move(prepared).error().at("/new_password"));

  if (auto checked = own_password.check(principal, *credentials, current); !checked)
    return failed(std::move(checked).error());
  auto hash = deps_.hasher.hash(*prepared);
  if (!hash) return failed(std::move(hash).error());
  auto done = deps_.database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(set_password(tx, principal, *credentials, *hash, deps_.clock.now()));
    AuditEvents events{about(name.str(), Action::password_changed)};
    if (keys == KeysAfter::kept) return events;
    BALUHOST_TRY(auto ended, end_keys(tx, credentials->user.id, deps_.audit_log, principal));
    for (auto& event : ended) events += std::move(event);
    return events;
  });
  if (!done) return failed(std::move(done).error());
  deps_.throttle.succeeded(name.str(), principal.client().ip_address);
  deps_.identities.forget();
  return {};
}

} // namespace baluhost
