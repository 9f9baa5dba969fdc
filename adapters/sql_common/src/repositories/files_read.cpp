#include "baluhost/domain/concat.hpp"
#include "baluhost/sql_common/dialect.hpp"
#include "repositories/repositories.hpp"
#include "rows.hpp"

#include <algorithm>
#include <iterator>

namespace baluhost::sql {
namespace {

/// The names of detached roots begin with a slash, which is less than what a home's begins with.
constexpr std::string_view kBeforeHomes = "/~";

/// A join with the files of which `condition` is true, looked up for each row before it by an
/// index. A database that has this, and plans for what it knows of its tables, would else join some
/// thousands of files whole, for the one that is wanted.
std::string each(std::string_view condition) {
  return concat(" cross join lateral (select f.* from files f where ", condition, " offset 0) f");
}

/// The query for a path of `depth` segments, which takes a name for each: one statement for all
/// paths of a depth.
Query resolve_query(std::size_t depth) {
  std::string names = "(0, ?)";
  for (std::size_t i = 1; i < depth; ++i) names += ", (" + std::to_string(i) + ", ?)";
  return select("with recursive segment(i, name) as (values " + names +
                    "), node(i, id) as ("
                    "select 0, f.id from segment s" +
                    each("f.parent_id is null and f.name = s.name") +
                    " where s.i = 0"
                    " union all select n.i + 1, f.id from node n join segment s on s.i = n.i + 1" +
                    each("f.parent_id = n.id and f.name = s.name") + ")",
                kFileColumns, "from node n" + each("f.id = n.id") + " order by n.i");
}

/// The query for a node, by its id and a name for each of the `depth` segments below it: one
/// statement for all of a depth. Of a node in a detached tree the first row has a parent.
Query resolve_below_query(std::size_t depth) {
  std::string with =
      "with recursive up(height, id, parent_id) as (select 0, f.id, f.parent_id from files f"
      " where f.id = ? union all select up.height + 1, f.id, f.parent_id from up" +
      each("f.id = up.parent_id") + ")";
  std::string way = "select -height as i, id from up";
  if (depth > 0) {
    with += ", segment(i, name) as (values (1, ?)";
    for (std::size_t i = 2; i <= depth; ++i) with += ", (" + std::to_string(i) + ", ?)";
    with +=
        "), node(i, id) as (select 0, id from up where height = 0 union all select n.i + 1,"
        " f.id from node n join segment s on s.i = n.i + 1" +
        each("f.parent_id = n.id and f.name = s.name") + ")";
    way += " union all select i, id from node where i > 0";
  }
  return select(
      with, kFileColumns,
      "from (" + way + ") w" + each("f.id = w.id") + " where f.name <> '/' || f.id order by w.i");
}

/// `name` in a directory, or the home of that name.
std::optional<FileEntry> child_of(Connection& db, std::optional<FileId> directory,
                                  const FileName& name) {
  static const Query home =
      select(kFileColumns, "from files f where f.parent_id is null and f.name = ?");
  static const Query child =
      select(kFileColumns, "from files f where f.parent_id = ? and f.name = ?");
  return one(directory ? db.select(child, {*directory, name.str()}) : db.select(home, {name.str()}),
             read_file);
}

/// The node, unless it is the root of a detached tree.
std::optional<FileEntry> node_of(Connection& db, FileId id) {
  static const Query query =
      select(kFileColumns, "from files f where f.id = ? and f.name <> '/' || f.id");
  return one(db.select(query, {id}), read_file);
}

/// Ascends from the files that `seed` is true of: each node of each way up, the seed's distance
/// first.
Query ascent(std::string_view seed) {
  return select(
      "with recursive up(leaf, height, parent_id, name) as (select f.id, 0, f.parent_id,"
      " f.name from files f where " +
          std::string{seed} +
          " union all select up.leaf, up.height + 1, f.parent_id, f.name from up"
          " join files f on f.id = up.parent_id)",
      number("leaf") + text("name"), "from up order by leaf, height desc");
}

/// Without the ways that end in a detached root.
std::vector<FilePath> read_paths(Cursor cursor) {
  std::vector<FilePath> paths;
  std::vector<std::string> segments;
  std::int64_t leaf = 0;
  const auto finish = [&] {
    const bool is_detached = !segments.empty() && segments.front().starts_with('/');
    if (!segments.empty() && !is_detached)
      paths.push_back(accepted(FilePath::from_segments(segments)));
    segments.clear();
  };
  while (cursor.next()) {
    Row row = cursor.row();
    const std::int64_t next = row.number();
    if (next != leaf) finish();
    leaf = next;
    segments.push_back(row.text());
  }
  finish();
  return paths;
}

} // namespace

Result<Resolution> SqlFiles::resolve(const FilePath& path) const {
  return guarded(db_, [&]() -> Result<Resolution> {
    Resolution resolution;
    const auto& segments = path.segments();
    if (db_.dialect().is_remote()) {
      Arguments names;
      for (const auto& segment : segments) names.emplace_back(segment.str());
      resolution.found = all(db_.select(resolve_query(names.size()), names), read_file);
    } else {
      for (const auto& segment : segments) {
        auto entry = child_of(
            db_,
            resolution.found.empty() ? std::nullopt : std::optional{resolution.found.back().id},
            segment);
        if (!entry) break;
        resolution.found.push_back(*std::move(entry));
      }
    }
    resolution.complete = resolution.found.size() == segments.size();
    return resolution;
  });
}

// Where a statement costs no way to a server, several simple ones are faster than one that recurs.
Result<Resolution> SqlFiles::resolve_below(FileId root, std::span<const FileName> below) const {
  return guarded(db_, [&]() -> Result<Resolution> {
    Resolution resolution;
    auto& found = resolution.found;
    std::size_t above = 0;
    if (db_.dialect().is_remote()) {
      Arguments arguments{root};
      for (const auto& name : below) arguments.emplace_back(name.str());
      db_.dialect().keep_plans(db_);
      found = all(db_.select(resolve_below_query(below.size()), arguments), read_file);
      above =
          static_cast<std::size_t>(std::ranges::find(found, root, &FileEntry::id) - found.begin());
    } else {
      for (std::optional next = root; next; next = found.back().parent) {
        auto entry = node_of(db_, *next);
        if (!entry) return not_found("no such node");
        found.push_back(*std::move(entry));
      }
      std::ranges::reverse(found);
      above = found.size() - 1;
      for (const auto& name : below) {
        auto entry = child_of(db_, found.back().id, name);
        if (!entry) break;
        found.push_back(*std::move(entry));
      }
    }
    if (found.empty() || found.front().parent) return not_found("no such node");
    resolution.complete = found.size() == above + 1 + below.size();
    return resolution;
  });
}

Result<std::optional<FileEntry>> SqlFiles::find(FileId id) const {
  return guarded(db_, [&]() -> Result<std::optional<FileEntry>> { return node_of(db_, id); });
}

Result<FilePath> SqlFiles::path_of(FileId id) const {
  return guarded(db_, [&]() -> Result<FilePath> {
    static const Query query = ascent("f.id = ?");
    auto paths = read_paths(db_.select(query, {id}));
    if (paths.empty()) return not_found("no such node");
    return std::move(paths.front());
  });
}

Result<std::vector<FileEntry>> SqlFiles::children(FileId directory,
                                                  const std::optional<FileName>& after,
                                                  std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<FileEntry>> {
    static const Query query = select(
        kFileColumns, "from files f where f.parent_id = ? and f.name > ? order by f.name limit ?");
    const std::string first = after ? after->str() : std::string{};
    return all(db_.select(query, {directory, first, sql_limit(limit)}), read_file);
  });
}

