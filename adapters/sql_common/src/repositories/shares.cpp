#include "repositories/repositories.hpp"
#include "repositories/trees/tree_repositories.hpp"
#include "rows.hpp"

#include <string>
#include <utility>

// The home that a share's node lies in stands in its row, as with grants: a share never leaves its
// home, so the shares of a home are found without its files. A row goes with the node that it
// names, by the foreign key; one that has ended names the home instead, to be known for as long as
// it is kept, whatever becomes of the node.
namespace baluhost::sql {
namespace {

const Columns kShareColumns =
    text("h.id") + number("h.file_id", "h.home_id", "h.creator_id", "h.rights") + text("h.secret") +
    number("h.generation") + text("h.password_hash") +
    number("h.expires_at", "h.max_uses", "h.uses", "h.max_bytes", "h.used_bytes") + text("h.note") +
    number("h.created_at", "h.last_used_at", "h.ended_at");

/// After those of the share: its creator's name, its file's kind and path; in the trash the path
/// that it had.
const Columns kPlaceColumns =
    text("c.username", "n.kind",
         "(with recursive up(id, parent_id, path) as (select f.id, f.parent_id, '/' || f.name from"
         " files f where f.id = h.file_id union all select f.id, f.parent_id, '/' || f.name ||"
         " up.path from up join files f on f.id = up.parent_id) select coalesce((select t.path ||"
         " substr(up.path, length(cast(t.root_id as text)) + 3) from trash t where t.root_id ="
         " up.id), up.path) from up where up.parent_id is null)");

int bits_of(ShareRights rights) { return (rights.read ? 1 : 0) | (rights.create ? 2 : 0); }

std::optional<std::string_view> hash_of(const std::optional<PasswordHash>& password) {
  return password ? std::optional{password->phc.reveal()} : std::nullopt;
}

Share read_share(Row& row) {
  Share share{.id = ShareId{row.text()},
              .file = FileId{row.number()},
              .home = UserId{row.number()},
              .creator = UserId{row.number()}};
  const auto bits = row.number();
  share.rights = {.read = (bits & 1) != 0, .create = (bits & 2) != 0};
  share.secret = accepted(Sha256Digest::parse_hex(row.text()));
  share.generation = row.number();
  if (auto hash = row.maybe_text()) share.password = PasswordHash{Secret{*std::move(hash)}};
  share.expires_at = row.maybe<Timestamp>();
  share.max_uses = row.maybe<std::int64_t>();
  share.uses = row.number();
  share.max_bytes = row.maybe<std::int64_t>();
  share.used_bytes = row.number();
  share.note = row.maybe_text();
  share.created_at = Timestamp{row.number()};
  share.last_used_at = row.maybe<Timestamp>();
  share.ended_at = row.maybe<Timestamp>();
  return share;
}

PlacedShare read_placed(Row& row) {
  auto share = read_share(row);
  auto creator = accepted(Username::parse(row.text()));
  const auto kind = read_kind(row);
  return {std::move(share), std::move(creator), accepted(FilePath::parse(row.text())), kind};
}

/// The assignments of an update, with their values.
struct Assignments {
  std::string sql;
  Arguments arguments;

  void add(std::string_view assignment, Argument value) {
    if (!sql.empty()) sql += ", ";
    sql += assignment;
    arguments.push_back(std::move(value));
  }
};

} // namespace

Result<std::optional<ShareState>> SqlShares::find(const ShareId& id) const {
  static const Query query =
      select(kShareColumns + kUserColumns,
             "from shares h join users u on u.id = h.creator_id where h.id = ?");
  return first_row(db_, query, {id}, [](Row& row) {
    auto share = read_share(row);
    return ShareState{std::move(share), read_user(row)};
  });
}

Result<std::vector<PlacedShare>> SqlShares::list(const ShareFilter& filter,
                                                 const std::optional<ShareId>& after,
                                                 std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<PlacedShare>> {
    std::string sql =
        "from shares h join users c on c.id = h.creator_id join files n on n.id = h.file_id"
        " where h.ended_at is null";
    Arguments arguments;
    const auto require = [&](std::string_view condition, Argument value) {
      sql.append(" and ").append(condition);
      arguments.push_back(std::move(value));
    };
    if (filter.id) require("h.id = ?", *filter.id);
    if (filter.creator) require("h.creator_id = ?", *filter.creator);
    if (filter.home) require("h.home_id = ?", *filter.home);
    if (filter.file) require("h.file_id = ?", *filter.file);
    if (filter.below) {
      require("h.home_id = (select owner_id from files where id = ?)", *filter.below);
      require(
          "exists (with recursive above(id) as (select h.file_id union all select f.parent_id"
          " from above join files f on f.id = above.id where f.parent_id is not null)"
          " select 1 from above where id = ?)",
          *filter.below);
    }
    if (!filter.below && !filter.asleep) sql += " and " + is_awake("h");
    if (after) {
      require("(h.created_at, h.id) < (select p.created_at, p.id from shares p where p.id = ?)",
              *after);
    }
    sql += " order by h.created_at desc, h.id desc limit ?";
    arguments.emplace_back(sql_limit(limit));
    return all(db_.select(select(kShareColumns + kPlaceColumns, sql), arguments), read_placed);
  });
}

