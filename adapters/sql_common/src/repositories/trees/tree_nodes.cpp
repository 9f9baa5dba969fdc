#include "baluhost/domain/concat.hpp"
#include "baluhost/sql_common/dialect.hpp"
#include "repositories/repositories.hpp"
#include "rows.hpp"

#include <algorithm>

namespace baluhost::sql {
namespace {

constexpr std::size_t kPage = 128;

/// The query for what lies in a directory after a name, as nodes.
const Query& nodes_query() {
  static const Query query =
      select(number("f.id") + text("f.kind") + number("coalesce(f.size, 0)", "f.version_bytes") +
                 text("f.name"),
             "from files f where f.parent_id = ? and f.name > ? order by f.name limit ?");
  return query;
}

TreeNode read_node(Row& row, const std::string& prefix) {
  TreeNode node{.id = FileId{row.number()}, .kind = read_kind(row), .size = row.number()};
  node.version_bytes = row.number();
  node.relative_path = prefix + row.text();
  return node;
}

/// Adds what is in `directory`, and then itself, to `nodes`, until there are `limit`; true if that
/// is all of it.
bool collect(Connection& db, const TreeNode& directory, std::size_t limit,
             std::vector<TreeNode>& nodes) {
  const std::string prefix = directory.relative_path.empty() ? "" : directory.relative_path + '/';
  std::string after;
  for (;;) {
    const auto page = all(db.select(nodes_query(), {directory.id, after, sql_limit(kPage)}),
                          [&](Row& row) { return read_node(row, prefix); });
    for (const auto& child : page) {
      if (nodes.size() >= limit) return false;
      if (child.kind == FileKind::file)
        nodes.push_back(child);
      else if (!collect(db, child, limit, nodes))
        return false;
    }
    if (page.size() < kPage) break;
    after = page.back().relative_path.substr(prefix.size());
  }
  if (nodes.size() >= limit) return false;
  nodes.push_back(directory);
  return true;
}

/// Adds what is in the directory `id` after `position`, a path below it, each directory before what
/// is in it, until there are `limit`; false then.
bool descend(Connection& db, FileId id, const std::string& prefix, std::string_view position,
             std::size_t limit, std::vector<TreeNode>& nodes) {
  std::string after{position.substr(0, position.find('/'))};
  if (!after.empty()) {
    static const Query inside =
        select(number("f.id"),
               "from files f where f.parent_id = ? and f.name = ? and f.kind = 'directory'");
    const auto below = one(db.select(inside, {id, after}), read_number<FileId>);
    const auto rest = position.substr(std::min(position.size(), after.size() + 1));
    if (below && !descend(db, *below, prefix + after + '/', rest, limit, nodes)) return false;
  }
  for (;;) {
    if (nodes.size() >= limit) return false;
    const auto wanted = std::min(kPage, limit - nodes.size());
    const auto page = all(db.select(nodes_query(), {id, after, sql_limit(wanted)}),
                          [&](Row& row) { return read_node(row, prefix); });
    for (const auto& node : page) {
      if (nodes.size() >= limit) return false;
      nodes.push_back(node);
      if (node.kind == FileKind::directory &&
          !descend(db, node.id, node.relative_path + '/', "", limit, nodes))
        return false;
    }
    if (page.size() < wanted) return true;
    after = page.back().relative_path.substr(prefix.size());
  }
}

} // namespace

Result<TreeTotals> SqlFiles::totals(FileId root) const {
  return guarded(db_, [&]() -> Result<TreeTotals> {
    // Only directories are recursed into: files, which most nodes are, are counted as they come,
    // for each directory.
    const auto query = select(
        "with recursive d(id, depth, path_length) as (select id, 0, 0 from files where id = ? and"
        " kind = 'directory' union all select f.id, d.depth + 1, d.path_length + 1 + length(f.name)"
        " from d join files f on f.parent_id = d.id and f.kind = 'directory')",
        number("cast(coalesce(sum(x.files), 0) as bigint)",
               "cast(coalesce(sum(x.size), 0) as bigint)",
               "cast(coalesce(sum(x.version_bytes), 0) as bigint)",
               "cast(coalesce(max(x.depth), 0) as bigint)",
               "cast(coalesce(max(x.path_length), 0) as bigint)", "(select count(*) from d)",
               "cast((select coalesce(max(depth), 0) from d) as bigint)",
               "cast((select coalesce(max(path_length), 0) from d) as bigint)"),
        concat("from (select c.files, c.size, c.version_bytes, d.depth + 1 as depth,"
               " d.path_length + 1 + c.name_length as path_length from (select f.parent_id,"
               " count(*) as files, sum(f.size) as size, sum(f.version_bytes) as version_bytes,"
               " max(length(f.name)) as name_length from files f where f.parent_id ",
               db_.dialect().among("select id from d"),
               " and f.kind = 'file' group by f.parent_id) c join d on d.id = c.parent_id"
               " union all select 1, size, version_bytes, 0, 0 from files where id = ?"
               " and kind = 'file') x"));
    return one(db_.select(query, {root, root}),
               [](Row& row) {
                 TreeTotals totals{.files = row.number(), .bytes = row.number()};
                 totals.version_bytes = row.number();
                 totals.depth = row.number();
                 totals.path_length = row.number();
                 totals.directories = row.number();
                 totals.depth = std::max(totals.depth, row.number());
                 totals.path_length = std::max(totals.path_length, row.number());
                 return totals;
               })
        .value_or(TreeTotals{});
  });
}

Result<std::vector<TreeNode>> SqlFiles::bottom_up(FileId root, std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<TreeNode>> {
    std::vector<TreeNode> nodes;
    static const Query query =
        select(text("f.kind") + number("coalesce(f.size, 0)", "f.version_bytes"),
               "from files f where f.id = ?");
    const auto top = one(db_.select(query, {root}), [&](Row& row) {
      TreeNode node{.id = root, .kind = read_kind(row), .size = row.number()};
      node.version_bytes = row.number();
      return node;
    });
    if (top) collect(db_, *top, limit, nodes);
    return nodes;
  });
}

Result<std::vector<TreeNode>> SqlFiles::top_down(FileId root, std::string_view position,
                                                 std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<TreeNode>> {
    std::vector<TreeNode> nodes;
    descend(db_, root, "", position, limit, nodes);
    return nodes;
  });
}

} // namespace baluhost::sql