Result<std::vector<FileEntry>> SqlFiles::children_of(std::span<const FileId> directories,
                                                     std::size_t limit) const {
  if (directories.empty()) return std::vector<FileEntry>{};
  return guarded(db_, [&]() -> Result<std::vector<FileEntry>> {
    ValueList list(directories);
    list.arguments.emplace_back(sql_limit(limit));
    return all(db_.select(select(kFileColumns,
                                 "from files f where f.parent_id in (" + list.sql + ") limit ?"),
                          list.arguments),
               read_file);
  });
}

Result<std::vector<FileEntry>> SqlFiles::homes(const std::optional<FileName>& after,
                                               std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<FileEntry>> {
    static const Query query =
        select(kFileColumns,
               "from files f where f.parent_id is null and f.name > ? order by f.name limit ?");
    const std::string first = after ? after->str() : std::string{kBeforeHomes};
    return all(db_.select(query, {first, sql_limit(limit)}), read_file);
  });
}

Result<bool> SqlFiles::is_empty(FileId directory) const {
  return guarded(db_, [&]() -> Result<bool> {
    return !db_.number("select id from files where parent_id = ? limit 1", {directory});
  });
}

Result<bool> SqlFiles::references(const BlobId& blob) const {
  return guarded(db_, [&]() -> Result<bool> {
    return db_.number("select 1 from files where blob = ? limit 1", {blob}).has_value() ||
           db_.number("select 1 from versions where blob = ? limit 1", {blob}).has_value() ||
           db_.number("select 1 from archive_entries where blob = ? limit 1", {blob}).has_value();
  });
}

