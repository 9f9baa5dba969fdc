#include "repositories.hpp"

#include <bit>

namespace baluhost::sql {
namespace {

#define BALUHOST_GRANT_COLUMNS "g.file_id, g.grantee_id, g.rights, g.granted_by, g.created_at"
constexpr std::string_view kGrantShape = "nnntn";

Rights rights_of(std::int64_t bits) { return Rights::from_bits(static_cast<std::uint8_t>(bits)); }

Grant read_grant(const Row& row) {
  return Grant{FileId{row.number(0)}, UserId{row.number(1)}, rights_of(row.number(2)), row.text(3), Timestamp{row.number(4)}};
}

} // namespace

Result<Rights> SqlGrants::rights_on(UserId grantee, std::span<const FileId> files) const {
  return guarded(db_, [&]() -> Result<Rights> {
    Rights rights;
    // Lengths are rounded up, so that few statements serve all paths; the last id fills the rest.
    for (std::size_t done = 0; done < files.size();) {
      const auto part = files.subspan(done, std::min<std::size_t>(files.size() - done, 64));
      std::string sql = "select rights from grants where grantee_id = ? and file_id in (?";
      Arguments arguments{grantee, part.front()};
      for (std::size_t i = 1; i < std::bit_ceil(part.size()); ++i) {
        sql += ", ?";
        arguments.push_back(part[std::min(i, part.size() - 1)]);
      }
      Cursor cursor = db_.select(sql + ")", "n", arguments);
      while (cursor.next()) rights |= rights_of(cursor.row().number(0));
      done += part.size();
    }
    return rights;
  });
}

Result<std::optional<Grant>> SqlGrants::find(FileId file, UserId grantee) const {
  return guarded(db_, [&]() -> Result<std::optional<Grant>> {
    return one(db_.select("select " BALUHOST_GRANT_COLUMNS " from grants g where g.file_id = ? and g.grantee_id = ?",
                          kGrantShape, {file, grantee}),
               read_grant);
  });
}

Result<std::vector<Grant>> SqlGrants::list_of_file(FileId file, UserId after_grantee, std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<Grant>> {
    return all(db_.select("select " BALUHOST_GRANT_COLUMNS " from grants g where g.file_id = ? and g.grantee_id > ?"
                          " order by g.grantee_id limit ?",
                          kGrantShape, {file, after_grantee, sql_limit(limit)}),
               read_grant);
  });
}

Result<std::vector<Grant>> SqlGrants::list_of_grantee(UserId grantee, FileId after_file, std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<Grant>> {
    return all(db_.select("select " BALUHOST_GRANT_COLUMNS " from grants g where g.grantee_id = ? and g.file_id > ?"
                          " order by g.file_id limit ?",
                          kGrantShape, {grantee, after_file, sql_limit(limit)}),
               read_grant);
  });
}

Result<std::vector<UserId>> SqlGrants::homes_visible_to(UserId grantee) const {
  return guarded(db_, [&]() -> Result<std::vector<UserId>> {
    return all(db_.select("select distinct f.owner_id from grants g join files f on f.id = g.file_id"
                          " where g.grantee_id = ? and (g.rights & 1) = 1 order by f.owner_id",
                          "n", {grantee}),
               [](const Row& row) { return UserId{row.number(0)}; });
  });
}

Result<bool> SqlGrants::put(const Grant& grant) {
  return guarded(db_, [&]() -> Result<bool> {
    BALUHOST_TRY(const auto before, find(grant.file, grant.grantee));
    const auto put = db_.execute(
        "insert into grants (file_id, grantee_id, rights, granted_by, created_at)"
        " select f.id, u.id, cast(? as integer), cast(? as text), cast(? as bigint) from files f, users u"
        " where f.id = ? and u.id = ? on conflict (file_id, grantee_id) do update"
        " set rights = excluded.rights, granted_by = excluded.granted_by, created_at = excluded.created_at",
        {grant.rights.bits(), grant.granted_by, grant.created_at, grant.file, grant.grantee});
    if (put == 0) return not_found("no such node, or no such grantee");
    return !before;
  });
}

Result<void> SqlGrants::remove(FileId file, UserId grantee) {
  return guarded(db_, [&]() -> Result<void> {
    if (db_.execute("delete from grants where file_id = ? and grantee_id = ?", {file, grantee}) == 0) {
      return not_found("no such grant");
    }
    return {};
  });
}

Result<std::int64_t> SqlGrants::remove_below(FileId root) {
  return guarded(db_, [&]() -> Result<std::int64_t> {
    return db_.execute(
        "with recursive t(id) as (select id from files where id = ? union all"
        " select f.id from t join files f on f.parent_id = t.id) delete from grants where file_id in (select id from t)",
        {root});
  });
}

} // namespace baluhost::sql
