#include "baluhost/core/seals/sealer.hpp"

#include "baluhost/core/seals/verify.hpp"
#include "seals/event_tags.hpp"
#include "seals/merkle.hpp"
#include "seals/sign_statement.hpp"
#include "seals/tag_check.hpp"

#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <limits>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

// The leaf of an event is made in the transaction that writes it and waits in memory: between the
// commit and the seal the row may be changed behind our back, the leaf may not. A leaf leaves the
// queue only when the database has it, so a seal that failed is made again. That a seal failed may
// also mean that it was made and only the answer was lost, or that another process took us for dead
// and sealed our events from the database: the leaves that the database has already are then
// dropped, provided that they are the same. Or somebody put rows in the way: those are removed and
// become findings, since nobody may stop the trail by writing to the database.
//
// Two locks: `sealing` is held for a whole seal and lets one thread at a time seal; `mutex` guards
// what is told to others.
namespace baluhost {
namespace {

/// Bounds the time for which a seal holds up the writers.
constexpr std::size_t kMostEventsPerSeal = 5000;
constexpr std::size_t kEventsPerRead = 500;
constexpr Timestamp kEarliest{std::numeric_limits<std::int64_t>::min()};
constexpr std::size_t kRowsPerClearing = 1000;
constexpr std::size_t kMostFindings = 1000;
constexpr int kMostAttempts = 5;

bool is_in_the_way(const Error& error) {
  return error.code == Errc::conflict || error.code == Errc::internal;
}

void add(std::vector<VerifyProblem>& findings, VerifyProblem problem) {
  if (findings.size() < kMostFindings) findings.push_back(std::move(problem));
}

} // namespace

class Sealer::State {
 public:
  State(const Parts& the_parts, SealerOptions the_options)
      : parts(the_parts),
        options(the_options),
        tags(std::make_shared<EventTags>(parts.digester, parts.signer, parts.instance,
                                         options.events, [wake = wake] { wake->notify_all(); })) {}

  Result<std::size_t> seal_some();
  Result<std::size_t> seal_all();
  Result<Seal> append(SealRepository& seals, std::span<const WaitingEvent> events, bool recovered);
  Result<std::size_t> drop_sealed(std::span<const WaitingEvent> events);
  Result<bool> clear_way();
  Result<Recovery> recover(Timestamp older_than);
  Result<bool> seal_from_database(std::vector<WaitingEvent> events);
  Result<void> search(Timestamp older_than, Untagged untagged, Recovery& recovery);
  Result<std::optional<EventId>> newest_before(Timestamp time);
  Result<void> note(std::optional<EventId> searched);
  Result<void> anchor(const Seal& seal);
  Result<void> anchor_newest();
  void catch_up_anchor();
  Result<bool> chain_has(const Anchor& anchor, const Seal& newest);
  void run();
  void set(std::string& trouble, std::string text);
  void remove_own_tags();

  Parts parts;
  SealerOptions options;

  std::mutex mutex;
  std::shared_ptr<std::condition_variable> wake = std::make_shared<std::condition_variable>();
  bool stopping{false};
  std::string seal_trouble;
  std::string anchor_trouble;
  std::string alarm; ///< stays
  std::vector<VerifyProblem> findings;

