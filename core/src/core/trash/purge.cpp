#include "trash/purge.hpp"

#include "access/share_ends.hpp"
#include "baluhost/core/trash/trash_service.hpp"
#include "baluhost/ports/transactions.hpp"
#include "files/counted_tree.hpp"
#include "files/tree_removal.hpp"
#include "trash/tree_events.hpp"

#include <iterator>
#include <utility>

namespace baluhost {
namespace {

constexpr std::size_t kEntriesAtOnce = 50;

/// The user may be gone before the home is.
Result<void> count_off(WriteTransaction& tx, const TrashEntry& entry) {
  auto counted =
      tx.users().add_usage(entry.owner, {.bytes = -entry.bytes(), .trash_bytes = -entry.bytes()});
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
  } else {
    BALUHOST_CHECK(tx.removals().begin(removal));
    purged.pending = std::move(removal);
  }
  BALUHOST_CHECK(count_off(tx, entry));
  return purged;
}

Result<void> purge_expired(Database& database, AuditLog& audit_log, const Clock& clock,
                           const std::function<bool()>& go_on) {
  using Pending = std::optional<TreeRemoval>;
  while (go_on()) {
    BALUHOST_TRY(const auto entries, query(database, [&](ReadTransaction& tx) {
                   return tx.trash().expired(clock.now(), kEntriesAtOnce);
                 }));
    for (const auto& entry : entries) {
      auto purged = record(database, [&](WriteTransaction& tx) -> Result<Recorded<Pending>> {
        auto locked = tx.files().lock_home(entry.owner);
        if (!locked && locked.error().code != Errc::not_found) return std::move(locked).error();
        BALUHOST_TRY(const auto still, tx.trash().find(entry.id, std::nullopt));
        if (!still) return Error{Errc::not_found, "restored meanwhile"};
        BALUHOST_TRY(auto gone, purge_entry(tx, *still, audit_log.draft(Action::purge), audit_log,
                                            nullptr, clock.now()));
        auto first = std::move(gone.events.front());
        gone.events.erase(gone.events.begin());
        return recorded(std::move(gone.pending),
                        AuditEvents{std::move(first), std::move(gone.events)});
      });
      if (!purged && purged.error().code == Errc::not_found) continue;
      BALUHOST_CHECK(purged);
      if (*purged) BALUHOST_CHECK(clear_tree(database, clock, **purged, go_on));
      if (!go_on()) return {};
    }
    if (entries.size() < kEntriesAtOnce) return {};
  }
  return {};
}

} // namespace baluhost
