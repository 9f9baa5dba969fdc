#include "baluhost/core/seals/sealer.hpp"

#include "baluhost/core/seals/verify.hpp"
#include "baluhost/ports/transactions.hpp"
#include "seals/merkle.hpp"
#include "seals/sealer_state.hpp"
#include "seals/sign_statement.hpp"

#include <set>
#include <utility>
#include <vector>

// The leaf of an event is made in the transaction that writes it and waits in memory: between the
// commit and the seal the row may be changed behind our back, the leaf may not. A leaf leaves the
// queue only when the database has it, so a seal that failed is made again. That a seal failed may
// also mean that it was made and only the answer was lost, or that another process took us for dead
// and sealed our events from the database: the leaves that the database has already are then
// dropped, provided that they are the same. Or somebody put rows in the way: those are removed and
// become findings, since nobody may stop the trail by writing to the database.
namespace baluhost {
namespace {

constexpr std::size_t kRowsPerClearing = 1000;

} // namespace

Result<Seal> Sealer::State::append(SealRepository& seals, std::span<const WaitingEvent> events,
                                   Source source) {
  BALUHOST_TRY(const auto newest, seals.newest());
  if (newest && !has_consistent_numbers(*newest)) {
    return Error{Errc::conflict, "the newest row of seals is none of ours"};
  }
  Seal seal;
  seal.number = SealNumber{newest ? newest->number.value + 1 : 1};
  seal.first_sequence = newest ? newest->last_sequence + 1 : 1;
  seal.count = static_cast<std::int64_t>(events.size());
  seal.last_sequence = seal.first_sequence + seal.count - 1;
  if (newest) seal.previous = seal_hash(*newest, deps.digester);
  seal.sealed_at = deps.clock.now();
  seal.recovered = source == Source::database;

  MerkleTree tree(deps.digester);
  std::vector<AuditLeaf> leaves;
  leaves.reserve(events.size());
  for (const auto& event : events) {
    tree.add(event.leaf.view());
    leaves.push_back(
        {seal.first_sequence + static_cast<std::int64_t>(leaves.size()), event.event, event.leaf});
  }
  seal.root = tree.root();

  if (newest) seal.key_id = newest->key_id;
  BALUHOST_CHECK(sign_statement(seal, deps.signer));
  BALUHOST_CHECK(seals.append(seal, leaves));
  return seal;
}

/// Seals at most one seal's worth of what waits; returns how many it took out of the queue. The
/// caller holds `sealing`.
Result<std::size_t> Sealer::State::seal_some() {
  const auto events = tags->oldest(kMostEventsPerSeal);
  if (events.empty()) return std::size_t{0};
  const auto spent = tags->spent(events);
  for (int tries = 1;; ++tries) {
    const auto made = bookkeep(deps.database, [&](Bookkeeping& tx) -> Result<Seal> {
      BALUHOST_CHECK(tx.seals().lock_chain());
      BALUHOST_TRY(auto seal, append(tx.seals(), events, Source::memory));
      BALUHOST_CHECK(tx.seals().remove_tags(spent));
      return seal;
    });
    if (made) {
      tags->forget(events);
      note_anchor(anchor(*made));
      return events.size();
    }
    if (!is_in_the_way(made.error())) return made.error();
    BALUHOST_TRY(const bool cleared, clear_way());
    if (cleared && tries < kMostSealAttempts) continue;
    return made.error().code == Errc::conflict ? drop_sealed(events) : made.error();
  }
}

/// Removes what is in the way of the next seal and notes it as findings; false if there was
/// nothing.
Result<bool> Sealer::State::clear_way() {
  const auto clear = [](Bookkeeping& tx) -> Result<std::vector<std::string>> {
    BALUHOST_CHECK(tx.seals().lock_chain());
    return tx.seals().clear_way(kRowsPerClearing);
  };
  BALUHOST_TRY(const auto removed, bookkeep(deps.database, clear));
  const std::lock_guard lock(mutex);
  for (const auto& what : removed) {
    add_finding(findings, {.kind = ProblemKind::row_forged,
                           .detail = what + " was in the way of a seal and was removed"});
  }
  return !removed.empty();
}

/// Takes those of `events`, the oldest of the queue, out of it that the database has a leaf of.
/// conflict if it has none: then something else is in the way.
Result<std::size_t> Sealer::State::drop_sealed(std::span<const WaitingEvent> events) {
  struct Stored {
    std::set<EventId> unsealed;
    std::optional<EventId> altered;
  };
  const auto look = [&](ReadTransaction& tx) -> Result<Stored> {
    Stored stored;
    for (const auto& event : events) {
      BALUHOST_TRY(const auto leaf, tx.seals().leaf_of(event.event));
      if (!leaf)
        stored.unsealed.insert(event.event);
      else if (leaf->leaf != event.leaf)
        stored.altered = event.event;
    }
    return stored;
  };
  BALUHOST_TRY(const auto stored, query(deps.database, look));
  if (stored.unsealed.size() == events.size())
    return Error{Errc::conflict, "the place of the next seal is taken"};
  if (stored.altered) {
    set(alarm, "event " + std::to_string(stored.altered->value) +
                   " was sealed with another content than it was written with");
  }
  tags->forget_sealed_elsewhere(events, stored.unsealed);
  return events.size() - stored.unsealed.size();
}

/// Everything that waited when it was called and may be sealed; returns how many. The caller holds
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
  BALUHOST_TRY(const auto newest, deps.anchors.newest());
  if (newest) {
    BALUHOST_TRY(const bool known, chain_has(*newest, seal));
    if (!known) {
      return Error{Errc::conflict,
                   "the database does not hold seal " + std::to_string(newest->number.value) +
                       " as it was anchored: it is an old copy, or another's anchor"};
    }
  }
  return deps.anchors.append({seal.number, seal_hash(seal, deps.digester)});
}

