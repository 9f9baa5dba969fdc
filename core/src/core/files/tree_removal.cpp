#include "files/tree_removal.hpp"

#include "audit/refused_event.hpp"
#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/core/operations/sweep.hpp"
#include "baluhost/ports/transactions.hpp"
#include "trash/tree_events.hpp"
#include "trash/tree_recording.hpp"

#include <span>
#include <utility>

// For everybody a tree goes in one step, by which its summary is recorded. Its rows go afterwards,
// each file's with its event, in transactions of a few milliseconds, so that other writes go
// between them. The row of the removal stands for what is still to be done: a stop or a crash
// leaves it to the next start.
namespace baluhost {
namespace {

constexpr std::size_t kPage = 100;
/// How many rows of a large tree go at once: what others wait for is one such transaction.
constexpr std::size_t kRowsAtOnce = 64;

Result<void> remove_rows(Database& database, std::span<const TreeNode> nodes,
                         std::vector<NewAuditEvent> events, Timestamp now) {
  if (events.empty())
    return database.bookkeep([&](Bookkeeping& tx) { return tx.removals().remove(nodes, now); });
  for (auto& event : events) event.account_may_be_gone = true;
  return database.write_aside([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(tx.removals().remove(nodes, now));
    AuditEvents all{events.front()};
    for (const auto& event : std::span(events).subspan(1)) all += event;
    return all;
  });
}

/// False if nothing is left. conflict if another was faster. Of rows whose events the database
/// refuses half as many are tried, until one stands alone, which goes with `event_refused`.
Result<bool> clear_some(Database& database, const Clock& clock, const TreeRemoval& removal) {
  BALUHOST_TRY(const auto nodes, query(database, [&](ReadTransaction& tx) {
                 return tx.files().bottom_up(removal.root, kRowsAtOnce);
               }));
  if (nodes.empty()) return false;
  const auto now = clock.now();
  auto some = std::span<const TreeNode>(nodes);
  auto removed = remove_rows(database, some, events_of(some, removal.event, now), now);
  while (!removed && is_refused(removed.error()) && some.size() > 1) {
    some = some.first(some.size() / 2);
    removed = remove_rows(database, some, events_of(some, removal.event, now), now);
  }
  if (!removed && is_refused(removed.error())) {
    auto events = events_of(some, removal.event, now);
    for (auto& event : events) event = refused_event(event);
    removed = remove_rows(database, some, std::move(events), now);
  }
  BALUHOST_CHECK(std::move(removed));
  return some.size() < nodes.size() || nodes.size() == kRowsAtOnce;
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
  for (FileId after;;) {
    BALUHOST_TRY(auto removals, query(database, [&](ReadTransaction& tx) {
                   return tx.removals().pending(after, kPage);
                 }));
    for (const auto& removal : removals) {
      after = removal.root;
      if (removal.event.timestamp + age <= clock.now())
        BALUHOST_CHECK(clear_tree(database, clock, removal, go_on));
      if (!go_on()) return {};
    }
    if (removals.size() < kPage) return {};
  }
}

} // namespace baluhost
