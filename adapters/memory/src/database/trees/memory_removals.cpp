#include "database/trees/nodes.hpp"
#include "database/trees/tree_repositories.hpp"

namespace baluhost::memory {

Result<std::vector<TreeRemoval>> MemoryRemovals::pending(FileId after, std::size_t limit) const {
  return state_.removals.values_after(after, limit);
}

Result<void> MemoryRemovals::begin(const TreeRemoval& removal) {
  BALUHOST_CHECK(check_built_in(removal.event.action));
  const auto* found = state_.files.find(removal.root);
  if (found == nullptr || state_.removals.contains(removal.root))
    return Error{Errc::not_found, "no such node"};
  BALUHOST_CHECK(MemoryGrants(state_).remove_below(removal.root));
  for (const auto& node : subtree(state_, removal.root)) MemoryShares(state_).forget_on(node.id);
  if (const auto* trash = state_.trash_of_root.find(removal.root)) {
    state_.trash.erase(TrashId{*trash});
    state_.trash_of_root.erase(removal.root);
  } else {
    if (found->parent) count_entries(state_, found->owner, -1);
    detach(state_, FileEntry{*found});
  }
  state_.removals.put(removal.root, removal);
  return {};
}

Result<void> MemoryRemovals::remove(std::span<const TreeNode> nodes, Timestamp now) {
  for (const auto& node : nodes) {
    const auto* found = state_.files.find(node.id);
    if (found == nullptr) return Error{Errc::conflict, "a node is gone already"};
    BALUHOST_TRY(const bool empty, MemoryFiles(state_).is_empty(node.id));
    if (!empty) return Error{Errc::conflict, "something is in the directory"};
    const FileEntry gone = *found;
    if (gone.parent) count_entries(state_, gone.owner, -1);
    BALUHOST_CHECK(remove_node(state_, gone, now));
  }
  return {};
}

} // namespace baluhost::memory
