#pragma once

#include "baluhost/domain/files/tree_removal.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"
#include "files/counted_tree.hpp"

#include <chrono>
#include <vector>

namespace baluhost {

/// For how long the request that removed a large tree sees to its rows itself, before it leaves
/// them to `clear_removed_trees`.
inline constexpr std::chrono::seconds kRemovalPatience{2};

struct RemovedTree {
  TreeTotals totals;                 ///< the root included
  std::vector<NewAuditEvent> events; ///< of the files whose rows are gone
  bool is_pending{false};            ///< it was only detached
};

/// Takes a tree away, in `tx`: all its rows if they are few, else its root from its place. Bytes
/// and files are counted off the owner's usage at once, entries with their rows. `count` is called
/// for a large one.
[[nodiscard]] Result<RemovedTree> remove_tree(WriteTransaction& tx, const TreeRemoval& removal,
                                              Timestamp now,
                                              FunctionRef<Result<TreeTotals>()> count);

/// Removes the rows of a detached tree, with their events, some at a time, until none is left or
/// `go_on` says no. Also success where another is at it.
[[nodiscard]] Result<void> clear_tree(Database& database, const Clock& clock,
                                      const TreeRemoval& removal, FunctionRef<bool()> go_on);

/// Until when, on the monotonic clock, the client that asks now may be made to wait.
[[nodiscard]] inline std::chrono::microseconds removal_deadline(const Clock& clock) {
  return clock.monotonic() + kRemovalPatience;
}

/// The same until then; what goes wrong is left to the housekeeper too.
void clear_tree_soon(Database& database, const Clock& clock, const TreeRemoval& removal,
                     std::chrono::microseconds deadline) noexcept;

} // namespace baluhost