// Each index is walked by itself, as far as a page may need it: what they hold is merged here.
Result<std::vector<Content>> SqlFiles::contents(const std::optional<BlobId>& after,
                                                std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<Content>> {
    static const Query of_files =
        select(text("f.blob") + number("min(f.size)") + text("min(f.sha256)", "min(f.sha1)") +
                   number("min(f.crc32)"),
               "from files f where f.blob > ? group by f.blob order by f.blob limit ?");
    static const Query of_archives =
        select(text("e.blob") + number("min(e.size)") +
                   text("min(e.sha256)", "cast(null as text)") + number("min(e.crc32)"),
               "from archive_entries e where e.blob > ? group by e.blob order by e.blob limit ?");
    static const Query of_versions =
        select(text("v.blob") + number("min(v.size)") + text("min(v.sha256)", "min(v.sha1)") +
                   number("min(v.crc32)"),
               "from versions v where v.blob > ? group by v.blob order by v.blob limit ?");
    const std::string first = after ? after->value : std::string{};
    auto contents = all(db_.select(of_files, {first, sql_limit(limit)}), read_content);
    const auto repeated = [](const Content& a, const Content& b) { return a.blob == b.blob; };
    for (const auto* query : {&of_versions, &of_archives}) {
      const auto more = all(db_.select(*query, {first, sql_limit(limit)}), read_content);
      std::vector<Content> both;
      std::ranges::merge(contents, more, std::back_inserter(both), {}, &Content::blob,
                         &Content::blob);
      both.erase(std::unique(both.begin(), both.end(), repeated), both.end());
      contents = std::move(both);
    }
    if (contents.size() > limit)
      contents.erase(contents.begin() + static_cast<std::ptrdiff_t>(limit), contents.end());
    return contents;
  });
}

Result<std::vector<FilePath>> SqlFiles::paths_of_blob(const BlobId& blob, std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<FilePath>> {
    static const Query query = ascent(
        "f.id in (select id from (select b.id from files b where b.blob = ? order by b.id"
        " limit ?) own union select id from (select distinct v.file_id as id from versions v"
        " where v.blob = ? order by v.file_id limit ?) former)");
    return read_paths(db_.select(query, {blob, sql_limit(limit), blob, sql_limit(limit)}));
  });
}

} // namespace baluhost::sql
