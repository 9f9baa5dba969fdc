#pragma once

#include "baluhost/domain/files/file_entry.hpp"
#include "baluhost/domain/files/tree_removal.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"
#include "baluhost/ports/common/repository.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace baluhost {

/// Trees that were taken out of their home in one step, and whose rows go afterwards, a few at a
/// time, so that nobody waits for a large one. Nothing but this finds them: no path, no list, no
/// grant. Their contents count as referred to.
class RemovalRepository : public Repository {
 public:
  /// By root, after `after`.
  [[nodiscard]] virtual Result<std::vector<TreeRemoval>> pending(FileId after,
                                                                 std::size_t limit) const = 0;

  /// Detaches the subtree of `removal.root`, which may be in the trash, and ends every grant in it.
  /// Costs the same for every size of it. not_found; internal: the action of its event is a custom
  /// one.
  [[nodiscard]] virtual Result<void> begin(const TreeRemoval& removal) = 0;

  /// Removes `nodes` of one tree, as `bottom_up` returned them, with their grants, and takes them
  /// off their owner's `entry_count`; blobs that nothing refers to any more are doomed. With its
  /// root a removal is over, or what waited in the trash is gone, and with the last one of a
  /// removed user all that was left of the user. conflict if one of them is gone already, is not
  /// empty, or has a `TreeRecord`.
  [[nodiscard]] virtual Result<void> remove(std::span<const TreeNode> nodes, Timestamp now) = 0;
};

} // namespace baluhost