  std::mutex sealing;
  std::thread thread;
  std::shared_ptr<EventTags> tags;
};

Result<Seal> Sealer::State::append(SealRepository& seals, std::span<const WaitingEvent> events,
                                   bool recovered) {
  BALUHOST_TRY(const auto newest, seals.newest());
  if (newest && !has_consistent_numbers(*newest)) {
    return Error{Errc::conflict, "the newest row of seals is none of ours"};
  }
  Seal seal;
  seal.number = SealNumber{newest ? newest->number.value + 1 : 1};
  seal.first_sequence = newest ? newest->last_sequence + 1 : 1;
  seal.count = static_cast<std::int64_t>(events.size());
  seal.last_sequence = seal.first_sequence + seal.count - 1;
  if (newest) seal.previous = seal_hash(*newest, parts.digester);
  seal.sealed_at = parts.clock.now();
  seal.recovered = recovered;

  MerkleTree tree(parts.digester);
  std::vector<AuditLeaf> leaves;
  leaves.reserve(events.size());
  for (const auto& event : events) {
    tree.add(event.leaf.view());
    leaves.push_back(
        {seal.first_sequence + static_cast<std::int64_t>(leaves.size()), event.event, event.leaf});
  }
  seal.root = tree.root();

  if (newest) seal.key_id = newest->key_id;
  BALUHOST_CHECK(sign_statement(seal, parts.signer));
  BALUHOST_CHECK(seals.append(seal, leaves));
  return seal;
}

/// Seals at most one seal's worth of what waits; gives how many it took out of the queue. The
/// caller holds `sealing`.
Result<std::size_t> Sealer::State::seal_some() {
  const auto events = tags->oldest(kMostEventsPerSeal);
  if (events.empty()) return std::size_t{0};
  const auto spent = tags->spent(events);
  std::optional<Seal> made;
  for (int attempt = 1;; ++attempt) {
    const auto result = parts.database.bookkeep([&](Bookkeeping& books) -> Result<void> {
      BALUHOST_CHECK(books.seals().lock_chain());
      BALUHOST_TRY(made, append(books.seals(), events, false));
      return books.seals().remove_tags(spent);
    });
    if (result) break;
    if (!is_in_the_way(result.error())) return result.error();
    BALUHOST_TRY(const bool cleared, clear_way());
    if (cleared && attempt < kMostAttempts) continue;
    return result.error().code == Errc::conflict ? drop_sealed(events) : result.error();
  }
  tags->forget(events);
  const auto anchored = anchor(*made);
  set(anchor_trouble, anchored ? "" : anchored.error().detail);
  return events.size();
}

/// Removes what is in the way of the next seal and notes it as findings; false if there was
/// nothing.
Result<bool> Sealer::State::clear_way() {
  std::vector<std::string> removed;
  BALUHOST_CHECK(parts.database.bookkeep([&](Bookkeeping& books) -> Result<void> {
    BALUHOST_CHECK(books.seals().lock_chain());
    BALUHOST_TRY(removed, books.seals().clear_way(kRowsPerClearing));
    return {};
  }));
  const std::lock_guard lock(mutex);
  for (auto& what : removed) {
    add(findings, {"row_forged", std::nullopt, std::nullopt,
                   what + " was in the way of a seal and was removed"});
  }
  return !removed.empty();
}

/// Takes those of `events`, the oldest of the queue, out of it that the database has a leaf of.
/// conflict if it has none: then something else is in the way.
Result<std::size_t> Sealer::State::drop_sealed(std::span<const WaitingEvent> events) {
  std::set<EventId> unsealed;
  std::string altered;
  BALUHOST_CHECK(parts.database.read([&](ReadTransaction& tx) -> Result<void> {
    unsealed.clear();
    for (const auto& event : events) {
      BALUHOST_TRY(const auto stored, tx.seals().leaf_of(event.event));
      if (!stored)
        unsealed.insert(event.event);
      else if (stored->leaf != event.leaf)
        altered = std::to_string(event.event.value);
    }
    return {};
  }));
  if (unsealed.size() == events.size())
    return Error{Errc::conflict, "the place of the next seal is taken"};
  if (!altered.empty())
    set(alarm, "event " + altered + " was sealed with another content than it was written with");
  tags->forget_sealed_elsewhere(events, unsealed);
  return events.size() - unsealed.size();
}

/// Everything that waited when it was called and may be sealed; gives how many. The caller holds
/// `sealing`.
Result<std::size_t> Sealer::State::seal_all() {
  const auto waiting = static_cast<std::size_t>(tags->waiting());
  std::size_t done = 0;
  while (done < waiting) {
    auto sealed = seal_some();
    set(seal_trouble, sealed ? "" : "sealing fails: " + sealed.error().detail);
    if (!sealed) return std::move(sealed).error();
    if (*sealed == 0) break; // what is left waits for a commit that is under way
    done += *sealed;
  }
  return done;
}

/// An anchor that the chain does not hold convicts the database of being an old copy. A newer one
/// written over it would hide that.
Result<void> Sealer::State::anchor(const Seal& seal) {
  BALUHOST_TRY(const auto newest, parts.anchors.newest());
  if (newest) {
    BALUHOST_TRY(const bool known, chain_has(*newest, seal));
    if (!known) {
      return Error{Errc::conflict,
                   "the database does not hold seal " + std::to_string(newest->number.value) +
                       " as it was anchored: it is an old copy, or another's anchor"};
    }
  }
  return parts.anchors.append({seal.number, seal_hash(seal, parts.digester)});
}

/// A crash may have come between a seal and its anchor; an old copy of the database shows here
/// before it seals anything.
Result<void> Sealer::State::anchor_newest() {
  std::optional<Seal> newest;
  BALUHOST_CHECK(parts.database.read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(newest, tx.seals().newest());
    return {};
  }));
  BALUHOST_TRY(const auto anchored, parts.anchors.newest());
  if (!newest && !anchored) return {};
  if (newest && anchored && anchored->number == newest->number &&
      anchored->seal_hash == seal_hash(*newest, parts.digester))
    return {};
  return anchor(newest.value_or(Seal{}));
}

