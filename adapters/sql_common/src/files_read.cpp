#include "baluhost/sql_common/dialect.hpp"
#include "repositories.hpp"
#include "rows.hpp"

namespace baluhost::sql {
namespace {

const auto kReadFile = [](const Row& row) { return read_file(row); };

/// The query for a path of `depth` segments, which takes a name for each: one statement for all paths of a depth.
std::string resolve_sql(std::size_t depth) {
  std::string names = "(0, ?)";
  for (std::size_t i = 1; i < depth; ++i) names += ", (" + std::to_string(i) + ", ?)";
  return "with recursive segment(i, name) as (values " + names +
         "), node(i, id) as ("
         "select 0, f.id from segment s join files f on f.parent_id is null and f.name = s.name where s.i = 0"
         " union all select n.i + 1, f.id from node n join segment s on s.i = n.i + 1"
         " join files f on f.parent_id = n.id and f.name = s.name)"
         " select " BALUHOST_FILE_COLUMNS " from node n join files f on f.id = n.id order by n.i";
}

/// `name` in a directory, or the home of that name.
std::optional<FileEntry> child_of(Connection& db, std::optional<FileId> directory, const FileName& name) {
  if (!directory)
    return one(db.select("select " BALUHOST_FILE_COLUMNS " from files f where f.parent_id is null and f.name = ?", kFileShape, {name.str()}),
               kReadFile);
  return one(db.select("select " BALUHOST_FILE_COLUMNS " from files f where f.parent_id = ? and f.name = ?", kFileShape,
                       {*directory, name.str()}),
             kReadFile);
}

/// Ascends from the rows of `seed(id)`: each node of each way up, the seed's distance first.
#define BALUHOST_ASCENT(seed)                                                                                          \
  "with recursive up(leaf, height, parent_id, name) as (select f.id, 0, f.parent_id, f.name from files f where " seed  \
  " union all select up.leaf, up.height + 1, f.parent_id, f.name from up join files f on f.id = up.parent_id)"         \
  " select leaf, name from up order by leaf, height desc"

std::vector<FilePath> read_paths(Cursor cursor) {
  std::vector<FilePath> paths;
  std::vector<std::string> segments;
  std::int64_t leaf = 0;
  const auto finish = [&] {
    if (!segments.empty()) paths.push_back(accepted(FilePath::from_segments(segments)));
    segments.clear();
  };
  while (cursor.next()) {
    if (cursor.row().number(0) != leaf) finish();
    leaf = cursor.row().number(0);
    segments.push_back(cursor.row().text(1));
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
      resolution.found = all(db_.select(resolve_sql(names.size()), kFileShape, names), kReadFile);
    } else {
      for (const auto& segment : segments) {
        auto entry = child_of(db_, resolution.found.empty() ? std::nullopt : std::optional{resolution.found.back().id}, segment);
        if (!entry) break;
        resolution.found.push_back(*std::move(entry));
      }
    }
    resolution.complete = resolution.found.size() == segments.size();
    return resolution;
  });
}

Result<std::optional<FileEntry>> SqlFiles::find(FileId id) const {
  return guarded(db_, [&]() -> Result<std::optional<FileEntry>> {
    return one(db_.select("select " BALUHOST_FILE_COLUMNS " from files f where f.id = ?", kFileShape, {id}), kReadFile);
  });
}

Result<FilePath> SqlFiles::path_of(FileId id) const {
  return guarded(db_, [&]() -> Result<FilePath> {
    auto paths = read_paths(db_.select(BALUHOST_ASCENT("f.id = ?"), "nt", {id}));
    if (paths.empty()) return not_found("no such node");
    return std::move(paths.front());
  });
}

Result<std::vector<FileEntry>> SqlFiles::children(FileId directory, const std::optional<FileName>& after,
                                                  std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<FileEntry>> {
    return all(db_.select("select " BALUHOST_FILE_COLUMNS
                          " from files f where f.parent_id = ? and f.name > ? order by f.name limit ?",
                          kFileShape, {directory, after ? after->str() : std::string{}, sql_limit(limit)}),
               kReadFile);
  });
}

Result<std::vector<FileEntry>> SqlFiles::homes(const std::optional<FileName>& after, std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<FileEntry>> {
    return all(db_.select("select " BALUHOST_FILE_COLUMNS
                          " from files f where f.parent_id is null and f.name > ? order by f.name limit ?",
                          kFileShape, {after ? after->str() : std::string{}, sql_limit(limit)}),
               kReadFile);
  });
}

Result<bool> SqlFiles::is_empty(FileId directory) const {
  return guarded(db_, [&]() -> Result<bool> {
    return !db_.number("select id from files where parent_id = ? limit 1", {directory});
  });
}

Result<TreeTotals> SqlFiles::totals(FileId root) const {
  return guarded(db_, [&]() -> Result<TreeTotals> {
    const auto read = [](const Row& row) { return TreeTotals{row.number(0), row.number(1), row.number(2)}; };
    return one(db_.select("with recursive t(id, kind, size) as (select id, kind, size from files where id = ?"
                          " union all select f.id, f.kind, f.size from t join files f on f.parent_id = t.id)"
                          " select count(size), cast(coalesce(sum(size), 0) as bigint), count(*) - count(size) from t",
                          "nnn", {root}),
               read)
        .value_or(TreeTotals{});
  });
}

Result<void> SqlFiles::walk(FileId root, FunctionRef<Result<void>(const TreeNode&)> visit) const {
  return guarded(db_, [&]() -> Result<void> {
    Result<void> visited;
    db_.dialect().walk(
        db_,
        // The start of a name, not a literal: so the columns of both halves have one collation.
        "with recursive t(id, path, depth) as (select id, substr(name, 1, 0), 0 from files where id = ? union all"
        " select f.id, case when t.depth = 0 then f.name else t.path || '/' || f.name end, t.depth + 1"
        " from t join files f on f.parent_id = t.id) select " BALUHOST_FILE_COLUMNS ", t.path from t join files f on f.id = t.id",
        "nntttnttnnnt", root, [&](const Row& row) {
          visited = visit(TreeNode{read_file(row), row.text(kFileShape.size())});
          return visited.has_value();
        });
    return visited;
  });
}

Result<bool> SqlFiles::references(const BlobId& blob) const {
  return guarded(db_, [&]() -> Result<bool> {
    return db_.number("select id from files where blob = ? limit 1", {blob}).has_value();
  });
}

Result<std::vector<Content>> SqlFiles::contents(const std::optional<BlobId>& after, std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<Content>> {
    return all(db_.select("select blob, min(size), min(sha256), min(sha1) from files where blob > ? group by blob"
                          " order by blob limit ?",
                          "tntt", {after ? after->value : std::string{}, sql_limit(limit)}),
               [](const Row& row) { return read_content(row, 0); });
  });
}

Result<std::vector<FilePath>> SqlFiles::paths_of_blob(const BlobId& blob, std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<FilePath>> {
    return read_paths(db_.select(
        BALUHOST_ASCENT("f.id in (select b.id from files b where b.blob = ? order by b.id limit ?)"), "nt",
        {blob, sql_limit(limit)}));
  });
}

} // namespace baluhost::sql