Result<std::int64_t> SqlShares::count(UserId creator) const {
  return guarded(db_, [&]() -> Result<std::int64_t> {
    return db_
        .number("select count(*) from shares where creator_id = ? and ended_at is null", {creator})
        .value_or(0);
  });
}

Result<void> SqlShares::insert(const Share& share) {
  return guarded(db_, [&]() -> Result<void> {
    const auto inserted = db_.execute(
        "insert into shares (id, file_id, home_id, creator_id, rights, secret, generation,"
        " password_hash, expires_at, max_uses, uses, max_bytes, used_bytes, note, created_at,"
        " last_used_at, ended_at)"
        " select cast(? as text), f.id, cast(? as bigint), u.id, cast(? as integer),"
        " cast(? as text), cast(? as bigint), cast(? as text), cast(? as bigint),"
        " cast(? as bigint), cast(? as bigint), cast(? as bigint), cast(? as bigint),"
        " cast(? as text), cast(? as bigint), cast(? as bigint), cast(? as bigint)"
        " from files f, users u where f.id = ? and u.id = ? and u.removed = false",
        {share.id, share.home, bits_of(share.rights), share.secret, share.generation,
         hash_of(share.password), share.expires_at, share.max_uses, share.uses, share.max_bytes,
         share.used_bytes, share.note, share.created_at, share.last_used_at, share.ended_at,
         share.file, share.creator});
    if (inserted == 0) return not_found("no such node, or no such creator");
    return {};
  });
}

Result<void> SqlShares::update(const ShareId& id, const ShareChanges& changes) {
  return guarded(db_, [&]() -> Result<void> {
    Assignments set;
    const std::int64_t step = changes.secret || changes.password ? 1 : 0;
    set.add("generation = generation + ?", step);
    if (changes.rights) set.add("rights = ?", bits_of(*changes.rights));
    if (changes.secret) set.add("secret = ?", *changes.secret);
    if (changes.password) set.add("password_hash = ?", hash_of(*changes.password));
    if (changes.expires_at) set.add("expires_at = ?", *changes.expires_at);
    if (changes.max_uses) set.add("max_uses = ?", *changes.max_uses);
    if (changes.max_bytes) set.add("max_bytes = ?", *changes.max_bytes);
    if (changes.note) set.add("note = ?", *changes.note);
    set.arguments.emplace_back(id);
    if (db_.execute("update shares set " + set.sql + " where id = ? and ended_at is null",
                    set.arguments) == 0)
      return not_found("no such share");
    return {};
  });
}

Result<bool> SqlShares::use(const ShareId& id, std::int64_t generation, Timestamp now) {
  return guarded(db_, [&]() -> Result<bool> {
    return db_.execute(
               "update shares set uses = uses + 1, last_used_at = ? where id = ? and generation = ?"
               " and ended_at is null and (expires_at is null or expires_at > ?)"
               " and (max_uses is null or uses < max_uses)",
               {now, id, generation, now}) == 1;
  });
}

Result<void> SqlShares::add_bytes(const ShareId& id, std::int64_t bytes) {
  return guarded(db_, [&]() -> Result<void> {
    if (db_.execute("update shares set used_bytes = used_bytes + ? where id = ? and ended_at is"
                    " null and (max_bytes is null or ? <= max_bytes - used_bytes)",
                    {bytes, id, bytes}) == 1)
      return {};
    if (!db_.number("select 1 from shares where id = ? and ended_at is null", {id}))
      return not_found("no such share");
    return Error{.code = Errc::payload_too_large, .detail = "more than the share has room for"};
  });
}

Result<void> SqlShares::end(const ShareId& id, Timestamp now) {
  return guarded(db_, [&]() -> Result<void> {
    if (db_.execute("update shares set ended_at = ?, file_id = coalesce((select f.id from users u"
                    " join files f on f.parent_id is null and f.name = u.username"
                    " where u.id = shares.home_id), file_id)"
                    " where id = ? and ended_at is null",
                    {now, id}) == 0)
      return not_found("no such share, or ended before");
    return {};
  });
}

Result<std::int64_t> SqlShares::forget_ended(Timestamp before, std::size_t limit) {
  return guarded(db_, [&]() -> Result<std::int64_t> {
    return delete_before(db_, "shares", "ended_at", before, limit);
  });
}

} // namespace baluhost::sql
