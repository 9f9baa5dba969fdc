#include "baluhost/sql_common/dialect.hpp"
#include "baluhost/sql_common/events.hpp"
#include "repositories/repositories.hpp"
#include "repositories/trees/tree_repositories.hpp"
#include "rows.hpp"

#include <algorithm>

/// A detached root has no parent, and a name that no path can hold: "/" and its id. So nothing that
/// goes by names or by directories finds it, or what is below it, and no row but its own had to
/// change.
namespace baluhost::sql {
namespace {

std::vector<FileId> ids_of(std::span<const TreeNode> nodes) {
  std::vector<FileId> ids;
  for (const auto& node : nodes) ids.push_back(node.id);
  return ids;
}

const Columns kRemovalColumns =
    number("root_id", "owner_id", "timestamp") +
    text("action", "\"user\"", "resource", "details", "ip_address", "user_agent") +
    number("account_id");

TreeRemoval read_removal(Row& row) {
  return TreeRemoval{
      .root = FileId{row.number()}, .owner = UserId{row.number()}, .event = read_success(row)};
}

/// What ends with its node: of grants and shares there are few in a home beside the nodes of a
/// large tree, so the way goes up from each of them.
std::string end_below(std::string_view table) {
  const std::string name{table};
  return "delete from " + name +
         " where file_id in (with recursive up(leaf, id, parent_id) as (select distinct g.file_id,"
         " f.id, f.parent_id from " +
         name +
         " g join files f on f.id = g.file_id where g.home_id = ? union all select up.leaf, f.id,"
         " f.parent_id from up join files f on f.id = up.parent_id where up.id <> ?) select leaf"
         " from up where id = ?)";
}

} // namespace

void doom(Connection& db, std::span<const BlobId> blobs, Timestamp now) {
  if (blobs.empty()) return;
  ValueList list(blobs, "(cast(? as text))");
  list.arguments.emplace_back(now);
  db.execute("with gone(blob) as (values " + list.sql +
                 ") insert into doomed_blobs (blob, since) select distinct g.blob, cast(? as "
                 "bigint) from gone g"
                 " where not exists (select 1 from files f where f.blob = g.blob)"
                 " and not exists (select 1 from versions v where v.blob = g.blob)"
                 " on conflict (blob) do update set since = excluded.since",
             list.arguments);
}

std::vector<BlobId> blobs_of(Connection& db, std::span<const FileId> files) {
  const ValueList<FileId> list(files);
  auto twice = list.arguments;
  twice.insert(twice.end(), list.arguments.begin(), list.arguments.end());
  return all(db.select(select(text("blob"),
                              "from (select blob from files where blob is not null"
                              " and id in (" +
                                  list.sql +
                                  ") union select blob from versions where file_id"
                                  " in (" +
                                  list.sql + ")) held"),
                       twice),
             read_text<BlobId>);
}

/// conflict: something is left in one of the nodes, or is still to be put on record of one.
Result<void> check_removable(Connection& db, const ValueList<FileId>& nodes) {
  auto twice = nodes.arguments;
  twice.insert(twice.end(), nodes.arguments.begin(), nodes.arguments.end());
  if (db.number("select 1 from files where parent_id in (" + nodes.sql + ") and id not in (" +
                    nodes.sql + ") limit 1",
                twice)) {
    return Error{Errc::conflict, "something is in a directory"};
  }
  if (db.number("select 1 from tree_records where root_id in (" + nodes.sql + ") limit 1",
                nodes.arguments)) {
    return Error{Errc::conflict, "a node is still to be put on record"};
  }
  return {};
}

bool detach(Connection& db, FileId root) {
  return db.execute(
             "update files set parent_id = null, name = '/' || id, search_key = '/' || id"
             " where id = ? and name <> '/' || id",
             {root}) > 0;
}

Result<std::vector<TreeRemoval>> SqlRemovals::pending(FileId after, std::size_t limit) const {
  static const Query query =
      select(kRemovalColumns, "from tree_removals where root_id > ? order by root_id limit ?");
  return all_rows(db_, query, {after, sql_limit(limit)}, read_removal);
}

Result<void> SqlRemovals::begin(const TreeRemoval& removal) {
  return guarded(db_, [&]() -> Result<void> {
    BALUHOST_CHECK(check_built_in(removal.event.action));
    const bool was_trash = db_.execute("delete from trash where root_id = ?", {removal.root}) > 0;
    if (!was_trash) {
      // A root that leaves its directory is no entry any more; a home never was one.
      db_.execute(
          "update users set entry_count = entry_count - (select count(parent_id) from files where"
          " id = ?) where id = ?",
          {removal.root, removal.owner});
      if (!detach(db_, removal.root)) return not_found("no such node");
    }
    for (const auto* table : {"grants", "shares"})
      db_.execute(end_below(table), {removal.owner, removal.root, removal.root});
    const AuditEvent event = as_stored(removal.event);
    db_.execute(
        "insert into tree_removals (root_id, owner_id, timestamp, action, \"user\", resource, "
        "details, ip_address, user_agent, account_id) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {removal.root, removal.owner, event.timestamp, event.action, event.user, event.resource,
         event.details, event.ip_address, event.user_agent, removal.event.account});
    return {};
  });
}

Result<void> SqlRemovals::remove(std::span<const TreeNode> nodes, Timestamp now) {
  if (nodes.empty()) return {};
  return guarded(db_, [&]() -> Result<void> {
    const auto ids = ids_of(nodes);
    const ValueList<FileId> list(ids);
    auto twice = list.arguments;
    twice.insert(twice.end(), list.arguments.begin(), list.arguments.end());
    BALUHOST_CHECK(check_removable(db_, list));
    auto counted = list.arguments;
    counted.emplace_back(ids.front());
    db_.execute(
        "update users set entry_count = entry_count - (select count(parent_id) from files where id "
        "in (" +
            list.sql + ")) where id = (select owner_id from files where id = ?)",
        counted);
    db_.dialect().before_removal(db_, ids);
    const auto blobs = blobs_of(db_, ids);
    const auto owner = db_.number(
        "select owner_id from tree_removals where root_id in (" + list.sql +
            ") union all select owner_id from trash where root_id in (" + list.sql + ") limit 1",
        twice);
    // Grants, shares, versions, and the removal or the entry of the trash that ends with its root
    // go by their foreign keys.
    const auto removed =
        db_.execute("delete from files where id in (" + list.sql + ")", list.arguments);
    if (removed != static_cast<std::int64_t>(ids.size()))
      return Error{Errc::conflict, "a node is gone already"};
    doom(db_, blobs, now);
    if (owner) {
      db_.execute(
          "delete from users where id = ? and removed = true"
          " and not exists (select 1 from files f where f.owner_id = users.id)",
          {*owner});
    }
    return {};
  });
}

} // namespace baluhost::sql
