#include "baluhost/domain/concat.hpp"
#include "repositories/repositories.hpp"
#include "repositories/trees/tree_repositories.hpp"

#include <algorithm>
#include <map>

// The home that a grant's node lies in stands in its row: a grant never leaves its home, so the
// grants of a home are found without its files.
namespace baluhost::sql {
namespace {

const Columns kGrantColumns = number("g.file_id") + text("g.grantee") +
                              number("g.grantee_id", "g.rights", "g.giver_id") +
                              text("g.granted_by") + flag("g.given_on") + number("g.created_at");
const Columns kPlacedColumns =
    kGrantColumns +
    text(
        "(with recursive up(parent_id, path) as (select f.parent_id, '/' || f.name from files f"
        " where f.id = g.file_id union all select f.parent_id, '/' || f.name || up.path from up"
        " join files f on f.id = up.parent_id) select path from up where parent_id is null)");

Rights rights_of(std::int64_t bits) { return Rights::from_bits(static_cast<std::uint8_t>(bits)); }

Grant read_grant(Row& row) {
  return Grant{.file = FileId{row.number()},
               .grantee = accepted(Username::parse(row.text())),
               .account = row.maybe<UserId>(),
               .rights = rights_of(row.number()),
               .giver = row.maybe<UserId>(),
               .granted_by = row.text(),
               .given_on = row.flag(),
               .created_at = Timestamp{row.number()}};
}

PlacedGrant read_placed(Row& row) {
  return {read_grant(row), accepted(FilePath::parse(row.text()))};
}

/// From each of `files`, a list of values, up to its home: then the user, whether a root is looked
/// for, the root and the user twice.
Query ways_up(std::string_view files) {
  return select(concat("with recursive up(leaf, owner_id, id, parent_id, name) as (select f.id, "
                       "f.owner_id, f.id,"
                       " f.parent_id, f.name from files f where f.id in (",
                       files,
                       ") union all select up.leaf, up.owner_id, f.id, f.parent_id, f.name from up"
                       " join files f on f.id = up.parent_id"
                       " where up.owner_id <> cast(? as bigint) or cast(? as bigint) = 1)"),
                number("up.leaf", "up.owner_id", "coalesce(g.rights, 0)") +
                    flag("up.id = cast(? as bigint)") +
                    flag("up.owner_id = cast(? as bigint) or (up.parent_id is null and"
                         " substr(up.name, 1, 1) <> '/')"),
                "from up left join grants g on g.file_id = up.id and g.grantee_id = ?");
}

/// Of the files whose way ends in a home. `is_below`: of one that meets no root.
std::vector<FileStanding> read_ways(Cursor cursor, bool is_below) {
  struct Way {
    FileStanding standing;
    bool in_home{false};
  };
  std::map<FileId, Way> ways;
  while (cursor.next()) {
    Row row = cursor.row();
    const FileId leaf{row.number()};
    Way& way = ways.try_emplace(leaf, Way{.standing = {.is_below = is_below}}).first->second;
    way.standing.file = leaf;
    way.standing.owner = UserId{row.number()};
    way.standing.granted |= rights_of(row.number());
    way.standing.is_below = row.flag() || way.standing.is_below;
    way.in_home = row.flag() || way.in_home;
  }
  std::vector<FileStanding> standings;
  for (const auto& [file, way] : ways)
    if (way.in_home) standings.push_back(way.standing);
  return standings;
}

} // namespace

Result<Rights> SqlGrants::rights_on(UserId grantee, std::span<const FileId> files) const {
  return guarded(db_, [&]() -> Result<Rights> {
    Rights rights;
    for (std::size_t done = 0; done < files.size();) {
      const auto part = files.subspan(done, std::min<std::size_t>(files.size() - done, 64));
      const ValueList<FileId> list(part);
      Arguments arguments{grantee};
      arguments.insert(arguments.end(), list.arguments.begin(), list.arguments.end());
      const auto query = select(
          number("rights"), "from grants where grantee_id = ? and file_id in (" + list.sql + ")");
      for (const Rights more :
           all(db_.select(query, arguments), [](Row& row) { return rights_of(row.number()); })) {
        rights |= more;
      }
      done += part.size();
    }
    return rights;
  });
}

// The way goes up from each file that is not in `user`'s own home, or from each where a root is
// looked for, through its own row, to the home: a tree that was taken out of its home has none.
Result<std::vector<FileStanding>> SqlGrants::standings(UserId user, std::span<const FileId> files,
                                                       std::optional<FileId> root) const {
  if (files.empty()) return std::vector<FileStanding>{};
  return guarded(db_, [&]() -> Result<std::vector<FileStanding>> {
    ValueList list(files);
    list.arguments.emplace_back(user);
    list.arguments.emplace_back(root ? 1 : 0);
    list.arguments.emplace_back(root.value_or(FileId{}));
    list.arguments.emplace_back(user);
    list.arguments.emplace_back(user);
    return read_ways(db_.select(ways_up(list.sql), list.arguments), !root);
  });
}

Result<std::optional<Grant>> SqlGrants::find(FileId file, const Username& grantee) const {
  static const Query query =
      select(kGrantColumns, "from grants g where g.file_id = ? and g.grantee = ?");
  return first_row(db_, query, {file, grantee.str()}, read_grant);
}

Result<std::vector<Grant>> SqlGrants::list_of_file(FileId file,
                                                   const std::optional<Username>& after,
                                                   std::size_t limit) const {
  static const Query query =
      select(kGrantColumns,
             "from grants g where g.file_id = ? and g.grantee > ? order by g.grantee limit ?");
  return all_rows(db_, query, {file, after ? after->str() : std::string{}, sql_limit(limit)},
                  read_grant);
}

Result<std::vector<PlacedGrant>> SqlGrants::list_below(FileId root,
                                                       const std::optional<GrantPosition>& after,
                                                       std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<PlacedGrant>> {
    const GrantPosition from = after.value_or(GrantPosition{});
    // Up from each grant of the home, not down: there are fewer grants than files.
    static const Query query =
        select(kPlacedColumns,
               "from grants g where g.home_id = (select owner_id from files where id = ?)"
               " and (g.file_id, g.grantee) > (?, ?) and exists (with recursive above(id) as "
               "(select g.file_id"
               " union all select f.parent_id from above join files f on f.id = above.id"
               " where f.parent_id is not null) select 1 from above where id = ?)"
               " order by g.file_id, g.grantee limit ?");
    return all(db_.select(query, {root, from.file, from.grantee, root, sql_limit(limit)}),
               read_placed);
  });
}

