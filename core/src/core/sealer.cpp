#include "baluhost/core/sealer.hpp"

#include "baluhost/core/audit_verifier.hpp"
#include "merkle.hpp"
#include "sign_statement.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <limits>
#include <mutex>
#include <shared_mutex>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

// The leaf of an event is made from what was committed, on the way out of the commit, and waits in memory: between the commit and the seal the
// row may be changed behind our back, the leaf may not. A leaf leaves the queue only when the database has it, so a seal that failed is
// made again. That a seal failed may also mean that it was made and only the answer was lost, or that another process took us for dead
// and sealed our events from the database: the leaves that the database has already are then dropped, provided that they are the same.
//
// Two locks: `sealing` is held for a whole seal and lets one thread at a time seal; `mutex` guards the queue and is held for moments.
namespace baluhost {
namespace {

/// Bounds the time for which a seal holds up the writers.
constexpr std::size_t kMostEventsPerSeal = 5000;

struct Waiting {
  EventId event;
  Sha256Digest leaf;
};

Sha256Digest leaf_of(const AuditEvent& event, const Digester& digester) {
  thread_local std::string buffer;
  buffer.clear();
  append_canonical_encoding(buffer, event);
  return digester.sha256(buffer);
}

} // namespace

struct Sealer::State {
  State(const Parts& the_parts, SealerOptions the_options) : parts(the_parts), options(the_options) {}

  void committed(std::span<const AuditEvent> events);
  std::vector<Waiting> oldest();
  void forget_oldest(std::size_t count);
  Result<std::size_t> seal_some();
  Result<void> seal_all();
  Result<Seal> append(SealRepository& seals, std::span<const Waiting> events, bool recovered);
  Result<std::size_t> drop_sealed(std::span<const Waiting> events);
  Result<std::size_t> recover_some(EventId& after, Timestamp older_than);
  Result<void> anchor(const Seal& seal);
  Result<void> anchor_newest();
  void catch_up_anchor();
  Result<bool> chain_has(const Anchor& anchor, const Seal& newest);
  void run();
  void set(std::string& trouble, std::string text);

  Parts parts;
  SealerOptions options;

  std::shared_mutex gate; ///< shared by listeners at work; whoever has it alone may close
  bool closed{false};

  std::mutex mutex;
  std::condition_variable wake;
  std::deque<Waiting> queue;
  std::atomic<std::int64_t> queued{0};
  bool stopping{false};
  std::string seal_trouble;
  std::string anchor_trouble;
  std::string alarm; ///< stays

  std::mutex sealing;
  std::thread thread;
};

void Sealer::State::committed(std::span<const AuditEvent> events) {
  const std::shared_lock at_work(gate);
  if (closed) return;
  std::vector<Waiting> fresh;
  fresh.reserve(events.size());
  for (const auto& event : events) fresh.push_back({event.id, leaf_of(event, parts.digester)});
  bool enough = false;
  {
    const std::lock_guard lock(mutex);
    const auto before = static_cast<std::int64_t>(queue.size());
    queue.insert(queue.end(), fresh.begin(), fresh.end());
    const auto after = static_cast<std::int64_t>(queue.size());
    queued = after;
    enough = before < options.events && after >= options.events;
  }
  if (enough) wake.notify_all();
}

std::vector<Waiting> Sealer::State::oldest() {
  const std::lock_guard lock(mutex);
  const auto count = std::min(queue.size(), kMostEventsPerSeal);
  return {queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(count)};
}

void Sealer::State::forget_oldest(std::size_t count) {
  const std::lock_guard lock(mutex);
  queue.erase(queue.begin(), queue.begin() + static_cast<std::ptrdiff_t>(count));
  queued = static_cast<std::int64_t>(queue.size());
}

Result<Seal> Sealer::State::append(SealRepository& seals, std::span<const Waiting> events, bool recovered) {
  BALUHOST_TRY(const auto newest, seals.newest());
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
    leaves.push_back({seal.first_sequence + static_cast<std::int64_t>(leaves.size()), event.event, event.leaf});
  }
  seal.root = tree.root();

  if (newest) seal.key_id = newest->key_id;
  BALUHOST_CHECK(sign_statement(seal, parts.signer));
  BALUHOST_CHECK(seals.append(seal, leaves));
  return seal;
}

