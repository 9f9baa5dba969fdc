#include "files/tree_removal.hpp"

#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/core/operations/sweep.hpp"
#include "baluhost/ports/transactions.hpp"
#include "trash/tree_events.hpp"
#include "trash/tree_recording.hpp"
#include "trash/tree_steps.hpp"

#include <span>
#include <utility>

// For everybody a tree goes in one step, by which its summary is recorded. Its rows go afterwards,
// each file's with its event, in transactions of a few milliseconds, so that other writes go
// between them. The row of the removal stands for what is still to be done: a stop or a crash
// leaves it to the next start.
namespace baluhost {
namespace {

/// How many rows of a large tree go at once: what others wait for is one such transaction.
constexpr std::size_t kRowsAtOnce = 64;

/// False if nothing is left. conflict if another was faster.
Result<bool> clear_some(Database& database, const Clock& clock, const TreeRemoval& removal) {
  BALUHOST_TRY(const auto rows, query(database, [&](ReadTransaction& tx) {
                 return tx.files().bottom_up(removal.root, kRowsAtOnce);
               }));
  if (rows.empty()) return false;
  const auto now = clock.now();
  BALUHOST_TRY(const auto removed, change_some(
                                       database, rows,
                                       [&](std::span<const TreeNode> nodes) {
                                         return events_of(nodes, removal.event, now);
                                       },
                                       [&](auto& tx, std::span<const TreeNode> nodes) {
                                         return tx.removals().remove(nodes, now);
                                       }));
  return removed < rows.size() || rows.size() == kRowsAtOnce;
}

} // namespace

Result<RemovedTree> remove_tree(WriteTransaction& tx, const TreeRemoval& removal, Timestamp now,
                                FunctionRef<Result<TreeTotals>()> count) {
  RemovedTree removed;
  BALUHOST_TRY(const auto nodes, tx.files().bottom_up(removal.root, kNodesAtOnce + 1));
  if (nodes.size() <= kNodesAtOnce) {
    removed.totals = totals_of(nodes);
    removed.events = events_of(nodes, removal.event, now);
    BALUHOST_CHECK(tx.removals().remove(nodes, now));
  } else {
    BALUHOST_TRY(removed.totals, count());
    BALUHOST_CHECK(tx.removals().begin(removal));
    removed.is_pending = true;
  }
  const auto& totals = removed.totals;
  BALUHOST_CHECK(tx.users().add_usage(removal.owner, {.bytes = -totals.bytes - totals.version_bytes,
                                                      .files = -totals.files,
                                                      .version_bytes = -totals.version_bytes}));
  return removed;
}

Result<void> clear_tree(Database& database, const Clock& clock, const TreeRemoval& removal,
                        FunctionRef<bool()> go_on) {
  // Who still puts it on record reads its rows.
  BALUHOST_TRY(const bool is_recorded, write_records_below(database, clock, removal.root, go_on));
  if (!is_recorded) return {};
  while (go_on()) {
    auto more = clear_some(database, clock, removal);
    if (!more && more.error().code == Errc::conflict) return {};
    BALUHOST_CHECK(more);
    if (!*more) return {};
  }
  return {};
}

void clear_tree_soon(Database& database, const Clock& clock, const TreeRemoval& removal,
                     std::chrono::microseconds deadline) noexcept {
  try {
    [[maybe_unused]] const auto left =
        clear_tree(database, clock, removal, [&] { return clock.monotonic() < deadline; });
  } catch (...) { // the tree is gone already: its rows may wait
  }
}

Result<void> clear_removed_trees(Database& database, const Clock& clock,
                                 std::chrono::microseconds age,
                                 const std::function<bool()>& go_on) {
  return each_pending<TreeRemoval>(database, clock, age, go_on, [&](const TreeRemoval& of) {
    return clear_tree(database, clock, of, go_on);
  });
}

} // namespace baluhost
