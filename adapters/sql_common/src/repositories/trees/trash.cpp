#include "baluhost/domain/files/name_query.hpp"
#include "baluhost/sql_common/dialect.hpp"
#include "repositories/repositories.hpp"
#include "repositories/trees/tree_repositories.hpp"
#include "rows.hpp"

#include <algorithm>
#include <iterator>

/// A root in the trash is detached as one that is being removed is: it has no parent and the name
/// "/" and its id, so that nothing that goes by names or by directories finds it, and no other row
/// had to change. Its own name is the last one of the entry's path.
namespace baluhost::sql {
namespace {

const Columns kEntryColumns = number("t.id", "t.root_id", "t.owner_id", "t.parent_id") +
                              text("t.path", "f.kind") +
                              number("t.size", "t.version_bytes", "t.file_count", "t.deleter_id") +
                              text("t.deleted_by") + number("t.deleted_at", "t.expires_at");
const Columns kWithoutViewer = kEntryColumns + number("0");
const Columns kWithViewer = kEntryColumns + number("coalesce(g.rights, 0)");
constexpr std::string_view kFrom = "from trash t join files f on f.id = t.root_id ";
constexpr std::string_view kFromWithViewer =
    "from trash t join files f on f.id = t.root_id left join grants g on g.file_id = t.root_id and"
    " g.grantee_id = ? ";

TrashEntry read_entry(Row& row) {
  const TrashId id{row.number()};
  const FileId root{row.number()};
  const UserId owner{row.number()};
  const auto parent = row.maybe<FileId>();
  TrashEntry entry{{.root = root,
                    .owner = owner,
                    .parent = parent,
                    .path = accepted(FilePath::parse(row.text()))}};
  entry.id = id;
  entry.kind = read_kind(row);
  entry.size = row.number();
  entry.version_bytes = row.number();
  entry.file_count = row.number();
  entry.deleter = row.maybe<UserId>();
  entry.deleted_by = row.text();
  entry.deleted_at = Timestamp{row.number()};
  entry.expires_at = Timestamp{row.number()};
  entry.granted = Rights::from_bits(static_cast<std::uint8_t>(row.number()));
  return entry;
}

/// One index of the trash, from the newest on.
std::vector<TrashEntry> page(Connection& db, const std::string& where, Arguments arguments,
                             const TrashFilter& filter, const std::optional<TrashId>& after,
                             std::size_t limit) {
  std::string sql{filter.viewer ? kFromWithViewer : kFrom};
  sql += "where " + where;
  if (filter.viewer) arguments.insert(arguments.begin(), *filter.viewer);
  if (after) {
    sql += " and t.id < ?";
    arguments.emplace_back(*after);
  }
  arguments.emplace_back(sql_limit(limit));
  return all(db.select(select(filter.viewer ? kWithViewer : kWithoutViewer,
                              sql + " order by t.id desc limit ?"),
                       arguments),
             read_entry);
}

} // namespace

Result<std::optional<TrashEntry>> SqlTrash::find(TrashId id,
                                                 const std::optional<UserId>& viewer) const {
  static const Query query = select(kWithViewer, std::string{kFromWithViewer} + "where t.id = ?");
  return first_row(db_, query, {viewer.value_or(UserId{}), id}, read_entry);
}

Result<std::vector<TrashEntry>> SqlTrash::list(const TrashFilter& filter,
                                               const std::optional<TrashId>& after,
                                               std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<TrashEntry>> {
    const auto& [viewer, home] = filter;
    if (home) return page(db_, "t.owner_id = ?", {*home}, filter, after, limit);
    if (!viewer) return page(db_, "true", {}, filter, after, limit);
    auto own = page(db_, "t.owner_id = ?", {*viewer}, filter, after, limit);
    auto others =
        page(db_, "t.deleter_id = ? and t.owner_id <> ?", {*viewer, *viewer}, filter, after, limit);
    std::vector<TrashEntry> both;
    std::ranges::merge(own, others, std::back_inserter(both), std::ranges::greater{},
                       &TrashEntry::id, &TrashEntry::id);
    if (both.size() > limit)
      both.erase(both.begin() + static_cast<std::ptrdiff_t>(limit), both.end());
    return both;
  });
}