void Sealer::State::catch_up_anchor() {
  const auto anchored = anchor_newest();
  set(anchor_trouble, anchored ? "" : anchored.error().detail);
}

Result<bool> Sealer::State::chain_has(const Anchor& anchor, const Seal& newest) {
  if (anchor.number.value == newest.number.value - 1) return newest.previous == anchor.seal_hash;
  bool found = false;
  BALUHOST_CHECK(parts.database.read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(const auto seals, tx.seals().list(SealNumber{anchor.number.value - 1}, 1));
    found = !seals.empty() && seals.front().number == anchor.number &&
            seal_hash(seals.front(), parts.digester) == anchor.seal_hash;
    return {};
  }));
  return found;
}

void Sealer::State::set(std::string& trouble, std::string text) {
  const std::lock_guard lock(mutex);
  trouble = std::move(text);
}

void Sealer::State::run() {
  std::unique_lock lock(mutex);
  const auto is_stopping = [this] { return stopping; };
  while (!stopping) {
    wake->wait_for(lock, options.interval,
                   [this] { return stopping || tags->waiting() >= options.events; });
    const bool lacks_anchor = !anchor_trouble.empty();
    if (stopping || (tags->waiting() == 0 && !lacks_anchor)) continue;
    lock.unlock();
    std::size_t sealed = 0;
    {
      const std::lock_guard one_at_a_time(sealing);
      sealed = seal_all().value_or(0);
      if (lacks_anchor) catch_up_anchor();
    }
    lock.lock();
    if (sealed == 0) wake->wait_for(lock, options.interval, is_stopping);
  }
}

/// False if the database has a leaf of one of them by now, or the way had to be cleared.
Result<bool> Sealer::State::seal_from_database(std::vector<WaitingEvent> events) {
  std::span<const WaitingEvent> left = events;
  while (!left.empty()) {
    const auto some = left.first(std::min(left.size(), kMostEventsPerSeal));
    std::optional<Seal> made;
    const auto result = parts.database.bookkeep([&](Bookkeeping& books) -> Result<void> {
      BALUHOST_CHECK(books.seals().lock_chain());
      BALUHOST_TRY(made, append(books.seals(), some, true));
      return {};
    });
    if (!result && is_in_the_way(result.error())) {
      BALUHOST_CHECK(clear_way());
      return false;
    }
    if (!result) return result.error();
    const auto anchored = anchor(*made);
    set(anchor_trouble, anchored ? "" : anchored.error().detail);
    left = left.subspan(some.size());
  }
  return true;
}

/// Of all writers that are dead, or were never ours. Their tags stay until all is sealed and
/// recorded: a crash in between must neither make a gap nor hide one. The caller holds `sealing`.
Result<Recovery> Sealer::State::recover(Timestamp older_than) {
  for (int attempt = 1;; ++attempt) {
    Recovery recovery;
    const auto ours = tags->ours();
    const auto myself = tags->writer();
    std::map<std::string, WriterTags> writers;
    BALUHOST_CHECK(parts.database.read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(writers, check_tags(tx.seals(), parts.signer, parts.digester));
      return {};
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
      for (auto& problem : writer.problems) add(recovery.findings, std::move(problem));
    }
    std::ranges::sort(lost, {}, &WaitingEvent::event);
    recovery.events = static_cast<std::int64_t>(lost.size());
    BALUHOST_TRY(const bool sealed, seal_from_database(std::move(lost)));
    if (sealed) return recovery;
    if (attempt == kMostAttempts)
      return Error{Errc::conflict, "what a crash left cannot be sealed"};
  }
}

/// Events that bear no tag. Of several servers one of an older version may write those: it seals
/// them soon.
Result<void> Sealer::State::search(Timestamp older_than, Untagged untagged, Recovery& recovery) {
  EventId after;
  std::vector<WaitingEvent> accepted;
  std::vector<UnsealedEvent> page;
  BALUHOST_CHECK(parts.database.read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(after, tx.seals().sealed_up_to());
    BALUHOST_TRY(const auto newest, tx.audit().newest());
    if (after > newest) after = EventId{0}; // not noted by us
    return {};
  }));
  do {
    BALUHOST_CHECK(parts.database.read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(page, tx.seals().unsealed(after, kEventsPerRead));
      return {};
    }));
    for (const auto& found : page) {
      after = found.id;
      if (found.tagged || (found.event && found.event->timestamp >= older_than)) continue;
      if (untagged == Untagged::accept && found.event) {
        accepted.push_back({.event = found.id, .leaf = leaf_of(*found.event, parts.digester)});
      } else {
        add(recovery.findings, {"event_unsealed", std::nullopt, found.id,
                                "the event bears no tag: none of our programs wrote it"});
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
  std::optional<EventId> found;
  auto result = parts.database.read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(const auto newest,
                 tx.audit().query({.to = time}, SortOrder::descending, std::nullopt, 1));
    if (!newest.empty()) found = newest.front().id;
    return {};
  });
  if (!result && result.error().code != Errc::internal) return std::move(result).error();
  return found;
}