/// Seals at most one seal's worth of what waits; gives how many it took out of the queue. The caller holds `sealing`.
Result<std::size_t> Sealer::State::seal_some() {
  const auto events = oldest();
  std::optional<Seal> made;
  const auto result = parts.database.bookkeep([&](Bookkeeping& books) -> Result<void> {
    BALUHOST_CHECK(books.seals().lock_chain());
    BALUHOST_TRY(made, append(books.seals(), events, false));
    return {};
  });
  if (!result && result.error().code == Errc::conflict) return drop_sealed(events);
  if (!result) return result.error();
  forget_oldest(events.size());
  const auto anchored = anchor(*made);
  set(anchor_trouble, anchored ? "" : anchored.error().detail);
  return events.size();
}

/// Takes those of `events`, the oldest of the queue, out of it that the database has a leaf of. conflict if it has none: then something else
/// is in the way.
Result<std::size_t> Sealer::State::drop_sealed(std::span<const Waiting> events) {
  std::vector<Waiting> unsealed;
  std::string altered;
  BALUHOST_CHECK(parts.database.read([&](ReadTransaction& tx) -> Result<void> {
    for (const auto& event : events) {
      BALUHOST_TRY(const auto stored, tx.seals().leaf_of(event.event));
      if (!stored) unsealed.push_back(event);
      if (stored && stored->leaf != event.leaf) altered = std::to_string(event.event.value);
    }
    return {};
  }));
  if (unsealed.size() == events.size()) return Error{Errc::conflict, "the place of the next seal is taken"};
  if (!altered.empty()) set(alarm, "event " + altered + " was sealed with another content than it was written with");
  const std::lock_guard lock(mutex);
  const auto end = queue.begin() + static_cast<std::ptrdiff_t>(events.size());
  queue.erase(std::copy(unsealed.begin(), unsealed.end(), queue.begin()), end);
  queued = static_cast<std::int64_t>(queue.size());
  return events.size() - unsealed.size();
}

/// Everything that waited when it was called. The caller holds `sealing`.
Result<void> Sealer::State::seal_all() {
  const auto waiting = static_cast<std::size_t>(queued.load());
  for (std::size_t done = 0; done < waiting;) {
    auto sealed = seal_some();
    set(seal_trouble, sealed ? "" : "sealing fails: " + sealed.error().detail);
    if (!sealed) return std::move(sealed).error();
    done += *sealed;
  }
  return {};
}

/// An anchor that the chain does not hold convicts the database of being an old copy. A newer one written over it would hide that.
Result<void> Sealer::State::anchor(const Seal& seal) {
  BALUHOST_TRY(const auto newest, parts.anchors.newest());
  if (newest) {
    BALUHOST_TRY(const bool known, chain_has(*newest, seal));
    if (!known) {
      return Error{Errc::conflict, "the database does not hold seal " + std::to_string(newest->number.value) +
                                       " as it was anchored: it is an old copy, or another's anchor"};
    }
  }
  return parts.anchors.append({seal.number, seal_hash(seal, parts.digester)});
}

/// A crash may have come between a seal and its anchor; an old copy of the database shows here before it seals anything.
Result<void> Sealer::State::anchor_newest() {
  std::optional<Seal> newest;
  BALUHOST_CHECK(parts.database.read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(newest, tx.seals().newest());
    return {};
  }));
  BALUHOST_TRY(const auto anchored, parts.anchors.newest());
  if (!newest && !anchored) return {};
  if (newest && anchored && anchored->number == newest->number && anchored->seal_hash == seal_hash(*newest, parts.digester)) return {};
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
    found = !seals.empty() && seals.front().number == anchor.number && seal_hash(seals.front(), parts.digester) == anchor.seal_hash;
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
    wake.wait_for(lock, options.interval,
                  [this] { return stopping || static_cast<std::int64_t>(queue.size()) >= options.events; });
    const bool lacks_anchor = !anchor_trouble.empty();
    if (stopping || (queue.empty() && !lacks_anchor)) continue;
    lock.unlock();
    bool sealed = false;
    {
      const std::lock_guard one_at_a_time(sealing);
      sealed = seal_all().has_value();
      if (lacks_anchor) catch_up_anchor();
    }
    lock.lock();
    if (!sealed) wake.wait_for(lock, options.interval, is_stopping);
  }
}

