#include "baluhost/core/identity/user_service.hpp"

#include "access/grant_tree.hpp"
#include "access/permission_gate.hpp"
#include "access/share_ends.hpp"
#include "baluhost/core/identity/password_policy.hpp"
#include "baluhost/ports/transactions.hpp"
#include "files/tree_removal.hpp"
#include "identity/user_changes.hpp"
#include "keys/key_ending.hpp"
#include "second_factor/factor_changes.hpp"
#include "transfers/upload_rights.hpp"
#include "trash/tree_events.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

/// Who may administer is settled before anything else; roles are locked before they are counted, so
/// that two administrators who demote each other at the same moment do not leave none. Hashes are
/// made outside of transactions.
namespace baluhost {
namespace {

constexpr std::string_view kUserList = "users";

NewAuditEvent about(const Username& name, NewAuditEvent event) {
  event.resource = name.str();
  return event;
}

Error no_such_user() { return {Errc::not_found, "no such user"}; }

Result<User> user_named(ReadTransaction& tx, const Username& name) {
  BALUHOST_TRY(auto user, tx.users().find(name));
  if (!user) return no_such_user();
  return std::move(*user);
}

/// The user of that name, held to be changed, and the caller with them. Who got the name of one
/// that was deleted while this waited is another user.
Result<User> hold_user(WriteTransaction& tx, RoleGate& gate, const Username& name) {
  const auto seen = user_named(tx, name);
  BALUHOST_CHECK(gate.hold(tx, seen ? std::optional{seen->id} : std::nullopt));
  if (!seen) return seen.error();
  BALUHOST_TRY(auto user, user_named(tx, name));
  if (user.id != seen->id) return no_such_user();
  return user;
}

Result<PasswordHash> hash_new(PasswordHasher& hasher, const Secret& password,
                              const Username& name) {
  auto prepared = prepare_password(password, name);
  if (!prepared) return std::move(prepared).error().at("/password");
  return hasher.hash(*prepared);
}

/// The user and, named alike, the home.
Result<User> insert_with_home(WriteTransaction& tx, const NewUser& fresh) {
  BALUHOST_TRY(auto home, FileName::parse(fresh.username.str()));
  BALUHOST_TRY(auto user, tx.users().insert(fresh));
  BALUHOST_CHECK(tx.files().insert(NewFileEntry{.parent = std::nullopt,
                                                .name = std::move(home),
                                                .kind = FileKind::directory,
                                                .owner = user.id,
                                                .created_at = fresh.created_at,
                                                .modified_at = fresh.created_at}));
  return user;
}

Result<void> keep_an_admin(ReadTransaction& tx, const User& leaving) {
  if (leaving.role != Role::admin || !leaving.enabled) return {};
  BALUHOST_TRY(const auto admins, tx.users().count_enabled_admins());
  if (admins <= 1) return Error{Errc::conflict, "the last enabled administrator"};
  return {};
}

/// What a request sets, without members that have that value already.
UserChanges changes_of(const User& user, const UpdateUser& request,
                       const std::optional<PasswordHash>& hash) {
  UserChanges changes;
  if (request.role && *request.role != user.role) changes.role = request.role;
  if (request.enabled && *request.enabled != user.enabled) changes.enabled = request.enabled;
  if (request.email && *request.email != user.email) changes.email = request.email;
  if (request.quota_bytes && *request.quota_bytes != user.quota_bytes)
    changes.quota_bytes = request.quota_bytes;
  changes.password = hash;
  return changes;
}

bool sets(const UserChanges& changes) {
  return changes.role || changes.enabled || changes.email || changes.quota_bytes ||
         changes.password;
}

} // namespace

UserService::UserService(Database& database, AuditLog& audit, IdentityCache& identities,
                         PasswordHasher& hasher, const Clock& clock)
    : database_(database),
      audit_log_(audit),
      identities_(identities),
      hasher_(hasher),
      clock_(clock) {}

Result<User> UserService::create(const Principal& principal, const CreateUser& request) {
  RoleGate gate(audit_log_, principal, Permission::administer, std::string{kUsersRoute},
                Operation::user_created);
  BALUHOST_CHECK(gate.admit());
  NewUser fresh{.username = request.username,
                .email = request.email,
                .role = request.role,
                .quota_bytes = request.quota_bytes,
                .created_at = clock_.now()};
  auto event =
      with_details(about(request.username, audit_log_.draft(Action::user_created, principal)),
                   changes_of_new(fresh));
  auto hash = hash_new(hasher_, request.password, request.username);
  if (!hash) return audit_log_.failed(std::move(event), std::move(hash).error());
  fresh.password = std::move(*hash);

  auto made = record(database_, [&](WriteTransaction& tx) -> Result<Recorded<User>> {
    BALUHOST_CHECK(gate.hold(tx));
    BALUHOST_TRY(auto user, insert_with_home(tx, fresh));
    return recorded(std::move(user), event);
  });
  if (!made) return gate.failed(std::move(event), std::move(made).error());
  return made;
}

Result<User> UserService::create_first_admin(const Username& name, const Secret& password) {
  NewUser fresh{.username = name, .role = Role::admin, .created_at = clock_.now()};
  auto event =
      with_details(about(name, audit_log_.draft(Action::user_created)), changes_of_new(fresh));
  auto hash = hash_new(hasher_, password, name);
  if (!hash) return audit_log_.failed(std::move(event), std::move(hash).error());
  fresh.password = std::move(*hash);

  auto made = record(database_, [&](WriteTransaction& tx) -> Result<Recorded<User>> {
    BALUHOST_CHECK(tx.users().lock_roles());
    BALUHOST_TRY(const auto admins, tx.users().count_enabled_admins());
    if (admins > 0) return Error{Errc::conflict, "there is an administrator already"};
    BALUHOST_TRY(auto user, insert_with_home(tx, fresh));
    return recorded(std::move(user), event);
  });
  if (!made) return audit_log_.failed(std::move(event), std::move(made).error());
  return made;
}

Result<bool> UserService::has_admin() {
  BALUHOST_TRY(const auto admins, query(database_, [&](ReadTransaction& tx) {
                 return tx.users().count_enabled_admins();
               }));
  return admins > 0;
}

Result<bool> UserService::exists(const Username& name) {
  BALUHOST_TRY(const auto user,
               query(database_, [&](ReadTransaction& tx) { return tx.users().find(name); }));
  return user.has_value();
}

Result<Page<User>> UserService::list(const Principal& principal, const PageRequest& page) {
  BALUHOST_CHECK(require_permission(audit_log_, principal, Permission::administer, kUsersRoute,
                                    Operation::list_users));
  const auto limit = page_limit(page);
  std::optional<Username> after;
  if (page.cursor) {
    BALUHOST_TRY(const auto key, read_cursor(kUserList, *page.cursor));
    auto name = Username::parse(key);
    if (!name) return invalid_cursor();
    after = std::move(*name);
  }
  BALUHOST_TRY(auto rows, query(database_, [&](ReadTransaction& tx) {
                 return tx.users().list(after, limit + 1);
               }));
  return make_page(std::move(rows), limit, kUserList,
                   [](const User& user) { return user.username.str(); });
}

Result<User> UserService::get(const Principal& principal, const Username& name) {
  const bool own_name = principal.name() == name.str();
  if (!own_name)
    BALUHOST_CHECK(require_admin_for(audit_log_, principal, name, Operation::get_user));
  BALUHOST_TRY(auto user,
               query(database_, [&](ReadTransaction& tx) { return user_named(tx, name); }));
  if (own_name && principal.user() != user.id)
    BALUHOST_CHECK(require_admin_for(audit_log_, principal, name, Operation::get_user));
  return user;
}

Result<User> UserService::me(const Principal& principal) {
  BALUHOST_TRY(const auto id, principal.account());
  BALUHOST_TRY(auto user,
               query(database_, [&](ReadTransaction& tx) { return tx.users().find(id); }));
  if (!user) return Error{Errc::token_revoked, "the user is gone"};
  return std::move(*user);
}

Result<User> UserService::update(const Principal& principal, const Username& name,
                                 const UpdateUser& request) {
  const auto drafted = [&](Action action) {
    return about(name, audit_log_.draft(action, principal));
  };
  const auto action = action_of(request);
  const auto failure = [&] {
    return drafted(action == Action::password_changed ? Action::password_change_failed : action);
  };
  RoleGate gate(audit_log_, principal, name, operation_of(request));
  BALUHOST_CHECK(gate.admit());
  if (request.password || request.enabled)
    BALUHOST_CHECK(spare_owner_of_key(audit_log_, principal, name, operation_of(request)));
  std::optional<PasswordHash> hash;
  if (request.password) {
    auto made = hash_new(hasher_, *request.password, name);
    if (!made) return audit_log_.failed(failure(), std::move(made).error());
    hash = std::move(*made);
  }

  using Before = std::optional<User>;
  auto done = attempt<Before>(
      database_, [&](WriteTransaction& tx, Before& before) -> Result<Recorded<User>> {
        if (request.role || request.enabled) BALUHOST_CHECK(tx.users().lock_roles());
        BALUHOST_TRY(before, hold_user(tx, gate, name));
        return change(tx, principal, *before, changes_of(*before, request, hash), request.keep_keys,
                      drafted);
      });
  if (!done.result) {
    auto event = failure();
    if (done.seen) event = with_details(std::move(event), details_of(action, *done.seen, request));
    return gate.failed(std::move(event), std::move(done.result).error());
  }
  identities_.forget();
  return std::move(done.result);
}

Result<Recorded<User>> UserService::change(WriteTransaction& tx, const Principal& principal,
                                           const User& before, const UserChanges& changes,
                                           bool keep_keys,
                                           FunctionRef<NewAuditEvent(Action)> drafted) {
  const auto now = clock_.now();
  const bool disables = changes.enabled && !*changes.enabled;
  if (changes.role && principal.user() == before.id)
    return Error{Errc::conflict, "nobody changes their own role"};
  if ((changes.role && *changes.role != Role::admin) || disables) {
    BALUHOST_CHECK(keep_an_admin(tx, before));
  }
  auto after = before;
  if (sets(changes)) {
    BALUHOST_TRY(after, tx.users().update(before.id, changes, now));
  }
  if (changes.password || disables) {
    BALUHOST_CHECK(tx.sessions().revoke_all(before.id, std::nullopt, now));
    BALUHOST_CHECK(end_unfinished_factors(tx, before.id));
  }
  auto events = events_of_update(before, changes, drafted);
  if (disables || (changes.password && !keep_keys)) {
    BALUHOST_TRY(auto ended, end_keys(tx, before.id, audit_log_, principal));
    for (auto& event : ended) events += std::move(event);
  }
  if (changes.role || changes.enabled) {
    BALUHOST_TRY(auto ended, end_unpermitted_uploads(tx, {.creator = before.id},
                                                     audit_log_.draft(Action::upload, principal)));
    for (auto& event : ended) events += std::move(event);
  }
  if (changes.role) {
    BALUHOST_TRY(auto ended,
                 end_unpermitted_shares(tx, {.creator = before.id}, audit_log_, principal));
    for (auto& event : ended) events += std::move(event);
  }
  return recorded(std::move(after), std::move(events));
}

Result<void> UserService::remove(const Principal& principal, const Username& name, Purge purge) {
  RoleGate gate(audit_log_, principal, name, Operation::user_deleted);
  BALUHOST_CHECK(gate.admit());
  BALUHOST_CHECK(spare_owner_of_key(audit_log_, principal, name, Operation::user_deleted));
  auto event = about(name, audit_log_.draft(Action::user_deleted, principal));
  using Seen = std::optional<User>;
  using Pending = std::optional<TreeRemoval>;
  auto done =
      attempt<Seen>(database_, [&](WriteTransaction& tx, Seen& seen) -> Result<Recorded<Pending>> {
        BALUHOST_CHECK(tx.users().lock_roles());
        BALUHOST_TRY(seen, hold_user(tx, gate, name));
        const auto& user = *seen;
        BALUHOST_CHECK(keep_an_admin(tx, user));
        BALUHOST_TRY(const auto given_on, tx.grants().homes_given_on_by(user.id));
        std::set<UserId> homes(given_on.begin(), given_on.end());
        homes.insert(user.id);
        for (const UserId owner : homes) BALUHOST_CHECK(tx.files().lock_home(owner));
        BALUHOST_TRY(auto shares,
                     end_shares(tx, {.home = user.id, .asleep = true}, audit_log_, principal));
        BALUHOST_TRY(auto made,
                     end_shares(tx, {.creator = user.id, .asleep = true}, audit_log_, principal));
        std::ranges::move(made, std::back_inserter(shares));
        BALUHOST_TRY(auto emptied, remove_home(tx, principal, user, purge));
        std::ranges::move(shares, std::back_inserter(emptied.events));
        for (const UserId owner : given_on) {
          BALUHOST_TRY(auto ended, settle_grants(tx, owner, audit_log_, principal, user.id));
          std::ranges::move(ended, std::back_inserter(emptied.events));
        }
        BALUHOST_CHECK(tx.users().remove(user.id));
        return recorded(
            std::move(emptied.pending),
            AuditEvents{with_details(event, changes_of_removed(user)), std::move(emptied.events)});
      });
  if (!done.result) {
    if (done.seen) event = with_details(std::move(event), changes_of_removed(*done.seen));
    return gate.failed(std::move(event), std::move(done.result).error());
  }
  identities_.forget();
  if (*done.result) clear_tree_soon(database_, clock_, **done.result, removal_deadline(clock_));
  return {};
}

Result<UserService::EmptiedHome> UserService::remove_home(WriteTransaction& tx,
                                                          const Principal& principal,
                                                          const User& user, Purge purge) {
  const auto now = clock_.now();
  EmptiedHome emptied;
  BALUHOST_TRY(const auto path, FilePath::parse("/" + user.username.str()));
  BALUHOST_TRY(const auto home, tx.files().resolve(path));
  if (!home.complete) return emptied;
  const auto root = home.found.back().id;
  BALUHOST_TRY(const bool empty, tx.files().is_empty(root));
  BALUHOST_TRY(const auto trash, tx.trash().list({.home = user.id}, std::nullopt, 1));
  if ((!empty || !trash.empty()) && purge == Purge::no)
    return Error{Errc::conflict,
                 "the user owns files, in the home or in its trash: --purge deletes them too"};
  if (empty) {
    BALUHOST_CHECK(tx.files().remove(root, now));
    return emptied;
  }
  TreeRemoval removal{root, user.id, audit_log_.draft(Action::remove, principal)};
  removal.event.resource = path.str();
  BALUHOST_TRY(auto removed, remove_tree(tx, removal, now, [&]() -> Result<TreeTotals> {
                 return TreeTotals{.files = user.file_count,
                                   .bytes = user.used_bytes - user.trash_bytes - user.version_bytes,
                                   .version_bytes = user.version_bytes};
               }));
  emptied.events = std::move(removed.events);
  emptied.events.push_back(
      with_details(removal.event, removal_details(FileKind::directory, removed.totals)));
  if (removed.is_pending) emptied.pending = std::move(removal);
  return emptied;
}

Result<void> UserService::unlock(const Principal& principal, const Username& name) {
  RoleGate gate(audit_log_, principal, name, Operation::user_updated);
  BALUHOST_CHECK(gate.admit());
  const auto event = about(name, audit_log_.draft(Action::user_updated, principal));
  auto done = database_.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    const auto now = clock_.now();
    BALUHOST_CHECK(gate.hold(tx));
    BALUHOST_TRY(const auto credentials, tx.users().find_credentials(name));
    if (!credentials) return no_such_user();
    BALUHOST_CHECK(tx.users().set_unlocked_at(credentials->user.id, now));
    return AuditEvents{with_details(event, change_of_unlock(credentials->unlocked_at, now))};
  });
  if (!done) return gate.failed(event, std::move(done).error());
  return {};
}

} // namespace baluhost
