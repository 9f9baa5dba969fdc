#include "repositories/repositories.hpp"
#include "rows.hpp"

namespace baluhost::sql {
namespace {

constexpr std::size_t kMostAtOnce = 128;

const Columns kArchiveColumns = text("a.id") + number("a.owner_id") + text("a.session_id") +
                                number("case when h.id is null then 0 else 1 end") +
                                text("a.name", "a.comment") +
                                number("a.size", "a.directory_offset", "a.directory_size",
                                       "a.entries", "a.files", "a.created_at", "a.used_at");

/// The id of a session or of a share: both are as random, and no two of them alike.
const std::string& id_of(const std::variant<SessionId, ShareId>& ends_with) {
  return std::visit([](const auto& id) -> const std::string& { return id.value; }, ends_with);
}

std::variant<SessionId, ShareId> read_end(Row& row) {
  auto id = row.text();
  const bool is_share = row.number() == 1;
  if (is_share) return ShareId{std::move(id)};
  return SessionId{std::move(id)};
}

constexpr std::string_view kWithEnds =
    "from archives a left join sessions s on s.id = a.session_id"
    " left join shares h on h.id = a.session_id where ";

Archive read_archive(Row& row) {
  return Archive{.id = ArchiveId{row.text()},
                 .owner = UserId{row.number()},
                 .ends_with = read_end(row),
                 .name = row.text(),
                 .comment = row.text(),
                 .size = row.number(),
                 .directory_offset = row.number(),
                 .directory_size = row.number(),
                 .entries = row.number(),
                 .files = row.number(),
                 .created_at = Timestamp{row.number()},
                 .used_at = Timestamp{row.number()}};
}

const Columns kEntryColumns =
    number("e.entry_offset", "e.directory_offset", "e.file_id", "e.owner_id") +
    text("e.path", "e.name") + number("e.modified_at") + text("e.blob") + number("e.size") +
    text("e.sha256") + number("e.crc32");

ArchiveEntry read_entry(Row& row) {
  ArchiveEntry entry{.offset = row.number(),
                     .directory_offset = row.number(),
                     .file = FileId{row.number()},
                     .owner = UserId{row.number()},
                     .path = row.text(),
                     .name = row.text(),
                     .modified_at = Timestamp{row.number()},
                     .content = std::nullopt};
  if (row.is_null()) {
    row.skip_rest();
    return entry;
  }
  entry.content = Content{.blob = BlobId{row.text()},
                          .size = row.number(),
                          .sha256 = accepted(Sha256Digest::parse_hex(row.text())),
                          .sha1 = std::nullopt,
                          .crc32 = std::nullopt};
  entry.content->crc32 = read_crc32(row);
  return entry;
}

std::string at_or_before(std::string_view column) {
  const std::string name{column};
  return "from archive_entries e where e.archive_id = ? and e." + name +
         " >= coalesce((select max(b." + name +
         ") from archive_entries b where b.archive_id = ? and b." + name +
         " <= ?), 0) order by e." + name + " limit ?";
}

void insert_portion(Connection& db, const ArchiveId& id, std::span<const ArchiveEntry> entries) {
  std::string sql =
      "insert into archive_entries (archive_id, entry_offset, directory_offset, file_id, owner_id, "
      "path, name, modified_at, blob, size, sha256, crc32) values ";
  Arguments values;
  values.reserve(entries.size() * 12);
  for (const auto& entry : entries) {
    sql += values.empty() ? "" : ", ";
    sql += "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
    const Content* content = entry.content ? &*entry.content : nullptr;
    for (const Argument& value :
         {Argument(id), Argument(entry.offset), Argument(entry.directory_offset),
          Argument(entry.file), Argument(entry.owner), Argument(entry.path), Argument(entry.name),
          Argument(entry.modified_at),
          content ? Argument(content->blob) : Argument(std::optional<std::string_view>{}),
          Argument(content ? std::optional{content->size} : std::nullopt),
          content ? Argument(content->sha256) : Argument(std::optional<std::string_view>{}),
          Argument(content ? content->crc32 : std::nullopt)})
      values.push_back(value);
  }
  db.execute(sql, values);
}

} // namespace

Result<std::optional<Archive>> SqlArchives::find(const ArchiveId& id, Timestamp now) const {
  static const Query query =
      select(kArchiveColumns,
             std::string{kWithEnds} +
                 "a.id = ? and ((s.revoked_at is null and s.expires_at > ?) or (h.id is not null"
                 " and h.ended_at is null and (h.expires_at is null or h.expires_at > ?)))");
  return first_row(db_, query, {id, now, now}, read_archive);
}

Result<ArchiveUse> SqlArchives::use_of(UserId owner) const {
  return guarded(db_, [&]() -> Result<ArchiveUse> {
    static const Query query =
        select(number("count(*)", "cast(coalesce(sum(entries), 0) as bigint)"),
               "from archives where owner_id = ?");
    return one(db_.select(query, {owner}),
               [](Row& row) {
                 return ArchiveUse{.archives = row.number(), .entries = row.number()};
               })
        .value_or(ArchiveUse{});
  });
}

Result<std::vector<ArchiveEntry>> SqlArchives::entries_at(const ArchiveId& id, std::int64_t offset,
                                                          std::size_t limit) const {
  static const Query query = select(kEntryColumns, at_or_before("entry_offset"));
  return all_rows(db_, query, {id, id, offset, sql_limit(limit)}, read_entry);
}

Result<std::vector<ArchiveEntry>> SqlArchives::directory_at(const ArchiveId& id,
                                                            std::int64_t offset,
                                                            std::size_t limit) const {
  static const Query query = select(kEntryColumns, at_or_before("directory_offset"));
  return all_rows(db_, query, {id, id, offset, sql_limit(limit)}, read_entry);
}

Result<std::vector<ArchiveEntry>> SqlArchives::directories_after(const ArchiveId& id,
                                                                 std::int64_t after,
                                                                 std::size_t limit) const {
  static const Query query =
      select(kEntryColumns,
             "from archive_entries e where e.archive_id = ? and e.entry_offset > ?"
             " and e.blob is null order by e.entry_offset limit ?");
  return all_rows(db_, query, {id, after, sql_limit(limit)}, read_entry);
}

Result<std::vector<ArchiveId>> SqlArchives::ended(Timestamp unused_since, Timestamp now,
                                                  std::size_t limit) const {
  static const Query query =
      select(text("a.id"),
             std::string{kWithEnds} +
                 "a.used_at < ? or (s.id is null and h.id is null) or s.revoked_at is not null"
                 " or s.expires_at <= ? or h.ended_at is not null or h.expires_at <= ?"
                 " order by a.id limit ?");
  return all_rows(db_, query, {unused_since, now, now, sql_limit(limit)}, read_text<ArchiveId>);
}

Result<void> SqlArchives::insert(const Archive& archive) {
  return guarded(db_, [&]() -> Result<void> {
    db_.execute(
        "insert into archives (id, owner_id, session_id, name, comment, size, directory_offset, "
        "directory_size, entries, files, created_at, used_at)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        {archive.id, archive.owner, id_of(archive.ends_with), archive.name, archive.comment,
         archive.size, archive.directory_offset, archive.directory_size, archive.entries,
         archive.files, archive.created_at, archive.used_at});
    return {};
  });
}

