#include "baluhost/sql_common/dialect.hpp"
#include "repositories/repositories.hpp"
#include "rows.hpp"

namespace baluhost::sql {
namespace {

Error taken(const char* what) { return Error{Errc::already_exists, what}; }

std::optional<std::string> key_of(const std::optional<Email>& email) {
  return email ? std::optional{email->key()} : std::nullopt;
}

std::optional<std::string> text_of(const std::optional<Email>& email) {
  return email ? std::optional{email->str()} : std::nullopt;
}

} // namespace

Result<std::optional<User>> SqlUsers::find(UserId id) const {
  static const Query query =
      select(kUserColumns, "from users u where u.id = ? and u.removed = false");
  return first_row(db_, query, {id}, read_user);
}

Result<std::optional<User>> SqlUsers::find(const Username& name) const {
  static const Query query = select(kUserColumns, "from users u where u.username = ?");
  return first_row(db_, query, {name.str()}, read_user);
}

Result<std::optional<Credentials>> SqlUsers::find_credentials(const Username& name) const {
  static const Query query =
      select(kUserColumns + text("u.password_hash") + number("u.unlocked_at"),
             "from users u where u.username = ?");
  return first_row(db_, query, {name.str()}, [](Row& row) {
    return Credentials{read_user(row), PasswordHash{Secret{row.text()}}, row.maybe<Timestamp>()};
  });
}

Result<std::optional<PasswordHash>> SqlUsers::first_hash_after(std::string_view after) const {
  static const Query query =
      select(text("u.password_hash"),
             "from users u where u.password_hash > ? order by u.password_hash limit 1");
  return first_row(db_, query, {after}, [](Row& row) { return PasswordHash{Secret{row.text()}}; });
}

Result<std::vector<User>> SqlUsers::list(const std::optional<Username>& after,
                                         std::size_t limit) const {
  static const Query query =
      select(kUserColumns,
             "from users u where u.username > ? and u.removed = false order by u.username"
             " limit ?");
  return all_rows(db_, query, {after ? after->str() : std::string{}, sql_limit(limit)}, read_user);
}

Result<std::int64_t> SqlUsers::count_enabled_admins() const {
  return guarded(db_, [&]() -> Result<std::int64_t> {
    return db_.number("select count(*) from users where role = 'admin' and enabled = true")
        .value_or(0);
  });
}

Result<void> SqlUsers::lock_roles() {
  return guarded(db_, [&]() -> Result<void> {
    db_.dialect().lock_roles(db_);
    return {};
  });
}

Result<void> SqlUsers::lock_accounts(const AccountLocks& locks) {
  return guarded(db_, [&]() -> Result<void> {
    db_.dialect().lock_accounts(db_, locks);
    return {};
  });
}

Result<User> SqlUsers::insert(const NewUser& user) {
  return guarded(db_, [&]() -> Result<User> {
    const auto id = db_.number(
        "insert into users (username, email, email_key, role, enabled, quota_bytes, used_bytes, "
        "file_count, password_hash,"
        " created_at, updated_at) values (?, ?, ?, ?, cast(? as integer) = 1, ?, 0, 0, ?, ?, ?)"
        " on conflict do nothing returning id",
        {user.username.str(), text_of(user.email), key_of(user.email), to_string(user.role),
         user.enabled ? 1 : 0, user.quota_bytes, user.password.phc.reveal(), user.created_at,
         user.created_at});
    if (!id) return taken("the username or the e-mail is taken");
    // Asked after the name was got, so after every transaction that was about the account that had
    // it before.
    const EventId newest{db_.number(db_.dialect().last_event_id()).value_or(0)};
    db_.execute("update users set events_after = ? where id = ?", {newest, UserId{*id}});
    return as_user(user, UserId{*id}, newest);
  });
}

Result<User> SqlUsers::update(UserId id, const UserChanges& changes, Timestamp now) {
  return guarded(db_, [&]() -> Result<User> {
    if (changes.role || changes.enabled) db_.dialect().lock_roles(db_);
    std::string assignments = "updated_at = ?";
    Arguments arguments{now};
    const auto set = [&](std::string_view assignment, const Argument& value) {
      assignments += ", ";
      assignments += assignment;
      arguments.push_back(value);
    };
    std::optional<std::string> email_text, email_key;
    if (changes.role) set("role = ?", to_string(*changes.role));
    if (changes.enabled) set("enabled = (cast(? as integer) = 1)", *changes.enabled ? 1 : 0);
    if (changes.quota_bytes) set("quota_bytes = ?", *changes.quota_bytes);
    if (changes.password) set("password_hash = ?", changes.password->phc.reveal());
    if (changes.email) {
      email_text = text_of(*changes.email);
      email_key = key_of(*changes.email);
      // Asked first: on PostgreSQL a violated constraint would end the transaction.
      if (email_key &&
          db_.number("select id from users where email_key = ? and id <> ?", {*email_key, id})) {
        return taken("the e-mail is taken");
      }
      set("email = ?", email_text);
      set("email_key = ?", email_key);
    }
    arguments.push_back(id);
    if (db_.execute("update users set " + assignments + " where id = ?", arguments) == 0)
      return not_found("no such user");
    BALUHOST_TRY(auto user, find(id));
    if (!user) return not_found("no such user");
    return *std::move(user);
  });
}

Result<void> SqlUsers::set_unlocked_at(UserId id, Timestamp now) {
  return guarded(db_, [&]() -> Result<void> {
    if (db_.execute("update users set unlocked_at = ? where id = ?", {now, id}) == 0)
      return not_found("no such user");
    return {};
  });
}

Result<void> SqlUsers::remove(UserId id) {
  return guarded(db_, [&]() -> Result<void> {
    db_.dialect().lock_roles(db_);
    if (db_.number(
            "select f.id from users u join files f on f.parent_id is null and f.name = u.username"
            " where u.id = ? and u.removed = false",
            {id})) {
      return Error{Errc::conflict, "the user has a home"};
    }
    db_.execute("delete from uploads where home = (select username from users where id = ?)", {id});
    db_.execute("delete from shares where home_id = ? or creator_id = ?", {id, id});
    db_.execute("update grants set giver_id = null, granted_by = '' where giver_id = ?", {id});
    if (!db_.number("select id from files where owner_id = ? limit 1", {id})) {
      if (db_.execute("delete from users where id = ?", {id}) == 0)
        return not_found("no such user");
      return {};
    }
    // Rows of a detached tree name their owner. What is left of the user stays for them, without a
    // name, and goes with the last.
    if (db_.execute("update users set removed = true, username = '/' || id, email = null, "
                    "email_key = null, enabled = false,"
                    " password_hash = '' where id = ? and removed = false",
                    {id}) == 0) {
      return not_found("no such user");
    }
    db_.execute("delete from sessions where user_id = ?", {id});
    db_.execute("delete from keys where owner_id = ?", {id});
    db_.execute("delete from second_factors where user_id = ?", {id});
    db_.execute("delete from recovery_codes where user_id = ?", {id});
    db_.execute("delete from second_factor_resets where user_id = ?", {id});
    db_.execute("delete from login_challenges where user_id = ?", {id});
    db_.execute("delete from grants where grantee_id = ?", {id});
    db_.execute("delete from uploads where creator_id = ?", {id});
    return {};
  });
}

Result<void> SqlUsers::add_usage(UserId id, const UsageChange& change) {
  return guarded(db_, [&]() -> Result<void> {
    const auto [bytes, files, entries, trash_bytes, version_bytes, most_entries] = change;
    const auto changed = db_.execute(
        "update users set used_bytes = used_bytes + ?, file_count = file_count + ?, entry_count = "
        "entry_count + ?, trash_bytes = trash_bytes + ?, version_bytes = version_bytes + ?,"
        " tree_version = tree_version + 1 where id = ?"
        " and (cast(? as bigint) <= 0 or quota_bytes is null or cast(? as bigint) <= quota_bytes - "
        "used_bytes)"
        " and (cast(? as bigint) <= 0 or cast(? as bigint) = 0 or cast(? as bigint) <= cast(? as "
        "bigint) - entry_count)",
        {bytes, files, entries, trash_bytes, version_bytes, id, bytes, bytes, entries, most_entries,
         entries, most_entries});
    if (changed == 1) return {};
    if (!db_.number("select id from users where id = ?", {id})) return not_found("no such user");
    return Error{Errc::quota_exceeded, "the quota has no room"};
  });
}

} // namespace baluhost::sql
