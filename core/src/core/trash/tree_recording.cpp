#include "trash/tree_recording.hpp"

#include "baluhost/ports/transactions.hpp"
#include "files/counted_tree.hpp"
#include "files/tree_removal.hpp"
#include "trash/tree_events.hpp"
#include "trash/tree_steps.hpp"

#include <algorithm>
#include <chrono>
#include <span>
#include <utility>

// A trashed tree does not change, and below a restored one nothing may change before all is on
// record: so the place that was reached is all that has to be kept, and no event is missing or
// written twice, whenever the writer stops.
namespace baluhost {
namespace {

constexpr std::size_t kPage = 100;
/// So many are read at once.
constexpr std::size_t kNodesOfPage = 256;
/// What others wait for is one transaction of so many.
constexpr std::size_t kNodesOfRecord = 8;

Result<void> advance(TreeRecordRepository& records, const TreeRecord& record,
                     std::span<const TreeNode> nodes, bool is_last) {
  const auto& to = nodes.empty() ? record.position : nodes.back().relative_path;
  BALUHOST_CHECK(records.advance(record.id, record.position, to));
  return is_last ? records.end(record.id) : Result<void>{};
}

/// How many of `some`, the last of the tree if `is_end`, are on record now.
Result<std::size_t> write_some(Database& database, Timestamp now, const TreeRecord& record,
                               std::span<const TreeNode> some, bool is_end) {
  return change_some(
      database, some,
      [&](std::span<const TreeNode> nodes) {
        return events_of(nodes, record.event, now, record.source);
      },
      [&](auto& tx, std::span<const TreeNode> nodes) {
        return advance(tx.tree_records(), record, nodes, is_end && nodes.size() == some.size());
      });
}

/// False if nothing is left. conflict if another was faster.
Result<bool> write_page(Database& database, const Clock& clock, TreeRecord& record,
                        FunctionRef<bool()> go_on) {
  BALUHOST_TRY(const auto nodes, query(database, [&](ReadTransaction& tx) {
                 return tx.files().top_down(record.root, record.position, kNodesOfPage);
               }));
  const bool is_end = nodes.size() < kNodesOfPage;
  auto left = std::span<const TreeNode>(nodes);
  do {
    const auto some = left.first(std::min(left.size(), kNodesOfRecord));
    BALUHOST_TRY(const auto done, write_some(database, clock.now(), record, some,
                                             is_end && some.size() == left.size()));
    if (done > 0) record.position = left[done - 1].relative_path;
    left = left.subspan(done);
  } while (!left.empty() && go_on());
  return !left.empty() || !is_end;
}

} // namespace

Result<BegunRecord> begin_record(WriteTransaction& tx, const NewTreeRecord& record, Timestamp now) {
  BegunRecord begun;
  BALUHOST_TRY(const auto nodes, tx.files().top_down(record.root, "", kNodesAtOnce));
  if (nodes.size() < kNodesAtOnce) {
    begun.events = events_of(nodes, record.event, now, record.source);
    return begun;
  }
  BALUHOST_TRY(begun.pending, tx.tree_records().begin(record));
  return begun;
}

Result<bool> write_record(Database& database, const Clock& clock, TreeRecord record,
                          FunctionRef<bool()> go_on) {
  while (go_on()) {
    auto more = write_page(database, clock, record, go_on);
    if (!more && more.error().code == Errc::conflict) return false;
    BALUHOST_CHECK(more);
    if (!*more) return true;
  }
  return false;
}

Result<bool> write_records_below(Database& database, const Clock& clock, FileId root,
                                 FunctionRef<bool()> go_on) {
  for (TreeRecordId after;;) {
    BALUHOST_TRY(const auto records, query(database, [&](ReadTransaction& tx) {
                   return tx.tree_records().pending_below(root, after, kPage);
                 }));
    for (const auto& record : records) {
      after = record.id;
      BALUHOST_TRY(const bool is_done, write_record(database, clock, record, go_on));
      if (!is_done) return false;
    }
    if (records.size() < kPage) return true;
  }
}

std::chrono::microseconds record_deadline(const Clock& clock) {
  return clock.monotonic() + std::chrono::milliseconds{600};
}

void write_record_soon(Database& database, const Clock& clock,
                       const std::optional<TreeRecord>& record,
                       std::chrono::microseconds deadline) noexcept {
  if (!record) return;
  try {
    [[maybe_unused]] const auto left =
        write_record(database, clock, *record, [&] { return clock.monotonic() < deadline; });
  } catch (...) { // the summary is on record: the rest may wait
  }
}

Result<void> check_recorded(const Resolution& resolution) {
  auto above = std::span(resolution.found);
  if (resolution.complete) above = above.first(above.size() - 1);
  const bool waits =
      std::ranges::any_of(above, [](const FileEntry& entry) { return entry.pending_records > 0; });
  if (!waits) return {};
  return Error{.code = Errc::unavailable,
               .detail = "the tree was restored, and its files are still being put on record",
               .retry_after = std::chrono::seconds{1}};
}

Result<void> write_tree_records(Database& database, const Clock& clock,
                                std::chrono::microseconds age, const std::function<bool()>& go_on) {
  return each_pending<TreeRecord>(database, clock, age, go_on, [&](const TreeRecord& of) {
    return write_record(database, clock, of, go_on);
  });
}

} // namespace baluhost
