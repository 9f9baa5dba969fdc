#include "baluhost/core/trash/trash_service.hpp"

#include "access/path_access.hpp"
#include "access/permission_gate.hpp"
#include "baluhost/ports/transactions.hpp"
#include "files/tree_removal.hpp"
#include "trash/purge.hpp"
#include "trash/trash_access.hpp"
#include "trash/tree_events.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace baluhost {
namespace {

constexpr std::string_view kList = "trash";
/// Of what others' homes hold and one may not see any more, so many are passed over for a page.
constexpr std::size_t kLooksPerPage = 4;
constexpr std::size_t kPurgedAtOnce = 100;

Result<std::optional<TrashId>> read_position(const PageRequest& page) {
  if (!page.cursor) return std::optional<TrashId>{};
  BALUHOST_TRY(const auto key, read_cursor(kList, *page.cursor));
  TrashId id;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), id.value);
  if (error != std::errc{} || end != key.data() + key.size()) return invalid_cursor();
  return std::optional{id};
}

/// A share is for what can be seen, and what waits in the trash cannot.
Result<void> refuse_share(AuditLog& audit, const Principal& principal, Operation operation) {
  if (principal.share() == nullptr) return {};
  return audit.denied(principal, kTrashRoute, operation, Rights{Right::remove}.to_text(),
                      Error{Errc::forbidden, "a share sees no trash"});
}

TrashFilter filter_of(const Principal& principal, const std::optional<UserId>& home) {
  return {.viewer = principal.user(), .home = principal.user() ? std::nullopt : home};
}

} // namespace

/// Those with the right to delete of whose credential `of_credential` is asked.
Result<std::vector<TrashEntry>> TrashService::look(ReadTransaction& tx, const Principal& principal,
                                                   Right of_credential, const TrashFilter& filter,
                                                   std::optional<TrashId>& after,
                                                   std::size_t limit) {
  std::vector<TrashEntry> seen;
  for (std::size_t looks = 0; looks < kLooksPerPage; ++looks) {
    BALUHOST_TRY(const auto entries, tx.trash().list(filter, after, limit));
    BALUHOST_TRY(const auto standings, standings_of(tx, principal, entries));
    for (std::size_t i = 0; i < entries.size() && seen.size() < limit; ++i) {
      after = entries[i].id;
      if (decide(standings[i], Right::remove, of_credential) == Decision::allowed)
        seen.push_back(entries[i]);
    }
    if (entries.size() < limit) after.reset();
    if (entries.size() < limit || seen.size() == limit) break;
  }
  return seen;
}

Result<Page<TrashEntry>> TrashService::list(const Principal& principal, const PageRequest& page,
                                            const std::optional<UserId>& home) {
  BALUHOST_CHECK(refuse_share(deps_.audit_log, principal, Operation::list_trash));
  BALUHOST_TRY(auto after, read_position(page));
  const auto limit = page_limit(page);
  struct Seen {
    std::vector<TrashEntry> entries;
    std::optional<TrashId> last;
  };
  BALUHOST_TRY(auto seen, query(deps_.database, [&](ReadTransaction& tx) -> Result<Seen> {
                 auto last = after;
                 BALUHOST_TRY(auto entries, look(tx, principal, Right::read,
                                                 filter_of(principal, home), last, limit + 1));
                 return Seen{std::move(entries), last};
               }));
  auto found = make_page(std::move(seen.entries), limit, kList,
                         [](const TrashEntry& entry) { return std::to_string(entry.id.value); });
  if (!found.next_cursor && seen.last)
    found.next_cursor = make_cursor(kList, std::to_string(seen.last->value));
  return found;
}

Result<TrashEntry> TrashService::find(const Principal& principal, TrashId id) {
  BALUHOST_TRY(auto entry, query(deps_.database, [&](ReadTransaction& tx) {
                 return tx.trash().find(id, principal.user());
               }));
  if (!entry) return Error{Errc::not_found, "nothing in the trash has that id"};
  return *std::move(entry);
}

