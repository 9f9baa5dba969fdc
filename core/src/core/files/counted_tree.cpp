#include "files/counted_tree.hpp"

#include "baluhost/domain/text.hpp"
#include "baluhost/ports/transactions.hpp"

#include <algorithm>

namespace baluhost {

TreeTotals totals_of(std::span<const TreeNode> nodes) {
  TreeTotals totals;
  for (const auto& node : nodes) {
    ++(node.kind == FileKind::file ? totals.files : totals.directories);
    totals.bytes += node.size;
    totals.version_bytes += node.version_bytes;
    if (node.relative_path.empty()) continue;
    totals.depth =
        std::max<std::int64_t>(totals.depth, 1 + std::ranges::count(node.relative_path, '/'));
    totals.path_length = std::max(totals.path_length,
                                  1 + static_cast<std::int64_t>(code_points(node.relative_path)));
  }
  return totals;
}

Result<TreeTotals> CountedTree::totals(ReadTransaction& tx, const FileEntry& root) {
  BALUHOST_TRY(const auto nodes, tx.files().bottom_up(root.id, kNodesAtOnce + 1));
  if (nodes.size() <= kNodesAtOnce) return totals_of(nodes);
  return totals_of_large(tx, root);
}

Result<TreeTotals> CountedTree::totals_of_large(ReadTransaction& tx, const FileEntry& root) {
  is_stale_ = false;
  BALUHOST_TRY(const auto owner, tx.users().find(root.owner));
  if (count_ && owner && count_->root == root.id && count_->tree_version == owner->tree_version)
    return count_->totals;
  if (is_last_) return tx.files().totals(root.id);
  is_stale_ = true;
  return Error{Errc::conflict, "the tree is not counted yet"};
}

Result<std::optional<CountedTree::Count>> count_tree(Database& database, const FilePath& path) {
  using Count = std::optional<CountedTree::Count>;
  return query(database, [&](ReadTransaction& tx) -> Result<Count> {
    BALUHOST_TRY(const auto resolution, tx.files().resolve(path));
    if (!resolution.complete || resolution.found.back().kind != FileKind::directory) return Count{};
    const auto& root = resolution.found.back();
    BALUHOST_TRY(const auto owner, tx.users().find(root.owner));
    if (!owner) return Count{};
    BALUHOST_TRY(const auto totals, tx.files().totals(root.id));
    return Count{{.root = root.id, .tree_version = owner->tree_version, .totals = totals}};
  });
}

} // namespace baluhost