Result<std::vector<TrashEntry>> SqlTrash::expired(Timestamp now, std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<TrashEntry>> {
    static const Query by_time =
        select(kWithoutViewer,
               std::string{kFrom} + "where t.expires_at <= ? order by t.expires_at, t.id limit ?");
    static const Query by_owner = select(
        kWithoutViewer,
        std::string{kFrom} +
            "where t.owner_id in (select id from users where removed = true) and t.expires_at > ?"
            " limit ?");
    auto entries = all(db_.select(by_time, {now, sql_limit(limit)}), read_entry);
    if (entries.size() < limit) {
      auto more = all(db_.select(by_owner, {now, sql_limit(limit - entries.size())}), read_entry);
      std::ranges::move(more, std::back_inserter(entries));
    }
    return entries;
  });
}

Result<std::optional<TrashEntry>> SqlTrash::holding(FileId file) const {
  static const Query query = select(
      "with recursive up(id, parent_id) as (select id, parent_id from files where id = ?"
      " union all select f.id, f.parent_id from up join files f on f.id = up.parent_id)",
      kWithoutViewer,
      "from up join trash t on t.root_id = up.id join files f on f.id = t.root_id where"
      " up.parent_id is null");
  return first_row(db_, query, {file}, read_entry);
}

Result<TrashEntry> SqlTrash::put(const NewTrashEntry& entry) {
  return guarded(db_, [&]() -> Result<TrashEntry> {
    static const Query kind = select(text("f.kind") + number("f.parent_id"),
                                     "from files f where f.id = ? and f.name <> '/' || f.id");
    std::optional<FileId> parent;
    const auto found = one(db_.select(kind, {entry.root}), [&](Row& row) {
      const auto root_kind = read_kind(row);
      parent = row.maybe<FileId>();
      return root_kind;
    });
    if (!found) return not_found("no such node");
    if (!parent) return Error{Errc::internal, "a home is no trash"};
    detach(db_, entry.root);
    const auto id = db_.number(
        "insert into trash (root_id, owner_id, parent_id, path, size, version_bytes, file_count,"
        " deleter_id, deleted_by, deleted_at, expires_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " returning id",
        {entry.root, entry.owner, entry.parent, entry.path.str(), entry.size, entry.version_bytes,
         entry.file_count, entry.deleter, entry.deleted_by, entry.deleted_at, entry.expires_at});
    if (!id) throw BrokenRow{};
    TrashEntry put{entry};
    put.id = TrashId{*id};
    put.kind = *found;
    return put;
  });
}

Result<FileEntry> SqlTrash::restore(TrashId id, FileId parent, const FileName& name) {
  return guarded(db_, [&]() -> Result<FileEntry> {
    BALUHOST_TRY(const auto entry, find(id, std::nullopt));
    if (!entry) return not_found("no such entry");
    if (!db_.number("select id from files where id = ?", {parent}))
      return not_found("no such parent");
    if (db_.number("select id from files where parent_id = ? and name = ?", {parent, name.str()}))
      return Error{Errc::already_exists, "the name is taken"};
    db_.execute("delete from trash where id = ?", {id});
    db_.execute("update files set parent_id = ?, name = ?, search_key = ? where id = ?",
                {parent, name.str(), search_key(name.str()), entry->root});
    BALUHOST_TRY(auto restored, SqlFiles(db_).find(entry->root));
    if (!restored) throw BrokenRow{};
    return *std::move(restored);
  });
}

Result<void> SqlTrash::lose_versions(TrashId id, std::int64_t bytes) {
  return guarded(db_, [&]() -> Result<void> {
    if (db_.execute("update trash set version_bytes = version_bytes - ? where id = ?",
                    {bytes, id}) == 0) {
      return not_found("no such entry");
    }
    return {};
  });
}

} // namespace baluhost::sql
