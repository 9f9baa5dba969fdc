#include "baluhost/domain/concat.hpp"
#include "baluhost/domain/files/name_query.hpp"
#include "baluhost/sql_common/dialect.hpp"
#include "repositories/repositories.hpp"
#include "repositories/trees/tree_repositories.hpp"
#include "rows.hpp"

/// A tree is copied, and given to another owner, by one statement: a recursive query finds the
/// rows, the database changes them. How large it may be is for the caller to bound.
namespace baluhost::sql {
namespace {

#define BALUHOST_SUBTREE                                                           \
  "with recursive t(id, depth) as (select id, 0 from files where id = ? union all" \
  " select f.id, t.depth + 1 from t join files f on f.parent_id = t.id) "

constexpr std::size_t kChecksumsAtOnce = 256;

Error no_such_node() { return not_found("no such node"); }
Error name_taken() { return Error{Errc::already_exists, "the name is taken"}; }

bool exists(Connection& db, FileId id) {
  return db.number("select id from files where id = ?", {id}).has_value();
}

std::optional<std::int64_t> holder_of(Connection& db, FileId parent, const FileName& name) {
  return db.number("select id from files where parent_id = ? and name = ?", {parent, name.str()});
}

Result<FileEntry> found(Result<std::optional<FileEntry>> entry) {
  if (!entry) return std::move(entry).error();
  if (!*entry) return no_such_node();
  return **std::move(entry);
}

/// The node as it is once nobody else changes its home.
Result<FileEntry> found_locked(const SqlFiles& files, Connection& db, FileId node) {
  BALUHOST_TRY(auto entry, found(files.find(node)));
  if (!db.dialect().hold_home(db, entry.owner)) return entry;
  return found(files.find(node));
}

} // namespace

Result<void> SqlFiles::lock_home(UserId owner) {
  return guarded(db_, [&]() -> Result<void> {
    if (!db_.dialect().lock_home(db_, owner)) return not_found("no such user");
    return {};
  });
}

Result<FileEntry> SqlFiles::insert(const NewFileEntry& entry) {
  return guarded(db_, [&]() -> Result<FileEntry> {
    db_.dialect().hold_home(db_, entry.owner);
    const Content* content = entry.content ? &*entry.content : nullptr;
    const auto id = db_.number(
        "insert into files (parent_id, name, kind, blob, size, sha256, sha1, crc32, owner_id, "
        "created_at, modified_at, written_at, written_by, search_key)"
        " select ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? where cast(? as bigint) is null or"
        " exists (select 1 from files where id = ?) on conflict do nothing returning id",
        {entry.parent, entry.name.str(), to_string(entry.kind),
         content ? std::optional{content->blob.value} : std::nullopt,
         content ? std::optional{content->size} : std::nullopt,
         content ? std::optional{content->sha256} : std::nullopt,
         content ? content->sha1 : std::nullopt, content ? content->crc32 : std::nullopt,
         entry.owner, entry.created_at, entry.modified_at,
         content ? std::optional{entry.created_at} : std::nullopt, entry.written_by,
         search_key(entry.name.str()), entry.parent, entry.parent});
    if (!id) {
      return entry.parent && !exists(db_, *entry.parent) ? not_found("no such parent")
                                                         : name_taken();
    }
    return as_entry(entry, FileId{*id});
  });
}

Result<FileEntry> SqlFiles::replace_content(FileId file, const Content& content,
                                            const Replacement& how) {
  return guarded(db_, [&]() -> Result<FileEntry> {
    BALUHOST_TRY(auto entry, found_locked(*this, db_, file));
    if (entry.kind != FileKind::file) return no_such_node();
    const bool keeps = how.former == FormerContent::kept;
    if (keeps)
      keep_content(db_, file, file, how.now);
    else
      db_.dialect().before_removal(db_, std::span(&file, 1));
    const std::int64_t kept_bytes = keeps ? entry.content->size : 0;
    constexpr std::string_view kSet =
        "update files set blob = ?, size = ?, sha256 = ?, sha1 = ?, crc32 = ?, modified_at = ?,"
        " version_bytes = version_bytes + ?";
    Arguments arguments{content.blob,  content.size,    content.sha256, content.sha1,
                        content.crc32, how.modified_at, kept_bytes};
    std::string sql{kSet};
    if (how.former != FormerContent::equal) {
      sql +=
          ", contents = contents + 1, version_id = id || '.' || (contents + 1), written_at = ?,"
          " written_by = ?";
      arguments.emplace_back(how.now);
      arguments.emplace_back(how.written_by);
    }
    arguments.emplace_back(file);
    db_.execute(sql + " where id = ?", arguments);
    if (!keeps) doom(db_, std::span(&entry.content->blob, 1), how.now);
    entry.content = content;
    entry.modified_at = how.modified_at;
    entry.version_bytes += kept_bytes;
    return entry;
  });
}

Result<FileEntry> SqlFiles::relocate(FileId node, FileId parent, const FileName& name, UserId owner,
                                     Timestamp now) {
  return guarded(db_, [&]() -> Result<FileEntry> {
    BALUHOST_TRY(auto entry, found_locked(*this, db_, node));
    db_.dialect().hold_home(db_, owner);
    if (!exists(db_, parent)) return no_such_node();
    if (db_.number("with recursive up(id, parent_id) as (select id, parent_id from files where id "
                   "= ? union all"
                   " select f.id, f.parent_id from up join files f on f.id = up.parent_id) select "
                   "id from up where id = ?",
                   {parent, node})) {
      return Error{Errc::conflict, "a node into itself"};
    }
    const auto holder = holder_of(db_, parent, name);
    if (holder && *holder != node.value) return name_taken();
    db_.execute(
        "update files set parent_id = ?, name = ?, search_key = ?, modified_at = ? where id = ?",
        {parent, name.str(), search_key(name.str()), now, node});
    if (entry.owner != owner) {
      db_.execute(BALUHOST_SUBTREE "update files set owner_id = ? where id in (select id from t)",
                  {node, owner});
    }
    entry.parent = parent;
    entry.name = name;
    entry.owner = owner;
    entry.modified_at = now;
    return entry;
  });
}

Result<FileEntry> SqlFiles::copy(FileId node, FileId parent, const FileName& name, UserId owner,
                                 Timestamp now, const std::optional<std::string>& written_by) {
  return guarded(db_, [&]() -> Result<FileEntry> {
    db_.dialect().hold_home(db_, owner);
    db_.dialect().before_copy(db_, node);
    if (!exists(db_, node) || !exists(db_, parent)) return no_such_node();
    if (holder_of(db_, parent, name)) return name_taken();
    const std::string sql =
        BALUHOST_SUBTREE ", fresh(old_id, id, depth) as materialized (select t.id, " +
        std::string{db_.dialect().next_file_id()} +
        ", t.depth from t)"
        " insert into files (id, parent_id, name, kind, blob, size, sha256, sha1, crc32, "
        "owner_id, created_at, modified_at, written_at, written_by, search_key)"
        " select n.id, case when n.depth = 0 then cast(? as bigint) else p.id end,"
        " case when n.depth = 0 then cast(? as text) else f.name end, f.kind, f.blob, f.size, "
        "f.sha256, f.sha1, f.crc32,"
        " cast(? as bigint), cast(? as bigint), cast(? as bigint), case when f.kind = 'file' then"
        " cast(? as bigint) end, case when f.kind = 'file' then cast(? as text) end, case when "
        "n.depth = 0 then cast(? as text) else f.search_key end"
        " from fresh n join files f on f.id = n.old_id left join fresh p on p.old_id = f.parent_id "
        "order by n.depth, n.id";
    db_.execute(
        sql, {node, parent, name.str(), owner, now, now, now, written_by, search_key(name.str())});
    const auto copied = holder_of(db_, parent, name);
    if (!copied) return no_such_node();
    return found(find(FileId{*copied}));
  });
}

Result<void> SqlFiles::note_checksums(std::span<const ContentChecksum> checksums) {
  return guarded(db_, [&]() -> Result<void> {
    in_portions(checksums, kChecksumsAtOnce, [&](std::span<const ContentChecksum> some) {
      const ValueRows rows(some, "(cast(? as text), cast(? as bigint))",
                           [](const ContentChecksum& of) -> Arguments {
                             return {of.blob, of.crc32};
                           });
      for (const char* table : {"files", "versions", "archive_entries"}) {
        db_.execute(concat("with v(blob, crc32) as (values ", rows.sql, ") update ", table,
                           " set crc32 = (select v.crc32 from v where v.blob = ", table,
                           ".blob limit 1) where blob in (select v.blob from v) and crc32 is null"),
                    rows.arguments);
      }
    });
    return {};
  });
}

Result<void> SqlFiles::remove(FileId node, Timestamp now) {
  return guarded(db_, [&]() -> Result<void> {
    BALUHOST_TRY(const auto entry, found_locked(*this, db_, node));
    if (entry.kind == FileKind::directory) {
      BALUHOST_TRY(const bool empty, is_empty(node));
      if (!empty) return Error{Errc::conflict, "something is in the directory"};
    }
    db_.dialect().before_removal(db_, std::span(&node, 1));
    const auto blobs = blobs_of(db_, std::span(&node, 1));
    // Grants, shares and versions go with their nodes, by the foreign key.
    if (db_.execute("delete from files where id = ?", {node}) == 0) return no_such_node();
    doom(db_, blobs, now);
    return {};
  });
}

} // namespace baluhost::sql