/// Seals unsealed events behind `after`, which becomes the last one looked at; gives how many. Those that wait in our own queue are not lost.
/// The caller holds `sealing`.
Result<std::size_t> Sealer::State::recover_some(EventId& after, Timestamp older_than) {
  std::unordered_set<EventId> ours;
  {
    const std::lock_guard lock(mutex);
    for (const auto& event : queue) ours.insert(event.event);
  }
  std::vector<AuditEvent> found;
  std::vector<Waiting> lost;
  std::optional<Seal> made;
  BALUHOST_CHECK(parts.database.bookkeep([&](Bookkeeping& books) -> Result<void> {
    lost.clear();
    made.reset();
    BALUHOST_CHECK(books.seals().lock_chain());
    BALUHOST_TRY(found, books.seals().unsealed(after, older_than, kMostEventsPerSeal));
    for (const auto& event : found) {
      if (!ours.contains(event.id)) lost.push_back({event.id, leaf_of(event, parts.digester)});
    }
    if (!lost.empty()) {
      BALUHOST_TRY(made, append(books.seals(), lost, true));
    }
    return {};
  }));
  if (made) {
    const auto anchored = anchor(*made);
    set(anchor_trouble, anchored ? "" : anchored.error().detail);
  }
  after = found.size() < kMostEventsPerSeal ? EventId{std::numeric_limits<std::int64_t>::max()} : found.back().id;
  return lost.size();
}

Sealer::Sealer(const Parts& parts, SealerOptions options) : state_(std::make_shared<State>(parts, options)) {
  parts.database.on_commit([state = state_](std::span<const AuditEvent> events) { state->committed(events); });
}

Sealer::~Sealer() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_all();
  if (state_->thread.joinable()) state_->thread.join();
  {
    const std::unique_lock nobody_at_work(state_->gate);
    state_->closed = true;
  }
  static_cast<void>(seal_now()); // what fails here is recovered at the next start
}

void Sealer::start() {
  if (!state_->thread.joinable()) state_->thread = std::thread([state = state_] { state->run(); });
}

Result<void> Sealer::seal_now() {
  const std::lock_guard one_at_a_time(state_->sealing);
  return state_->seal_all();
}

Result<std::int64_t> Sealer::recover(Timestamp older_than) {
  const std::lock_guard one_at_a_time(state_->sealing);
  BALUHOST_CHECK(state_->seal_all());
  std::int64_t recovered = 0;
  EventId after;
  BALUHOST_CHECK(state_->parts.database.read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(after, tx.seals().sealed_up_to());
    return {};
  }));
  while (after.value < std::numeric_limits<std::int64_t>::max()) {
    BALUHOST_TRY(const auto count, state_->recover_some(after, older_than));
    recovered += static_cast<std::int64_t>(count);
  }
  state_->catch_up_anchor();
  BALUHOST_CHECK(note_progress(older_than));
  return recovered;
}

Result<void> Sealer::note_progress(Timestamp older_than) {
  EventId noted, sealed;
  BALUHOST_CHECK(state_->parts.database.read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(noted, tx.seals().sealed_up_to());
    BALUHOST_TRY(const auto newest, tx.audit().query({.to = older_than}, SortOrder::descending, std::nullopt, 1));
    if (newest.empty() || newest.front().id <= noted) return {};
    BALUHOST_TRY(const auto first, tx.seals().unsealed(noted, Timestamp{std::numeric_limits<std::int64_t>::max()}, 1));
    sealed = newest.front().id;
    if (!first.empty()) sealed = std::min(sealed, EventId{first.front().id.value - 1});
    return {};
  }));
  if (sealed <= noted) return {};
  return state_->parts.database.bookkeep([&](Bookkeeping& books) { return books.seals().note_sealed_up_to(sealed); });
}

std::int64_t Sealer::unsealed() const noexcept { return state_->queued; }

std::optional<std::string> Sealer::trouble() const {
  const std::lock_guard lock(state_->mutex);
  for (const auto* trouble : {&state_->alarm, &state_->seal_trouble, &state_->anchor_trouble}) {
    if (!trouble->empty()) return *trouble;
  }
  return std::nullopt;
}

} // namespace baluhost