Result<void> SqlArchives::append(const ArchiveId& id, std::span<const ArchiveEntry> entries) {
  return guarded(db_, [&]() -> Result<void> {
    in_portions(entries, kMostAtOnce,
                [&](std::span<const ArchiveEntry> some) { insert_portion(db_, id, some); });
    return {};
  });
}

Result<void> SqlArchives::update(const Archive& archive) {
  return guarded(db_, [&]() -> Result<void> {
    if (db_.execute("update archives set comment = ?, size = ?, directory_offset = ?, "
                    "directory_size = ?, entries = ?, files = ? where id = ?",
                    {archive.comment, archive.size, archive.directory_offset,
                     archive.directory_size, archive.entries, archive.files, archive.id}) == 0)
      return not_found("no such archive");
    return {};
  });
}

Result<void> SqlArchives::touch(const ArchiveId& id, Timestamp now) {
  return guarded(db_, [&]() -> Result<void> {
    if (db_.execute("update archives set used_at = ? where id = ?", {now, id}) == 0)
      return not_found("no such archive");
    return {};
  });
}

Result<bool> SqlArchives::remove(const ArchiveId& id, std::size_t limit, Timestamp now) {
  return guarded(db_, [&]() -> Result<bool> {
    const auto last = db_.number(
        "select max(entry_offset) from (select entry_offset from archive_entries where archive_id "
        "= ? order by entry_offset limit ?) e",
        {id, sql_limit(limit)});
    if (last) {
      static const Query query =
          select(text("distinct e.blob"),
                 "from archive_entries e where e.archive_id = ? and e.entry_offset <= ? and "
                 "e.blob is not null");
      const auto blobs = all(db_.select(query, {id, *last}), read_text<BlobId>);
      db_.execute("delete from archive_entries where archive_id = ? and entry_offset <= ?",
                  {id, *last});
      doom(db_, blobs, now);
      if (db_.number("select 1 from archive_entries where archive_id = ? limit 1", {id}))
        return false;
    }
    db_.execute("delete from archives where id = ?", {id});
    return true;
  });
}

} // namespace baluhost::sql
