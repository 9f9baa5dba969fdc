#include "baluhost/sql_common/dialect.hpp"
#include "repositories/repositories.hpp"
#include "repositories/trees/tree_repositories.hpp"
#include "rows.hpp"

#include <array>

/// The present content lies in the file's own row, so that what reads files needs nothing of this.
/// Its name is null as long as it is the file's first; whatever is replaced takes its name along.
namespace baluhost::sql {
namespace {

/// Of a version, or of a present content, as the queries below make them.
const Columns kVersionColumns = text("v.id", "v.blob") + number("v.size") +
                                text("v.sha256", "v.sha1") + number("v.crc32", "v.created_at") +
                                text("v.created_by") + number("v.replaced_at");

#define BALUHOST_PRESENT                                                                      \
  "select coalesce(f.version_id, f.id || '.1') as id, f.blob, f.size, f.sha256, f.sha1,"      \
  " f.crc32, coalesce(f.written_at, f.modified_at) as created_at, f.written_by as created_by" \
  ", cast(null as bigint) as replaced_at from files f where f.blob is not null and f.id = ?"

#define BALUHOST_FORMER                                                                 \
  "select w.id, w.blob, w.size, w.sha256, w.sha1, w.crc32, w.created_at, w.created_by," \
  " w.replaced_at from versions w where w.file_id = ?"

Version read_version(Row& row) {
  VersionId id = accepted(VersionId::parse(row.text()));
  auto content = read_content(row);
  Version version{.id = std::move(id),
                  .content = std::move(content),
                  .created_at = Timestamp{row.number()},
                  .created_by = row.maybe_text(),
                  .replaced_at = row.maybe<Timestamp>()};
  version.is_current = !version.replaced_at;
  return version;
}

Error no_such_version() { return not_found("no such version"); }

} // namespace

void keep_content(Connection& db, FileId from, FileId to, Timestamp now) {
  db.execute(
      "insert into versions (file_id, id, blob, size, sha256, sha1, crc32, created_at,"
      " created_by, replaced_at) select cast(? as bigint), p.id, p.blob, p.size, p.sha256,"
      " p.sha1, p.crc32, p.created_at, p.created_by, cast(? as bigint) from "
      "(" BALUHOST_PRESENT ") p",
      {to, now, from});
}

Result<std::vector<Version>> SqlVersions::list(FileId file, std::size_t limit) const {
  static const Query query =
      select(kVersionColumns, "from (" BALUHOST_PRESENT " union all " BALUHOST_FORMER
                              ") v order by v.created_at desc, v.id desc"
                              " limit ?");
  return all_rows(db_, query, {file, file, sql_limit(limit)}, read_version);
}

Result<std::optional<Version>> SqlVersions::find(FileId file, const VersionId& id) const {
  static const Query query =
      select(kVersionColumns,
             "from (" BALUHOST_PRESENT " union all " BALUHOST_FORMER ") v where v.id = ?");
  return first_row(db_, query, {file, file, id.value}, read_version);
}

Result<std::vector<Version>> SqlVersions::surplus(FileId file, std::size_t most,
                                                  std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<Version>> {
    const auto count =
        db_.number("select count(*) from versions where file_id = ?", {file}).value_or(0);
    const auto beyond = count - static_cast<std::int64_t>(most);
    if (beyond <= 0) return std::vector<Version>{};
    static const Query query = select(
        kVersionColumns, "from (" BALUHOST_FORMER ") v order by v.replaced_at, v.id limit ?");
    return all(db_.select(query, {file, std::min(beyond, sql_limit(limit))}), read_version);
  });
}

Result<std::vector<PlacedVersion>> SqlVersions::replaced_before(
    Timestamp before, const std::optional<VersionPosition>& after, std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<PlacedVersion>> {
    static const Query query =
        select(number("v.file_id", "f.owner_id") + kVersionColumns,
               "from versions v join files f on f.id = v.file_id where v.replaced_at < ? and"
               " (v.replaced_at, v.file_id, v.id) > (?, ?, ?)"
               " order by v.replaced_at, v.file_id, v.id limit ?");
    const auto from = after.value_or(VersionPosition{});
    return all(
        db_.select(query, {before, from.replaced_at, from.file, from.id.value, sql_limit(limit)}),
        [](Row& row) {
          const FileId file{row.number()};
          const UserId owner{row.number()};
          return PlacedVersion{.version = read_version(row), .file = file, .owner = owner};
        });
  });
}

Result<std::vector<VersionRepository::Count>> SqlVersions::counts(FileId after,
                                                                  std::size_t limit) const {
  static const Query query =
      select(number("v.file_id", "count(*)"),
             "from versions v where v.file_id > ? group by v.file_id order by v.file_id limit ?");
  return all_rows(db_, query, {after, sql_limit(limit)}, [](Row& row) {
    return Count{.file = FileId{row.number()}, .versions = row.number()};
  });
}

Result<FileEntry> SqlVersions::restore(FileId file, const VersionId& id, Timestamp now) {
  return guarded(db_, [&]() -> Result<FileEntry> {
    BALUHOST_TRY(auto entry, SqlFiles(db_).find(file));
    BALUHOST_TRY(const auto version, find(file, id));
    if (!entry || !version || version->is_current) return no_such_version();
    keep_content(db_, file, file, now);
    db_.execute("delete from versions where file_id = ? and id = ?", {file, id.value});
    const auto& content = version->content;
    const auto growth = entry->content->size - content.size;
    db_.execute(
        "update files set blob = ?, size = ?, sha256 = ?, sha1 = ?, crc32 = ?, modified_at"
        " = ?, version_id = ?, written_at = ?, written_by = ?, version_bytes ="
        " version_bytes + ? where id = ?",
        {content.blob, content.size, content.sha256, content.sha1, content.crc32, now, id.value,
         version->created_at, version->created_by, growth, file});
    entry->content = content;
    entry->modified_at = now;
    entry->version_bytes += growth;
    return *std::move(entry);
  });
}

Result<void> SqlVersions::adopt(FileId from, FileId to, FormerContent content, Timestamp now) {
  return guarded(db_, [&]() -> Result<void> {
    const std::array both{from, to};
    const ValueList<FileId> list(both);
    if (db_.number("select count(*) from files where kind = 'file' and id in (" + list.sql + ")",
                   list.arguments) != 2) {
      return not_found("no such file");
    }
    db_.execute("update versions set file_id = ? where file_id = ?", {to, from});
    const bool keeps = content == FormerContent::kept;
    if (keeps) keep_content(db_, from, to, now);
    db_.execute(
        "update files set version_bytes = version_bytes + (select f.version_bytes + case"
        " when cast(? as integer) = 1 then f.size else 0 end from files f where f.id = ?)"
        " where id = ?",
        {keeps ? 1 : 0, from, to});
    db_.execute("update files set version_bytes = 0 where id = ?", {from});
    return {};
  });
}

Result<void> SqlVersions::remove(FileId file, const VersionId& id, Timestamp now) {
  return guarded(db_, [&]() -> Result<void> {
    BALUHOST_TRY(const auto version, find(file, id));
    if (!version || version->is_current) return no_such_version();
    db_.dialect().before_removal(db_, std::span(&file, 1));
    db_.execute("delete from versions where file_id = ? and id = ?", {file, id.value});
    db_.execute("update files set version_bytes = version_bytes - ? where id = ?",
                {version->content.size, file});
    doom(db_, std::span(&version->content.blob, 1), now);
    return {};
  });
}

} // namespace baluhost::sql
