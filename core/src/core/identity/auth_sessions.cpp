#include "baluhost/core/identity/auth_service.hpp"

#include "access/permission_gate.hpp"
#include "baluhost/core/identity/password_policy.hpp"
#include "baluhost/domain/text.hpp"
#include "baluhost/ports/transactions.hpp"

#include <utility>
#include <vector>

/// What a user does with sessions and the own password, and what an administrator does with others'
/// sessions.
namespace baluhost {
namespace {

constexpr std::size_t kSessionsAtOnce = 500;

Result<UserId> own_user(const Principal& principal) {
  if (!principal.user()) return Error{Errc::not_found, "a local operator has no account"};
  return *principal.user();
}

Error no_such_session() { return {Errc::not_found, "no such live session"}; }

bool is_live(const Session& session, Timestamp now) {
  return !session.revoked_at && session.expires_at > now;
}

/// An id comes from a client: what cannot be one is not looked up.
bool could_be(const SessionId& id) {
  return id.value.size() == 32 &&
         id.value.find_first_not_of("0123456789abcdef") == std::string::npos;
}

NewAuditEvent on(std::string_view resource, NewAuditEvent event) {
  event.resource = clamp_text(resource, AuditLimits::resource);
  return event;
}

} // namespace

Result<void> AuthService::logout(const Principal& principal) {
  auto event = parts_.audit_log.draft(Action::logout, principal);
  if (!principal.session())
    return parts_.audit_log.failed(std::move(event), Error{Errc::conflict, "no session"});
  event.resource = principal.session()->value;
  auto done = parts_.database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(Caller::hold(tx, principal, principal.user()));
    BALUHOST_CHECK(tx.sessions().revoke(*principal.session(), parts_.clock.now()));
    return AuditEvents{event};
  });
  if (!done) return parts_.audit_log.failed(std::move(event), std::move(done).error());
  parts_.identities.forget();
  return {};
}

Result<void> AuthService::logout_all(const Principal& principal) {
  const auto event = parts_.audit_log.draft(Action::logout_all, principal);
  auto done = parts_.database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_TRY(const auto user, own_user(principal));
    BALUHOST_CHECK(Caller::hold(tx, principal, user));
    BALUHOST_TRY(const auto revoked,
                 tx.sessions().revoke_all(user, std::nullopt, parts_.clock.now()));
    return AuditEvents{with_details(event, JsonObject{}.add("sessions", revoked))};
  });
  if (!done) return parts_.audit_log.failed(event, std::move(done).error());
  parts_.identities.forget();
  return {};
}

Result<User> AuthService::me(const Principal& principal) {
  BALUHOST_TRY(const auto id, own_user(principal));
  BALUHOST_TRY(auto user,
               query(parts_.database, [&](ReadTransaction& tx) { return tx.users().find(id); }));
  if (!user) return Error{Errc::token_revoked, "the user is gone"};
  return std::move(*user);
}

Result<Credentials> AuthService::own_credentials(const Principal& principal) {
  BALUHOST_TRY(const auto id, own_user(principal));
  return query(parts_.database, [&](ReadTransaction& tx) -> Result<Credentials> {
    BALUHOST_TRY(const auto user, tx.users().find(id));
    if (!user) return Error{Errc::token_revoked, "the user is gone"};
    BALUHOST_TRY(auto credentials, tx.users().find_credentials(user->username));
    if (!credentials) return Error{Errc::token_revoked, "the user is gone"};
    return *std::move(credentials);
  });
}

Result<void> AuthService::change_password(const Principal& principal, const Secret& current,
                                          const Secret& next) {
  const auto& address = principal.client().ip_address;
  const auto failed = [&](Error error) {
    return parts_.audit_log.failed(
        on(principal.name(), parts_.audit_log.draft(Action::password_change_failed, principal)),
        std::move(error));
  };

  auto credentials = own_credentials(principal);
  if (!credentials) return failed(std::move(credentials).error());
  const auto& name = credentials->user.username;
  auto prepared = prepare_password(next, name);
  if (!prepared) return failed(std::move(prepared).error().at("/new_password"));

  // Who has a session is not stopped by what others fail at elsewhere, only by guesses from the
  // same address.
  const auto wait = parts_.throttle.wait(name.str(), address, true, credentials->unlocked_at);
  if (!wait.admitted) {
    return failed(Error{.code = Errc::rate_limited,
                        .detail = "too many wrong passwords",
                        .retry_after = wait.wait});
  }
  const auto normal = normalise_password(current);
  const auto verified = parts_.hasher.verify(normal ? *normal : Secret{}, credentials->password);
  if (!verified) return failed(verified.error());
  if (!*verified || !normal) {
    parts_.throttle.failed(name.str(), address, wait);
    return failed(Error{Errc::invalid_credentials, "the current password does not fit"});
  }

  auto hash = parts_.hasher.hash(*prepared);
  if (!hash) return failed(std::move(hash).error());
  auto done = parts_.database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    const auto now = parts_.clock.now();
    BALUHOST_CHECK(Caller::hold(tx, principal, credentials->user.id));
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
    return AuditEvents{on(name.str(), parts_.audit_log.draft(Action::password_changed, principal))};
  });
  if (!done) return failed(std::move(done).error());
  parts_.throttle.succeeded(name.str(), address);
  parts_.identities.forget();
  return {};
}

