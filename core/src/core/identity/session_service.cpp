#include "baluhost/core/identity/session_service.hpp"

#include "access/permission_gate.hpp"
#include "baluhost/domain/text.hpp"
#include "baluhost/ports/transactions.hpp"

#include <utility>
#include <vector>

namespace baluhost {
namespace {

constexpr std::size_t kSessionsAtOnce = 500;

Error no_such_session() { return {Errc::not_found, "no such live session"}; }

bool is_live(const Session& session, Timestamp now) {
  return !session.revoked_at && session.expires_at > now;
}

NewAuditEvent on(std::string_view resource, NewAuditEvent event) {
  event.resource = clamp_text(resource, AuditLimits::resource);
  return event;
}

} // namespace

SessionService::SessionService(Database& database, AuditLog& audit, IdentityCache& identities,
                               const Clock& clock)
    : database_(database), audit_log_(audit), identities_(identities), clock_(clock) {}

Result<void> SessionService::logout(const Principal& principal) {
  auto event = audit_log_.draft(Action::logout, principal);
  if (!principal.session())
    return audit_log_.failed(std::move(event), Error{Errc::conflict, "no session"});
  event.resource = principal.session()->value;
  auto done = database_.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(Caller::hold(tx, principal, clock_.now(), principal.user()));
    BALUHOST_CHECK(tx.sessions().revoke(*principal.session(), clock_.now()));
    return AuditEvents{event};
  });
  if (!done) return audit_log_.failed(std::move(event), std::move(done).error());
  identities_.forget();
  return {};
}

Result<void> SessionService::logout_all(const Principal& principal) {
  const auto event = audit_log_.draft(Action::logout_all, principal);
  auto done = database_.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_TRY(const auto user, principal.account());
    const auto now = clock_.now();
    BALUHOST_CHECK(Caller::hold(tx, principal, now, user));
    BALUHOST_TRY(const auto revoked, tx.sessions().revoke_all(user, std::nullopt, now));
    return AuditEvents{with_details(event, JsonObject{}.add("sessions", revoked))};
  });
  if (!done) return audit_log_.failed(event, std::move(done).error());
  identities_.forget();
  return {};
}

Result<Page<Session>> SessionService::page_of(UserId user, const PageRequest& request) {
  const auto limit = page_limit(request);
  const auto list = "sessions:" + std::to_string(user.value);
  BALUHOST_TRY(const auto after, id_before<SessionId>(list, request));
  BALUHOST_TRY(auto rows, query(database_, [&](ReadTransaction& tx) {
                 return tx.sessions().list(user, clock_.now(), after, limit + 1);
               }));
  return make_page(std::move(rows), limit, list,
                   [](const Session& session) { return session.id.value; });
}

Result<Page<Session>> SessionService::list(const Principal& principal, const PageRequest& page) {
  BALUHOST_TRY(const auto user, principal.account());
  return page_of(user, page);
}

Result<void> SessionService::revoke(const Principal& principal, const SessionId& id) {
  const auto event = on(id.value, audit_log_.draft(Action::session_revoked, principal));
  struct Seen {
    bool is_anothers{false};
  };
  auto done =
      attempt<Seen>(database_, [&](WriteTransaction& tx, Seen& seen) -> Result<AuditEvents> {
        const auto now = clock_.now();
        BALUHOST_TRY(const auto user, principal.account());
        BALUHOST_CHECK(Caller::hold(tx, principal, now, user));
        BALUHOST_TRY(const auto state, tx.sessions().find(id));
        if (!state || !is_live(state->session, now)) return no_such_session();
        seen.is_anothers = state->session.user != user;
        if (seen.is_anothers) return no_such_session();
        BALUHOST_CHECK(tx.sessions().revoke(id, now));
        return AuditEvents{event};
      });
  if (done.seen.is_anothers) {
    return audit_log_.denied(principal, std::string{kSessionsRoute} + "/" + id.value,
                             Operation::session_revoked, to_string(Permission::administer),
                             std::move(done.result).error());
  }
  if (!done.result) return audit_log_.failed(event, std::move(done.result).error());
  identities_.forget();
  return {};
}

Result<Page<Session>> SessionService::list_of(const Principal& principal, const Username& name,
                                              const PageRequest& page) {
  BALUHOST_CHECK(
      require_admin_for(audit_log_, principal, name, Operation::list_sessions, "/sessions"));
  BALUHOST_TRY(const auto user,
               query(database_, [&](ReadTransaction& tx) { return tx.users().find(name); }));
  if (!user) return Error{Errc::not_found, "no such user"};
  return page_of(user->id, page);
}

Result<void> SessionService::revoke_any(const Principal& principal, const SessionId& id) {
  RoleGate gate(audit_log_, principal, Permission::administer,
                std::string{kSessionsRoute} + "/" + id.value, Operation::session_revoked);
  BALUHOST_CHECK(gate.admit());
  const auto event = on(id.value, audit_log_.draft(Action::session_revoked, principal));
  auto done = database_.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    const auto now = clock_.now();
    BALUHOST_TRY(const auto seen, tx.sessions().find(id));
    BALUHOST_CHECK(gate.hold(tx, seen ? std::optional{seen->user.id} : std::nullopt));
    if (!seen) return no_such_session();
    BALUHOST_TRY(const auto state, tx.sessions().find(id));
    if (!state || !is_live(state->session, now)) return no_such_session();
    BALUHOST_CHECK(tx.sessions().revoke(id, now));
    return AuditEvents{event};
  });
  if (!done) return gate.failed(event, std::move(done).error());
  identities_.forget();
  return {};
}

// One `session_revoked` for each session, so that each can be followed from its login to its end,
// and one `logout_all` for the whole.
Result<std::int64_t> SessionService::revoke_all_of(const Principal& principal,
                                                   const Username& name) {
  RoleGate gate(audit_log_, principal, name, Operation::logout_all, "/sessions");
  BALUHOST_CHECK(gate.admit());
  BALUHOST_CHECK(
      spare_owner_of_key(audit_log_, principal, name, Operation::logout_all, "/sessions"));
  const auto event = with_details(audit_log_.draft(Action::logout_all, principal),
                                  JsonObject{}.add("username", name.str()));
  auto ended = record(database_, [&](WriteTransaction& tx) -> Result<Recorded<std::int64_t>> {
    const auto now = clock_.now();
    BALUHOST_TRY(const auto user, tx.users().find(name));
    BALUHOST_CHECK(gate.hold(tx, user ? std::optional{user->id} : std::nullopt));
    if (!user) return Error{Errc::not_found, "no such user"};
    std::vector<NewAuditEvent> events;
    for (std::optional<SessionId> after;;) {
      BALUHOST_TRY(const auto live, tx.sessions().list(user->id, now, after, kSessionsAtOnce));
      for (const auto& session : live) {
        events.push_back(
            on(session.id.value, audit_log_.draft(Action::session_revoked, principal)));
      }
      if (live.size() < kSessionsAtOnce) break;
      after = live.back().id;
    }
    BALUHOST_TRY(const auto count, tx.sessions().revoke_all(user->id, std::nullopt, now));
    return recorded(count, AuditEvents{with_details(event, JsonObject{}.add("sessions", count)),
                                       std::move(events)});
  });
  if (!ended) return gate.failed(event, std::move(ended).error());
  identities_.forget();
  return ended;
}

} // namespace baluhost
