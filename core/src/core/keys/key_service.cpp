#include "baluhost/core/keys/key_service.hpp"

#include "access/path_access.hpp"
#include "access/permission_gate.hpp"
#include "baluhost/domain/text.hpp"
#include "baluhost/ports/transactions.hpp"
#include "keys/key_ending.hpp"
#include "keys/key_secret.hpp"

#include <utility>

namespace baluhost {
namespace {

Error no_such_key() { return {Errc::not_found, "no such key"}; }

Result<void> check(const NewKey& request, Timestamp now) {
  const auto length = code_points(request.name);
  if (length == 0 || length > KeyLimits::name || has_control_or_bidi(request.name))
    return invalid("must have 1 to 100 characters, none of them a control character").at("/name");
  if (request.name.front() == ' ' || request.name.back() == ' ')
    return invalid("must not begin or end with a space").at("/name");
  if (request.scopes.empty()) return invalid("must name at least one scope").at("/scopes");
  if (request.protocols.empty()) return invalid("must name at least one protocol").at("/protocols");
  if (request.allow_from.size() > KeyLimits::networks)
    return invalid("must be 32 networks at most").at("/allow_from");
  if (request.expires_at && *request.expires_at <= now)
    return invalid("must lie in the future").at("/expires_at");
  return {};
}

/// What of a new key is on record.
JsonObject details_of(const NewKey& request) {
  std::vector<std::string> scopes;
  for (const auto scope : request.scopes.list()) scopes.push_back(json_text(to_string(scope)));
  JsonObject details;
  details.add("name", request.name).add_json("scopes", json_array(scopes));
  if (request.path) details.add("path", request.path->str());
  if (request.expires_at) details.add("expires_at", request.expires_at->to_rfc3339());
  return details;
}

/// Without its root.
Key key_of(const NewKey& request, KeyId id, UserId owner, Timestamp now) {
  return {.id = std::move(id),
          .owner = owner,
          .name = request.name,
          .scopes = request.scopes,
          .root = {},
          .protocols = request.protocols,
          .allow_from = request.allow_from,
          .created_at = now,
          .expires_at = request.expires_at};
}

NewAuditEvent on(const KeyId& id, NewAuditEvent event) {
  event.resource = id.value;
  return event;
}

} // namespace

KeyService::KeyService(const Dependencies& deps) : deps_(deps) {}

Result<MadeKey> KeyService::create(const Principal& principal, const NewKey& request) {
  const auto event =
      with_details(deps_.audit_log.draft(Action::key_created, principal), details_of(request));
  const auto failed = [&](Error error) { return deps_.audit_log.failed(event, std::move(error)); };
  if (principal.key() != nullptr) {
    return deps_.audit_log.denied(principal, kKeysRoute, Operation::key_created, "session",
                                  {Errc::forbidden, "a key makes no keys"});
  }
  const auto now = deps_.clock.now();
  if (auto valid = check(request, now); !valid) return failed(std::move(valid).error());
  auto secret = make_key_secret(deps_.random, deps_.digester);
  if (!secret) return failed(std::move(secret).error());
  auto id = deps_.random.bytes(KeyId::kBytes);
  if (!id) return failed(std::move(id).error());

  PathGate gate(deps_.audit_log, principal, Operation::key_created);
  const auto work = [&](WriteTransaction& tx) -> Result<Recorded<PlacedKey>> {
    BALUHOST_TRY(const auto owner, principal.account());
    BALUHOST_CHECK(Caller::hold(tx, principal, now, owner));
    BALUHOST_TRY(const auto count, tx.keys().count(owner));
    if (count >= static_cast<std::int64_t>(KeyLimits::keys_of_account))
      return Error{Errc::conflict, "as many keys as an account may have"};
    Key key = key_of(request, KeyId{to_hex(*id)}, owner, now);
    if (request.path) {
      BALUHOST_TRY(const auto access, gate.admit(tx, *request.path, {}));
      if (!access.resolution.complete) return Error{Errc::not_found, "nothing is at the path"};
      key.root = access.resolution.found.back().id;
    }
    BALUHOST_CHECK(tx.keys().insert(key, KeyHash{deps_.digester.sha256(secret->reveal())}));
    auto made = on(key.id, event);
    return recorded(PlacedKey{std::move(key), request.path}, std::move(made));
  };
  auto placed = record(deps_.database, work);
  if (!placed) return gate.failed(event, std::move(placed).error());
  return MadeKey{*std::move(placed), *std::move(secret)};
}

// A use that was noted here a moment ago may not be in the row yet.
Result<Page<PlacedKey>> KeyService::page_of(UserId owner, const PageRequest& request) {
  const auto limit = page_limit(request);
  const auto list = "keys:" + std::to_string(owner.value);
  BALUHOST_TRY(const auto after, id_before<KeyId>(list, request));
  BALUHOST_TRY(auto rows, query(deps_.database, [&](ReadTransaction& tx) {
                 return tx.keys().list(owner, after, limit + 1);
               }));
  for (auto& [key, path] : rows) {
    const auto use = deps_.uses.latest(key.id);
    if (!use || use->at < key.last_used_at.value_or(Timestamp{})) continue;
    key.last_used_at = use->at;
    key.last_used_ip = use->ip_address;
  }
  return make_page(std::move(rows), limit, list,
                   [](const PlacedKey& placed) { return placed.key.id.value; });
}

Result<Page<PlacedKey>> KeyService::list(const Principal& principal, const PageRequest& page) {
  BALUHOST_TRY(const auto owner, principal.account());
  return page_of(owner, page);
}

Result<void> KeyService::revoke(const Principal& principal, const KeyId& id) {
  const auto event = on(id, deps_.audit_log.draft(Action::key_revoked, principal));
  struct Seen {
    bool is_anothers{false};
  };
  auto done =
      attempt<Seen>(deps_.database, [&](WriteTransaction& tx, Seen& seen) -> Result<AuditEvents> {
        BALUHOST_TRY(const auto owner, principal.account());
        BALUHOST_CHECK(Caller::hold(tx, principal, deps_.clock.now(), owner));
        BALUHOST_TRY(const auto state, tx.keys().find(id));
        if (!state) return no_such_key();
        seen.is_anothers = state->key.owner != owner;
        if (seen.is_anothers) return no_such_key();
        BALUHOST_CHECK(tx.keys().remove(id));
        return AuditEvents{about_key(event, state->key)};
      });
  if (done.seen.is_anothers) {
    return deps_.audit_log.denied(principal, std::string{kKeysRoute} + "/" + id.value,
                                  Operation::key_revoked, to_string(Permission::administer),
                                  std::move(done.result).error());
  }
  if (!done.result) return deps_.audit_log.failed(event, std::move(done.result).error());
  deps_.identities.forget();
  return {};
}

Result<Page<PlacedKey>> KeyService::list_of(const Principal& principal, const Username& name,
                                            const PageRequest& page) {
  BALUHOST_CHECK(
      require_admin_for(deps_.audit_log, principal, name, Operation::list_keys, "/keys"));
  BALUHOST_TRY(const auto user,
               query(deps_.database, [&](ReadTransaction& tx) { return tx.users().find(name); }));
  if (!user) return Error{Errc::not_found, "no such user"};
  return page_of(user->id, page);
}

namespace {

/// Ends the key `id`, of `owner` where one is named, for who passes `gate`.
Result<void> revoke_through(RoleGate& gate, const KeyService::Dependencies& deps,
                            const Principal& principal, const KeyId& id,
                            const std::optional<Username>& owner) {
  BALUHOST_CHECK(gate.admit());
  const auto event = on(id, deps.audit_log.draft(Action::key_revoked, principal));
  auto done = deps.database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_TRY(const auto seen, tx.keys().find(id));
    BALUHOST_CHECK(gate.hold(tx, seen ? std::optional{seen->user.id} : std::nullopt));
    if (!seen || (owner && seen->user.username != *owner)) return no_such_key();
    BALUHOST_CHECK(tx.keys().remove(id)); // not_found, if another was faster
    return AuditEvents{with_details(about_key(event, seen->key),
                                    JsonObject{}.add("username", seen->user.username.str()))};
  });
  if (!done) return gate.failed(event, std::move(done).error());
  deps.identities.forget();
  return {};
}

} // namespace

Result<void> KeyService::revoke_of(const Principal& principal, const Username& user,
                                   const KeyId& id) {
  RoleGate gate(deps_.audit_log, principal, user, Operation::key_revoked, "/keys/" + id.value);
  return revoke_through(gate, deps_, principal, id, user);
}

Result<void> KeyService::revoke_any(const Principal& principal, const KeyId& id) {
  RoleGate gate(deps_.audit_log, principal, Permission::administer,
                std::string{kKeysRoute} + "/" + id.value, Operation::key_revoked);
  return revoke_through(gate, deps_, principal, id, std::nullopt);
}

} // namespace baluhost
