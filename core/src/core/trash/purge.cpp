#include "trash/purge.hpp"

#include "access/share_ends.hpp"
#include "baluhost/core/trash/trash_service.hpp"
#include "baluhost/ports/transactions.hpp"
#include "files/counted_tree.hpp"
#include "files/file_tree.hpp"
#include "files/tree_removal.hpp"
#include "trash/tree_events.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

namespace baluhost {
namespace {

constexpr std::size_t kEntriesAtOnce = 50;
/// No other entry is begun with in a transaction that has removed as many rows.
constexpr std::size_t kRowsAtOnce = 64;

/// The user may be gone before the home is. The root is an entry until now; the other nodes are
/// until their rows are gone.
Result<void> count_off(WriteTransaction& tx, const TrashEntry& entry) {
  auto counted = tx.users().add_usage(
      entry.owner, {.bytes = -entry.bytes(), .entries = -1, .trash_bytes = -entry.bytes()});
  if (!counted && counted.error().code == Errc::not_found) return {};
  return counted;
}

} // namespace

Result<Purged> purge_entry(WriteTransaction& tx, const TrashEntry& entry, NewAuditEvent event,
                           const AuditLog& audit, const Principal* principal, Timestamp now) {
  event.resource = entry.path.str();
  Purged purged;
  BALUHOST_TRY(auto ended,
               end_shares(tx, {.below = entry.root}, audit,
                          principal != nullptr ? *principal : Principal::local_operator("")));
  if (principal == nullptr) {
    for (auto& end : ended) end.user.reset();
  }
  const TreeTotals totals{.files = entry.file_count, .bytes = entry.size};
  purged.events.push_back(with_details(event, removal_details(entry.kind, totals)));
  std::ranges::move(ended, std::back_inserter(purged.events));
  TreeRemoval removal{entry.root, entry.owner, std::move(event)};
  BALUHOST_TRY(const auto nodes, tx.files().bottom_up(entry.root, kNodesAtOnce + 1));
  if (nodes.size() <= kNodesAtOnce) {
    if (entry.kind == FileKind::directory) {
      auto files = events_of(nodes, removal.event, now);
      std::ranges::move(files, std::back_inserter(purged.events));
    }
    BALUHOST_CHECK(tx.removals().remove(nodes, now));
    purged.rows = nodes.size();
  } else {
    BALUHOST_CHECK(tx.removals().begin(removal));
    purged.pending = std::move(removal);
  }
  BALUHOST_CHECK(count_off(tx, entry));
  return purged;
}

std::span<const TrashEntry> fitting(std::span<const TrashEntry> entries) {
  std::int64_t files = 0;
  std::size_t count = 0;
  while (count < entries.size() && files < static_cast<std::int64_t>(kRowsAtOnce))
    files += std::max<std::int64_t>(entries[count++].file_count, 1);
  return entries.first(count);
}

Result<PurgedEntries> purge_entries(WriteTransaction& tx, std::span<const TrashEntry> entries,
                                    const NewAuditEvent& event, const AuditLog& audit,
                                    const Principal* principal, Timestamp now) {
  PurgedEntries all;
  std::size_t rows = 0;
  for (const auto& entry : entries) {
    if (rows >= kRowsAtOnce) {
      all.next = entry.id;
      break;
    }
    BALUHOST_TRY(auto purged, purge_entry(tx, entry, event, audit, principal, now));
    std::ranges::move(purged.events, std::back_inserter(all.events));
    if (purged.pending) all.pending.push_back(*std::move(purged.pending));
    rows += purged.rows;
  }
  return all;
}

std::size_t position_of(std::span<const TrashEntry> entries, const std::optional<TrashId>& id) {
  if (!id) return entries.size();
  const auto found = std::ranges::find(entries, *id, &TrashEntry::id);
  return static_cast<std::size_t>(found - entries.begin());
}

namespace {

/// Some of `entries`, those that were restored or purged meanwhile passed over; returns how many
/// were seen to.
Result<std::size_t> purge_some(Database& database, AuditLog& audit_log, const Clock& clock,
                               std::span<const TrashEntry> entries,
                               const std::function<bool()>& go_on) {
  entries = fitting(entries);
  auto purged = record(database, [&](WriteTransaction& tx) -> Result<Recorded<PurgedEntries>> {
    std::set<UserId> owners;
    for (const auto& entry : entries) owners.insert(entry.owner);
    BALUHOST_CHECK(lock_homes(tx, owners));
    std::vector<TrashEntry> present;
    for (const auto& entry : entries) {
      BALUHOST_TRY(auto still, tx.trash().find(entry.id, std::nullopt));
      if (still) present.push_back(*std::move(still));
    }
    if (present.empty()) return Error{Errc::not_found, "all restored meanwhile"};
    BALUHOST_TRY(auto all, purge_entries(tx, present, audit_log.draft(Action::purge), audit_log,
                                         nullptr, clock.now()));
    auto events = together(std::exchange(all.events, {}));
    return recorded(std::move(all), std::move(events));
  });
  if (!purged && purged.error().code == Errc::not_found) return entries.size();
  BALUHOST_CHECK(purged);
  for (const auto& removal : purged->pending)
    BALUHOST_CHECK(clear_tree(database, clock, removal, go_on));
  return position_of(entries, purged->next);
}

} // namespace

Result<void> purge_expired(Database& database, AuditLog& audit_log, const Clock& clock,
                           const std::function<bool()>& go_on) {
  while (go_on()) {
    BALUHOST_TRY(const auto entries, query(database, [&](ReadTransaction& tx) {
                   return tx.trash().expired(clock.now(), kEntriesAtOnce);
                 }));
    for (auto left = std::span<const TrashEntry>(entries); !left.empty();) {
      BALUHOST_TRY(const auto seen, purge_some(database, audit_log, clock, left, go_on));
      left = left.subspan(seen);
      if (!go_on()) return {};
    }
    if (entries.size() < kEntriesAtOnce) return {};
  }
  return {};
}

} // namespace baluhost