Result<void> TrashService::purge(const Principal& principal, TrashId id) {
  BALUHOST_CHECK(refuse_share(deps_.audit_log, principal, Operation::purge));
  PathGate gate(deps_.audit_log, principal, Operation::purge);
  auto event = deps_.audit_log.draft(Action::purge, principal);
  event.resource = std::string{kTrashRoute} + "/" + std::to_string(id.value);
  auto known = find(principal, id);
  if (!known) return deps_.audit_log.failed(event, std::move(known).error());
  event.resource = known->path.str();
  using Pending = std::optional<TreeRemoval>;
  auto done = record(deps_.database, [&](WriteTransaction& tx) -> Result<Recorded<Pending>> {
    BALUHOST_CHECK(gate.hold(tx, std::array{known->path}));
    BALUHOST_TRY(const auto entry, tx.trash().find(id, principal.user()));
    if (!entry) return Error{Errc::not_found, "nothing in the trash has that id"};
    BALUHOST_TRY(const auto standings, standings_of(tx, gate.present(), std::span(&*entry, 1)));
    BALUHOST_CHECK(
        gate.demand({.resolution = {}, .standing = standings.front()}, entry->path, Right::remove));
    BALUHOST_TRY(auto purged,
                 purge_entry(tx, *entry, event, deps_.audit_log, &principal, deps_.clock.now()));
    return recorded(std::move(purged.pending), together(std::move(purged.events)));
  });
  if (!done) return gate.failed(std::move(event), std::move(done).error());
  if (*done) clear_tree_soon(deps_.database, deps_.clock, **done, removal_deadline(deps_.clock));
  return {};
}

/// Those of `entries` that are there still and that the caller may purge still.
Result<std::vector<TrashEntry>> TrashService::permitted(ReadTransaction& tx,
                                                        const Principal& caller,
                                                        std::span<const TrashEntry> entries) {
  std::vector<TrashEntry> present;
  for (const auto& entry : entries) {
    BALUHOST_TRY(auto still, tx.trash().find(entry.id, caller.user()));
    if (still) present.push_back(*std::move(still));
  }
  BALUHOST_TRY(const auto standings, standings_of(tx, caller, present));
  std::vector<TrashEntry> allowed;
  for (std::size_t i = 0; i < present.size(); ++i) {
    if (decide(standings[i], Right::remove, Right::remove) == Decision::allowed)
      allowed.push_back(std::move(present[i]));
  }
  return allowed;
}

/// Returns how many of `entries` were seen to; `until`: for as long rows of large trees are removed
/// at once.
Result<std::size_t> TrashService::purge_some(const Principal& principal,
                                             std::span<const TrashEntry> entries,
                                             std::chrono::microseconds until) {
  entries = fitting(entries);
  std::vector<FilePath> homes;
  for (const auto& entry : entries) {
    if (std::ranges::find(homes, entry.path.home(), &FilePath::home) == homes.end())
      homes.push_back(entry.path);
  }
  PathGate gate(deps_.audit_log, principal, Operation::purge);
  auto event = deps_.audit_log.draft(Action::purge, principal);
  auto done = record(deps_.database, [&](WriteTransaction& tx) -> Result<Recorded<PurgedEntries>> {
    BALUHOST_CHECK(gate.hold(tx, homes));
    BALUHOST_TRY(const auto allowed, permitted(tx, gate.present(), entries));
    if (allowed.empty()) return Error{Errc::not_found, "another was faster"};
    BALUHOST_TRY(auto purged,
                 purge_entries(tx, allowed, event, deps_.audit_log, &principal, deps_.clock.now()));
    auto events = together(std::exchange(purged.events, {}));
    return recorded(std::move(purged), std::move(events));
  });
  if (!done && done.error().code == Errc::not_found) return entries.size();
  if (!done) {
    event.resource = kTrashRoute;
    return gate.failed(std::move(event), std::move(done).error());
  }
  for (const auto& removal : done->pending)
    clear_tree_soon(deps_.database, deps_.clock, removal, until);
  return position_of(entries, done->next);
}

// Many small entries go in one transaction, a large one by itself, so that others' changes go
// between.
Result<void> TrashService::empty(const Principal& principal, const std::optional<UserId>& home) {
  BALUHOST_CHECK(refuse_share(deps_.audit_log, principal, Operation::purge));
  const auto until = removal_deadline(deps_.clock);
  for (std::optional<TrashId> after;;) {
    BALUHOST_TRY(const auto entries, query(deps_.database, [&](ReadTransaction& tx) {
                   return look(tx, principal, Right::remove, filter_of(principal, home), after,
                               kPurgedAtOnce);
                 }));
    for (auto left = std::span<const TrashEntry>(entries); !left.empty();) {
      BALUHOST_TRY(const auto seen, purge_some(principal, left, until));
      left = left.subspan(seen);
    }
    if (!after) return {};
  }
}

} // namespace baluhost
