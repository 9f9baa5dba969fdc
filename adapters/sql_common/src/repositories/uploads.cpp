#include "repositories/repositories.hpp"

namespace baluhost::sql {
namespace {

const Columns kUploadColumns =
    text("u.id") + number("u.creator_id") + text("u.target") + number("u.length", "u.received") +
    flag("u.overwrite") + flag("u.parents") + text("u.expected") +
    number("u.created_at", "u.expires_at") + text("u.share_id", "u.share_path");

PendingUpload read_upload(Row& row) {
  const auto read_digest = [&]() -> std::optional<Sha256Digest> {
    const auto found = row.maybe_text();
    return found ? std::optional{accepted(Sha256Digest::parse_hex(*found))} : std::nullopt;
  };
  PendingUpload upload{.id = UploadId{row.text()},
                       .creator = UserId{row.number()},
                       .target = accepted(FilePath::parse(row.text())),
                       .length = row.number(),
                       .offset = row.number(),
                       .overwrite = row.flag(),
                       .parents = row.flag(),
                       .expected = read_digest(),
                       .created_at = Timestamp{row.number()},
                       .expires_at = Timestamp{row.number()}};
  auto share = row.maybe_text();
  const auto shown = row.maybe_text();
  if (share && shown)
    upload.share = UploadShare{ShareId{*std::move(share)}, accepted(FilePath::parse(*shown))};
  return upload;
}

} // namespace

Result<std::optional<PendingUpload>> SqlUploads::find(const UploadId& id) const {
  static const Query query = select(kUploadColumns, "from uploads u where u.id = ?");
  return first_row(db_, query, {id}, read_upload);
}

Result<std::vector<PendingUpload>> SqlUploads::expired(Timestamp now, std::size_t limit) const {
  static const Query query =
      select(kUploadColumns, "from uploads u where u.expires_at <= ? order by u.id limit ?");
  return all_rows(db_, query, {now, sql_limit(limit)}, read_upload);
}

Result<std::vector<UnfinishedUpload>> SqlUploads::list_unfinished(
    const UploadFilter& filter, const std::optional<UploadId>& after, std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<UnfinishedUpload>> {
    std::string sql =
        "from uploads u join users c on c.id = u.creator_id"
        " where u.received < u.length and u.id > ?";
    const std::string first = after ? after->value : "";
    const std::string target = filter.below ? filter.below->str() : "";
    const std::string lowest = target + '/';
    const std::string beyond = target + '0'; // which follows '/'
    Arguments arguments{first};
    if (filter.creator && filter.home) sql += " and (u.creator_id = ? or u.home = ?)";
    if (filter.creator && !filter.home) sql += " and u.creator_id = ?";
    if (!filter.creator && filter.home) sql += " and u.home = ?";
    if (filter.creator) arguments.emplace_back(*filter.creator);
    if (filter.home) arguments.emplace_back(filter.home->str());
    if (filter.below) {
      sql += " and (u.target = ? or (u.target > ? and u.target < ?))";
      for (const auto* bound : {&target, &lowest, &beyond}) arguments.emplace_back(*bound);
    }
    if (filter.share) {
      sql += " and u.share_id = ?";
      arguments.emplace_back(*filter.share);
    }
    arguments.emplace_back(sql_limit(limit));
    sql += " order by u.id limit ?";
    return all(db_.select(select(kUploadColumns + text("c.username"), sql), arguments),
               [](Row& row) {
                 return UnfinishedUpload{read_upload(row), accepted(Username::parse(row.text()))};
               });
  });
}

Result<std::int64_t> SqlUploads::reserved_bytes(const Username& owner) const {
  return guarded(db_, [&]() -> Result<std::int64_t> {
    return db_
        .number("select bytes from upload_totals where kind = 'home' and key = ?", {owner.str()})
        .value_or(0);
  });
}

Result<std::int64_t> SqlUploads::unfinished(UserId creator) const {
  return guarded(db_, [&]() -> Result<std::int64_t> {
    return db_
        .number(
            "select uploads from upload_totals where kind = 'creator' and key = cast(cast(? as "
            "bigint) as text)",
            {creator})
        .value_or(0);
  });
}

Result<void> SqlUploads::insert(const PendingUpload& upload) {
  return guarded(db_, [&]() -> Result<void> {
    const auto shown = upload.share ? std::optional{upload.share->shown.str()} : std::nullopt;
    const auto share = upload.share ? std::optional{upload.share->id.value} : std::nullopt;
    db_.execute(
        "insert into uploads (id, creator_id, home, target, length, received, overwrite, parents, "
        "expected, created_at,"
        " expires_at, share_id, share_path) values (?, ?, ?, ?, ?, ?, cast(? as integer) = 1,"
        " cast(? as integer) = 1, ?, ?, ?, ?, ?)",
        {upload.id, upload.creator, upload.target.home(), upload.target.str(), upload.length,
         upload.offset, upload.overwrite ? 1 : 0, upload.parents ? 1 : 0, upload.expected,
         upload.created_at, upload.expires_at, share, shown});
    return {};
  });
}

Result<void> SqlUploads::advance(const UploadId& id, std::int64_t offset, Timestamp expires_at) {
  return guarded(db_, [&]() -> Result<void> {
    if (db_.execute("update uploads set received = ?, expires_at = ? where id = ?",
                    {offset, expires_at, id}) == 0) {
      return not_found("no such upload");
    }
    return {};
  });
}

Result<void> SqlUploads::remove(const UploadId& id) {
  return guarded(db_, [&]() -> Result<void> {
    if (db_.execute("delete from uploads where id = ?", {id}) == 0)
      return not_found("no such upload");
    return {};
  });
}

} // namespace baluhost::sql