Result<std::vector<PlacedGrant>> SqlGrants::list_of_grantee(UserId grantee, FileId after_file,
                                                            std::size_t limit) const {
  static const Query query =
      select(kPlacedColumns, "from grants g where g.grantee_id = ? and g.file_id > ? and " +
                                 is_awake("g") + " order by g.file_id limit ?");
  return all_rows(db_, query, {grantee, after_file, sql_limit(limit)}, read_placed);
}

Result<std::vector<PlacedGrant>> SqlGrants::tree_of(UserId owner) const {
  return guarded(db_, [&]() -> Result<std::vector<PlacedGrant>> {
    if (!db_.number("select 1 from grants where home_id = ? and given_on = true limit 1",
                    {owner})) {
      return std::vector<PlacedGrant>{};
    }
    static const Query query =
        select(kPlacedColumns, "from grants g where g.home_id = ? and " + is_awake("g") +
                                   " order by g.file_id, g.grantee");
    return all(db_.select(query, {owner}), read_placed);
  });
}

Result<std::vector<UserId>> SqlGrants::homes_given_on_by(UserId giver) const {
  static const Query query =
      select(number("distinct home_id"),
             "from grants where giver_id = ? and given_on = true order by home_id");
  return all_rows(db_, query, {giver}, read_number<UserId>);
}

Result<std::vector<UserId>> SqlGrants::homes_visible_to(UserId grantee) const {
  static const Query query =
      select(number("distinct g.home_id"),
             "from grants g where g.grantee_id = ? and (g.rights & 1) = 1 and " + is_awake("g") +
                 " order by g.home_id");
  return all_rows(db_, query, {grantee}, read_number<UserId>);
}

Result<bool> SqlGrants::put(const Grant& grant) {
  return guarded(db_, [&]() -> Result<bool> {
    BALUHOST_TRY(const auto before, find(grant.file, grant.grantee));
    const auto put = db_.execute(
        "insert into grants (file_id, grantee, grantee_id, home_id, rights, giver_id, granted_by, "
        "given_on, created_at)"
        " select f.id, cast(? as text), cast(? as bigint), f.owner_id, cast(? as integer), cast(? "
        "as bigint),"
        " cast(? as text), cast(? as integer) = 1, cast(? as bigint) from files f where f.id = ?"
        " and (cast(? as bigint) is null or exists (select 1 from users where id = ?))"
        " on conflict (file_id, grantee) do update set grantee_id = excluded.grantee_id, rights = "
        "excluded.rights,"
        " giver_id = excluded.giver_id, granted_by = excluded.granted_by, given_on = "
        "excluded.given_on,"
        " created_at = excluded.created_at",
        {grant.grantee.str(), grant.account, grant.rights.bits(), grant.giver, grant.granted_by,
         grant.given_on ? 1 : 0, grant.created_at, grant.file, grant.account, grant.account});
    if (put == 0) return not_found("no such node, or no such grantee");
    return !before;
  });
}

Result<void> SqlGrants::remove(FileId file, const Username& grantee) {
  return guarded(db_, [&]() -> Result<void> {
    if (db_.execute("delete from grants where file_id = ? and grantee = ?",
                    {file, grantee.str()}) == 0) {
      return not_found("no such grant");
    }
    return {};
  });
}

Result<std::int64_t> SqlGrants::remove_below(FileId root) {
  return guarded(db_, [&]() -> Result<std::int64_t> {
    return db_.execute(
        "with recursive t(id) as (select id from files where id = ? union all"
        " select f.id from t join files f on f.parent_id = t.id) delete from grants where file_id "
        "in (select id from t)",
        {root});
  });
}

} // namespace baluhost::sql
