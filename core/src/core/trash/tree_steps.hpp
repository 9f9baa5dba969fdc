#pragma once

#include "audit/refused_event.hpp"
#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/domain/files/tree_record.hpp"
#include "baluhost/domain/files/tree_removal.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/ports/transactions.hpp"
#include "trash/tree_events.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <utility>
#include <vector>

/// The rows of a large tree, changed some at a time together with the events of its files.
namespace baluhost {

inline FileId id_of(const TreeRemoval& removal) { return removal.root; }
inline TreeRecordId id_of(const TreeRecord& record) { return record.id; }
inline auto pending_after(ReadTransaction& tx, FileId after, std::size_t limit) {
  return tx.removals().pending(after, limit);
}
inline auto pending_after(ReadTransaction& tx, TreeRecordId after, std::size_t limit) {
  return tx.tree_records().pending(after, limit);
}

/// Has `work(one)` done for each of what a housekeeper finds pending and that was there `age` ago,
/// until `go_on` says no.
template <class Pending, class Work>
Result<void> each_pending(Database& database, const Clock& clock, std::chrono::microseconds age,
                          const std::function<bool()>& go_on, const Work& work) {
  constexpr std::size_t kPage = 100;
  for (decltype(id_of(std::declval<Pending>())) after;;) {
    BALUHOST_TRY(const auto all, query(database, [&](ReadTransaction& tx) {
                   return pending_after(tx, after, kPage);
                 }));
    for (const auto& one : all) {
      after = id_of(one);
      if (one.event.timestamp + age <= clock.now()) BALUHOST_CHECK(work(one));
      if (!go_on()) return {};
    }
    if (all.size() < kPage) return {};
  }
}

/// Has `change(tx)` commit with `events`, which may be none.
template <class Change>
Result<void> change_with(Database& database, std::vector<NewAuditEvent> events,
                         const Change& change) {
  if (events.empty()) return database.bookkeep([&](Bookkeeping& tx) { return change(tx); });
  for (auto& event : events) event.account_may_be_gone = true;
  return database.write_aside([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(change(tx));
    return together(events);
  });
}

/// Has `change(tx, nodes)` commit with `events(nodes)`, and returns of how many of `some`, the
/// first. Of those whose events the database refuses half as many are tried, until one stands
/// alone, whose event becomes `event_refused`.
template <class Events, class Change>
Result<std::size_t> change_some(Database& database, std::span<const TreeNode> some,
                                const Events& events, const Change& change) {
  const auto change_all = [&](std::vector<NewAuditEvent> told) {
    return change_with(database, std::move(told), [&](auto& tx) { return change(tx, some); });
  };
  auto changed = change_all(events(some));
  while (!changed && is_refused(changed.error()) && some.size() > 1) {
    some = some.first(some.size() / 2);
    changed = change_all(events(some));
  }
  if (!changed && is_refused(changed.error())) {
    auto refused = events(some);
    for (auto& event : refused) event = refused_event(event);
    changed = change_all(std::move(refused));
  }
  BALUHOST_CHECK(std::move(changed));
  return some.size();
}

} // namespace baluhost