Result<Page<Session>> AuthService::page_of_sessions(UserId user, const PageRequest& request) {
  const auto limit = page_limit(request);
  const auto list = "sessions:" + std::to_string(user.value);
  std::optional<SessionId> after;
  if (request.cursor) {
    BALUHOST_TRY(auto key, read_cursor(list, *request.cursor));
    after = SessionId{std::move(key)};
  }
  BALUHOST_TRY(auto rows, query(parts_.database, [&](ReadTransaction& tx) {
                 return tx.sessions().list(user, parts_.clock.now(), after, limit + 1);
               }));
  return make_page(std::move(rows), limit, list,
                   [](const Session& session) { return session.id.value; });
}

Result<Page<Session>> AuthService::sessions(const Principal& principal, const PageRequest& page) {
  BALUHOST_TRY(const auto user, own_user(principal));
  return page_of_sessions(user, page);
}

Result<void> AuthService::revoke_session(const Principal& principal, const SessionId& id) {
  const auto event = on(id.value, parts_.audit_log.draft(Action::session_revoked, principal));
  struct Seen {
    bool is_anothers{false};
  };
  auto done =
      attempt<Seen>(parts_.database, [&](WriteTransaction& tx, Seen& seen) -> Result<AuditEvents> {
        const auto now = parts_.clock.now();
        BALUHOST_TRY(const auto user, own_user(principal));
        BALUHOST_CHECK(Caller::hold(tx, principal, user));
        if (!could_be(id)) return no_such_session();
        BALUHOST_TRY(const auto state, tx.sessions().find(id));
        if (!state || !is_live(state->session, now)) return no_such_session();
        seen.is_anothers = state->session.user != user;
        if (seen.is_anothers) return no_such_session();
        BALUHOST_CHECK(tx.sessions().revoke(id, now));
        return AuditEvents{event};
      });
  if (done.seen.is_anothers) {
    return parts_.audit_log.denied(principal, std::string{kSessionsRoute} + "/" + id.value,
                                   Operation::session_revoked, to_string(Permission::administer),
                                   std::move(done.result).error());
  }
  if (!done.result) return parts_.audit_log.failed(event, std::move(done.result).error());
  parts_.identities.forget();
  return {};
}

Result<Page<Session>> AuthService::sessions_of(const Principal& principal, const Username& name,
                                               const PageRequest& page) {
  BALUHOST_CHECK(
      require_admin_for(parts_.audit_log, principal, name, Operation::list_sessions, "/sessions"));
  BALUHOST_TRY(const auto user,
               query(parts_.database, [&](ReadTransaction& tx) { return tx.users().find(name); }));
  if (!user) return Error{Errc::not_found, "no such user"};
  return page_of_sessions(user->id, page);
}

Result<void> AuthService::revoke_any_session(const Principal& principal, const SessionId& id) {
  RoleGate gate(parts_.audit_log, principal, Permission::administer,
                std::string{kSessionsRoute} + "/" + id.value, Operation::session_revoked);
  BALUHOST_CHECK(gate.admit());
  const auto event = on(id.value, parts_.audit_log.draft(Action::session_revoked, principal));
  auto done = parts_.database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    const auto now = parts_.clock.now();
    std::optional<SessionState> seen;
    if (could_be(id)) {
      BALUHOST_TRY(seen, tx.sessions().find(id));
    }
    BALUHOST_CHECK(gate.hold(tx, seen ? std::optional{seen->user.id} : std::nullopt));
    if (!seen) return no_such_session();
    BALUHOST_TRY(const auto state, tx.sessions().find(id));
    if (!state || !is_live(state->session, now)) return no_such_session();
    BALUHOST_CHECK(tx.sessions().revoke(id, now));
    return AuditEvents{event};
  });
  if (!done) return gate.failed(event, std::move(done).error());
  parts_.identities.forget();
  return {};
}

// One `session_revoked` for each session, so that each can be followed from its login to its end,
// and one `logout_all` for the whole.
Result<std::int64_t> AuthService::revoke_sessions_of(const Principal& principal,
                                                     const Username& name) {
  RoleGate gate(parts_.audit_log, principal, name, Operation::logout_all, "/sessions");
  BALUHOST_CHECK(gate.admit());
  const auto event = with_details(parts_.audit_log.draft(Action::logout_all, principal),
                                  JsonObject{}.add("username", name.str()));
  auto ended = record(parts_.database, [&](WriteTransaction& tx) -> Result<Recorded<std::int64_t>> {
    const auto now = parts_.clock.now();
    BALUHOST_TRY(const auto user, tx.users().find(name));
    BALUHOST_CHECK(gate.hold(tx, user ? std::optional{user->id} : std::nullopt));
    if (!user) return Error{Errc::not_found, "no such user"};
    std::vector<NewAuditEvent> events;
    for (std::optional<SessionId> after;;) {
      BALUHOST_TRY(const auto live, tx.sessions().list(user->id, now, after, kSessionsAtOnce));
      for (const auto& session : live) {
        events.push_back(
            on(session.id.value, parts_.audit_log.draft(Action::session_revoked, principal)));
      }
      if (live.size() < kSessionsAtOnce) break;
      after = live.back().id;
    }
    BALUHOST_TRY(const auto count, tx.sessions().revoke_all(user->id, std::nullopt, now));
    return recorded(count, AuditEvents{with_details(event, JsonObject{}.add("sessions", count)),
                                       std::move(events)});
  });
  if (!ended) return gate.failed(event, std::move(ended).error());
  parts_.identities.forget();
  return ended;
}

} // namespace baluhost
