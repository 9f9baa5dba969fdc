#include "seals/sealer_state.hpp"
#include "seals/tag_check.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>
#include <vector>

// What other processes wrote and did not live to seal is sealed from the database, in seals marked
// as recovered. What somebody changed meanwhile shows by the tags, which were written with the
// events.
namespace baluhost {
namespace {

constexpr std::size_t kEventsPerRead = 500;
constexpr std::size_t kImpossibleIds = 50;
constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr Timestamp kEarliest{kLowest};

} // namespace

/// False if the database has a leaf of one of them by now, or the way had to be cleared.
Result<bool> Sealer::State::seal_from_database(std::vector<WaitingEvent> events) {
  std::span<const WaitingEvent> left = events;
  while (!left.empty()) {
    const auto some = left.first(std::min(left.size(), kMostEventsPerSeal));
    const auto made = bookkeep(deps.database, [&](Bookkeeping& tx) -> Result<Seal> {
      BALUHOST_CHECK(tx.seals().lock_chain());
      return append(tx.seals(), some, Source::database);
    });
    if (!made && is_in_the_way(made.error())) {
      BALUHOST_CHECK(clear_way());
      return false;
    }
    if (!made) return made.error();
    note_anchor(anchor(*made));
    left = left.subspan(some.size());
  }
  return true;
}

/// Of all writers that are dead, or were never ours. Their tags stay until all is sealed and
/// recorded: a crash in between must neither make a gap nor hide one. The caller holds `sealing`.
Result<Recovery> Sealer::State::recover(Timestamp older_than) {
  for (int tries = 1;; ++tries) {
    Recovery recovery;
    const auto ours = tags->ours();
    const auto myself = tags->writer();
    BALUHOST_TRY(auto writers, query(deps.database, [&](ReadTransaction& tx) {
                   return check_tags(tx.seals(), deps.signer, deps.digester);
                 }));
    std::vector<WaitingEvent> lost;
    for (auto& [name, writer] : writers) {
      if (name == myself || writer.newest.value_or(kEarliest) >= older_than) continue;
      for (const auto& event : writer.unsealed) {
        if (!ours.contains(event.event)) lost.push_back({.event = event.event, .leaf = event.leaf});
      }
      for (const EventId id : writer.all) {
        if (!ours.contains(id)) recovery.spent.push_back(id);
      }
      for (auto& problem : writer.problems) add_finding(recovery.findings, std::move(problem));
    }
    std::ranges::sort(lost, {}, &WaitingEvent::event);
    recovery.events = static_cast<std::int64_t>(lost.size());
    BALUHOST_TRY(const bool sealed, seal_from_database(std::move(lost)));
    if (sealed) return recovery;
    if (tries == kMostSealAttempts)
      return Error{Errc::conflict, "what a crash left cannot be sealed"};
  }
}

/// Events whose ids no database assigns, the first few. Rows that cannot be read are left to a
/// verification.
Result<void> Sealer::State::find_impossible_ids(Recovery& recovery) {
  const auto lowest = query(deps.database, [](ReadTransaction& tx) {
    return tx.audit().since(EventId{kLowest}, kImpossibleIds);
  });
  if (!lowest && lowest.error().code != Errc::internal) return lowest.error();
  if (!lowest) return {};
  for (const auto& event : *lowest) {
    if (event.id.value > 0) break;
    add_finding(recovery.findings,
                {.kind = ProblemKind::event_unsealed,
                 .event = event.id,
                 .detail = "no database assigns such an id: none of our programs wrote it"});
  }
  return {};
}

/// Events that bear no tag. Of several servers one of an older version may write those: it seals
/// them soon.
Result<void> Sealer::State::search(Timestamp older_than, Untagged untagged, Recovery& recovery) {
  const auto begin = [](ReadTransaction& tx) -> Result<EventId> {
    BALUHOST_TRY(const auto noted, tx.seals().sealed_up_to());
    BALUHOST_TRY(const auto newest, tx.audit().newest());
    return noted > newest ? EventId{0} : noted; // not noted by us
  };
  BALUHOST_TRY(auto after, query(deps.database, begin));
  std::vector<WaitingEvent> accepted;
  std::vector<UnsealedEvent> page;
  BALUHOST_CHECK(find_impossible_ids(recovery));
  do {
    BALUHOST_TRY(page, query(deps.database, [&](ReadTransaction& tx) {
                   return tx.seals().unsealed(after, kEventsPerRead);
                 }));
    for (const auto& found : page) {
      after = found.id;
      if (found.tagged || (found.event && found.event->timestamp >= older_than)) continue;
      if (untagged == Untagged::accept && found.event) {
        accepted.push_back({.event = found.id, .leaf = leaf_of(*found.event, deps.digester)});
      } else {
        add_finding(recovery.findings,
                    {.kind = ProblemKind::event_unsealed,
                     .event = found.id,
                     .detail = "the event bears no tag: none of our programs wrote it"});
      }
    }
  } while (page.size() == kEventsPerRead);
  const auto count = static_cast<std::int64_t>(accepted.size());
  BALUHOST_TRY(const bool sealed, seal_from_database(std::move(accepted)));
  if (!sealed) return Error{Errc::conflict, "what an older version left cannot be sealed"};
  recovery.events += count;
  BALUHOST_TRY(recovery.searched, newest_before(older_than));
  return {};
}

/// The newest event older than `time`; none where there is none, or its row cannot be read.
Result<std::optional<EventId>> Sealer::State::newest_before(Timestamp time) {
  using Found = std::optional<EventId>;
  auto newest = query(deps.database, [&](ReadTransaction& tx) {
    return tx.audit().query({.to = time}, SortOrder::descending, std::nullopt, 1);
  });
  if (!newest && newest.error().code == Errc::internal) return Found{};
  if (!newest) return std::move(newest).error();
  return newest->empty() ? Found{} : Found{newest->front().id};
}

Result<void> Sealer::State::note(std::optional<EventId> searched) {
  if (!searched) return {};
  BALUHOST_TRY(const auto noted, query(deps.database, [&](ReadTransaction& tx) {
                 return tx.seals().sealed_up_to();
               }));
  if (*searched <= noted) return {};
  return deps.database.bookkeep(
      [&](Bookkeeping& tx) { return tx.seals().note_sealed_up_to(*searched); });
}

} // namespace baluhost
