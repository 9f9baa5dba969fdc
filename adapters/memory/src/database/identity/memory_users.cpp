#include "database/identity/identity_repositories.hpp"
#include "database/repositories.hpp"

namespace baluhost::memory {
namespace {

/// Removes the sessions of `id` and their tokens.
void forget_sessions(State& state, UserId id) {
  for (const auto& session : seconds_of(state.sessions_of_user, id)) {
    state.sessions.erase(session);
    state.sessions_of_user.erase({id, session});
    for (const auto& token : seconds_of(state.refresh_tokens, session))
      state.refresh_tokens.erase({session, token});
  }
}

/// Removes the grants to `user`; those by right of one stay, without a giver.
void forget_grants(State& state, const User& user) {
  for (const FileId file : seconds_of(state.grants_of_grantee, user.id)) {
    state.grants.erase({file, user.username.str()});
    state.grants_of_grantee.erase({user.id, file});
  }
  const auto before = state.grants;
  before.each([&](const auto& key, const Grant& grant) {
    if (grant.giver != user.id || !state.grants.contains(key)) return true;
    Grant left = grant;
    left.giver.reset();
    left.granted_by.clear();
    state.grants.put(key, std::move(left));
    return true;
  });
}

} // namespace

Result<std::optional<User>> MemoryUsers::find(UserId id) const {
  const auto* row = state_.users.find(id);
  return row == nullptr ? std::nullopt : std::optional<User>{row->user};
}

Result<std::optional<User>> MemoryUsers::find(const Username& name) const {
  const auto* id = state_.user_by_name.find(name.str());
  if (id == nullptr) return std::optional<User>{};
  return find(*id);
}

Result<std::optional<Credentials>> MemoryUsers::find_credentials(const Username& name) const {
  const auto* id = state_.user_by_name.find(name.str());
  if (id == nullptr) return std::optional<Credentials>{};
  const auto& row = *state_.users.find(*id);
  return std::optional<Credentials>{Credentials{row.user, row.password, row.unlocked_at}};
}

Result<std::optional<PasswordHash>> MemoryUsers::first_hash_after(std::string_view text) const {
  std::optional<PasswordHash> first;
  state_.users.each([&](UserId, const UserRow& row) {
    const auto hash = row.password.phc.reveal();
    if (hash > text && (!first || hash < first->phc.reveal())) first = row.password;
    return true;
  });
  return first;
}

Result<std::vector<User>> MemoryUsers::list(const std::optional<Username>& after,
                                            std::size_t limit) const {
  std::vector<User> users;
  if (limit == 0) return users;
  const auto visit = [&](const std::string&, UserId id) {
    users.push_back(state_.users.find(id)->user);
    return users.size() < limit;
  };
  after ? state_.user_by_name.each_after(after->str(), visit) : state_.user_by_name.each(visit);
  return users;
}

Result<std::int64_t> MemoryUsers::count_enabled_admins() const {
  std::int64_t count = 0;
  state_.users.each([&](UserId, const UserRow& row) {
    if (row.user.enabled && row.user.role == Role::admin) ++count;
    return true;
  });
  return count;
}

Result<void> MemoryUsers::lock_roles() { return {}; }

Result<void> MemoryUsers::lock_accounts(const AccountLocks&) { return {}; }

Result<User> MemoryUsers::insert(const NewUser& fresh) {
  if (state_.user_by_name.contains(fresh.username.str()))
    return Error{Errc::already_exists, "username is taken"};
  if (fresh.email && state_.user_by_email.contains(fresh.email->key())) {
    return Error{Errc::already_exists, "e-mail is taken"};
  }
  const UserId id{++state_.last_user};
  User user = as_user(fresh, id, EventId{state_.last_event});
  state_.user_by_name.put(user.username.str(), id);
  if (user.email) state_.user_by_email.put(user.email->key(), id);
  state_.users.put(id, UserRow{user, fresh.password, std::nullopt});
  ++state_.identity_version;
  return user;
}

Result<User> MemoryUsers::update(UserId id, const UserChanges& changes, Timestamp now) {
  const auto* found = state_.users.find(id);
  if (found == nullptr) return Error{Errc::not_found, "no such user"};
  UserRow row = *found;
  if (changes.email) {
    const auto& email = *changes.email;
    if (email) {
      const auto* holder = state_.user_by_email.find(email->key());
      if (holder != nullptr && *holder != id) return Error{Errc::already_exists, "e-mail is taken"};
    }
    if (row.user.email) state_.user_by_email.erase(row.user.email->key());
    if (email) state_.user_by_email.put(email->key(), id);
    row.user.email = email;
  }
  if (changes.role) row.user.role = *changes.role;
  if (changes.enabled) row.user.enabled = *changes.enabled;
  if (changes.quota_bytes) row.user.quota_bytes = *changes.quota_bytes;
  if (changes.password) row.password = *changes.password;
  row.user.updated_at = now;
  User user = row.user;
  state_.users.put(id, std::move(row));
  ++state_.identity_version;
  return user;
}

Result<void> MemoryUsers::set_unlocked_at(UserId id, Timestamp now) {
  const auto* found = state_.users.find(id);
  if (found == nullptr) return Error{Errc::not_found, "no such user"};
  UserRow row = *found;
  row.unlocked_at = now;
  state_.users.put(id, std::move(row));
  ++state_.identity_version;
  return {};
}

Result<void> MemoryUsers::remove(UserId id) {
  const auto* row = state_.users.find(id);
  if (row == nullptr) return Error{Errc::not_found, "no such user"};
  if (state_.children.contains({FileId{0}, row->user.username.str()}))
    return Error{Errc::conflict, "the user has a home"};

  const User user = row->user;
  forget_sessions(state_, id);
  BALUHOST_CHECK(MemoryKeys{state_}.remove_all(id));
  BALUHOST_CHECK(MemorySecondFactors{state_}.remove(id));
  BALUHOST_CHECK(MemorySecondFactors{state_}.take_reset(id));
  BALUHOST_CHECK(MemoryChallenges{state_}.remove_all(id));
  forget_grants(state_, user);
  const auto uploads = state_.uploads;
  uploads.each([&](const UploadId& upload, const PendingUpload& pending) {
    if (pending.creator == id || pending.target.home() == user.username.str())
      state_.uploads.erase(upload);
    return true;
  });
  MemoryShares(state_).forget_of(id);
  state_.user_by_name.erase(user.username.str());
  if (user.email) state_.user_by_email.erase(user.email->key());
  state_.users.erase(id);
  ++state_.identity_version;
  return {};
}

Result<void> MemoryUsers::add_usage(UserId id, const UsageChange& change) {
  const auto* found = state_.users.find(id);
  if (found == nullptr) return Error{Errc::not_found, "no such user"};
  UserRow row = *found;
  const auto& quota = row.user.quota_bytes;
  if (change.bytes > 0 && quota && change.bytes > *quota - row.user.used_bytes) {
    return Error{Errc::quota_exceeded, "the quota has no room"};
  }
  if (change.entries > 0 && change.most_entries > 0 &&
      change.entries > change.most_entries - row.user.entry_count) {
    return Error{Errc::quota_exceeded, "the home has as many entries as it may have"};
  }
  if (__builtin_add_overflow(row.user.used_bytes, change.bytes, &row.user.used_bytes) ||
      __builtin_add_overflow(row.user.file_count, change.files, &row.user.file_count) ||
      __builtin_add_overflow(row.user.entry_count, change.entries, &row.user.entry_count) ||
      __builtin_add_overflow(row.user.trash_bytes, change.trash_bytes, &row.user.trash_bytes) ||
      __builtin_add_overflow(row.user.version_bytes, change.version_bytes,
                             &row.user.version_bytes)) {
    return Error{Errc::internal, "the usage overflows"};
  }
  ++row.user.tree_version;
  state_.users.put(id, std::move(row));
  return {};
}

} // namespace baluhost::memory