Result<void> Sealer::State::note(std::optional<EventId> searched) {
  if (!searched) return {};
  EventId noted;
  BALUHOST_CHECK(parts.database.read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(noted, tx.seals().sealed_up_to());
    return {};
  }));
  if (*searched <= noted) return {};
  return parts.database.bookkeep(
      [&](Bookkeeping& books) { return books.seals().note_sealed_up_to(*searched); });
}

/// At an orderly end nothing is left that the tags of this process would vouch for.
void Sealer::State::remove_own_tags() {
  const auto unneeded = tags->unneeded();
  if (unneeded.empty()) return;
  static_cast<void>(parts.database.bookkeep(
      [&](Bookkeeping& books) { return books.seals().remove_tags(unneeded); }));
}

Sealer::Sealer(const Parts& parts, SealerOptions options)
    : state_(std::make_shared<State>(parts, options)) {
  parts.database.tag_events(state_->tags);
}

Sealer::~Sealer() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake->notify_all();
  if (state_->thread.joinable()) state_->thread.join();
  if (seal_now()) state_->remove_own_tags(); // what fails here is recovered at the next start
}

void Sealer::start() {
  if (!state_->thread.joinable()) state_->thread = std::thread([state = state_] { state->run(); });
}

Result<void> Sealer::seal_now() {
  const std::lock_guard one_at_a_time(state_->sealing);
  BALUHOST_CHECK(state_->seal_all());
  return {};
}

Result<Recovery> Sealer::recover(Timestamp older_than) {
  const std::lock_guard one_at_a_time(state_->sealing);
  BALUHOST_CHECK(state_->seal_all());
  BALUHOST_TRY(auto recovery, state_->recover(older_than));
  state_->catch_up_anchor();
  if (recovery.findings.empty()) BALUHOST_CHECK(conclude(recovery));
  return recovery;
}

Result<Recovery> Sealer::recover_and_search(Timestamp older_than, Untagged untagged) {
  {
    const std::lock_guard one_at_a_time(state_->sealing);
    BALUHOST_CHECK(state_->clear_way());
  }
  BALUHOST_TRY(auto recovery, recover(older_than));
  const std::lock_guard one_at_a_time(state_->sealing);
  BALUHOST_CHECK(state_->search(older_than, untagged, recovery));
  if (recovery.findings.empty()) BALUHOST_CHECK(conclude(recovery));
  return recovery;
}

Result<void> Sealer::conclude(const Recovery& recovery) {
  if (!recovery.spent.empty()) {
    BALUHOST_CHECK(state_->parts.database.bookkeep(
        [&](Bookkeeping& books) { return books.seals().remove_tags(recovery.spent); }));
  }
  return state_->note(recovery.searched);
}

Result<void> Sealer::note_progress(Timestamp older_than) {
  BALUHOST_TRY(auto sealed, state_->newest_before(older_than));
  EventId first{std::numeric_limits<std::int64_t>::max()};
  BALUHOST_CHECK(state_->parts.database.read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(const auto noted, tx.seals().sealed_up_to());
    if (!sealed || *sealed <= noted) return {};
    BALUHOST_TRY(const auto unsealed, tx.seals().unsealed(noted, 1));
    if (!unsealed.empty()) first = unsealed.front().id;
    return {};
  }));
  if (sealed && first <= *sealed) sealed = EventId{first.value - 1};
  return state_->note(sealed);
}

std::int64_t Sealer::unsealed() const noexcept { return state_->tags->waiting(); }

std::optional<std::string> Sealer::trouble() const {
  const std::lock_guard lock(state_->mutex);
  for (const auto* trouble : {&state_->alarm, &state_->seal_trouble, &state_->anchor_trouble}) {
    if (!trouble->empty()) return *trouble;
  }
  return std::nullopt;
}

std::vector<VerifyProblem> Sealer::take_findings() {
  const std::lock_guard lock(state_->mutex);
  return std::exchange(state_->findings, {});
}

} // namespace baluhost