/// A crash may have come between a seal and its anchor; an old copy of the database shows here
/// before it seals anything.
Result<void> Sealer::State::anchor_newest() {
  BALUHOST_TRY(const auto newest,
               query(deps.database, [&](ReadTransaction& tx) { return tx.seals().newest(); }));
  BALUHOST_TRY(const auto anchored, deps.anchors.newest());
  if (!newest && !anchored) return {};
  if (newest && anchored && anchored->number == newest->number &&
      anchored->seal_hash == seal_hash(*newest, deps.digester))
    return {};
  return anchor(newest.value_or(Seal{}));
}

void Sealer::State::note_anchor(const Result<void>& anchored) {
  set(anchor_trouble, anchored ? "" : anchored.error().detail);
}

void Sealer::State::catch_up_anchor() { note_anchor(anchor_newest()); }

Result<bool> Sealer::State::chain_has(const Anchor& anchor, const Seal& newest) {
  if (anchor.number.value == newest.number.value - 1) return newest.previous == anchor.seal_hash;
  BALUHOST_TRY(const auto seals, query(deps.database, [&](ReadTransaction& tx) {
                 return tx.seals().list(SealNumber{anchor.number.value - 1}, 1);
               }));
  return !seals.empty() && seals.front().number == anchor.number &&
         seal_hash(seals.front(), deps.digester) == anchor.seal_hash;
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

/// At an orderly end nothing is left that the tags of this process would vouch for.
void Sealer::State::remove_own_tags() {
  const auto unneeded = tags->unneeded();
  if (unneeded.empty()) return;
  static_cast<void>(
      deps.database.bookkeep([&](Bookkeeping& tx) { return tx.seals().remove_tags(unneeded); }));
}

Sealer::Sealer(const Dependencies& deps, SealerOptions options)
    : state_(std::make_shared<State>(deps, options)) {
  deps.database.tag_events(state_->tags);
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
    BALUHOST_CHECK(state_->deps.database.bookkeep(
        [&](Bookkeeping& tx) { return tx.seals().remove_tags(recovery.spent); }));
  }
  return state_->note(recovery.searched);
}

Result<void> Sealer::note_progress(Timestamp older_than) {
  BALUHOST_TRY(auto sealed, state_->newest_before(older_than));
  if (!sealed) return {};
  using First = std::optional<EventId>;
  const auto look = [&](ReadTransaction& tx) -> Result<First> {
    BALUHOST_TRY(const auto noted, tx.seals().sealed_up_to());
    if (*sealed <= noted) return First{};
    BALUHOST_TRY(const auto unsealed, tx.seals().unsealed(noted, 1));
    return unsealed.empty() ? First{} : First{unsealed.front().id};
  };
  BALUHOST_TRY(const auto first, query(state_->deps.database, look));
  if (first && *first <= *sealed) sealed = EventId{first->value - 1};
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
