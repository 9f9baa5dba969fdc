#include "seals/trail_verification.hpp"

#include "baluhost/ports/transactions.hpp"
#include "seals/chain_verifier.hpp"
#include "seals/tag_check.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <utility>
#include <vector>

// Every read is a short transaction of its own, so a long verification holds nothing up. What the
// server adds or prunes meanwhile is no finding: seals come with their leaves in one commit, the
// anchor was read before the first seal, and prune records are read last.
namespace baluhost {
namespace {

constexpr std::size_t kEventsPerRead =
    100; // larger pages leave the allocator's warm memory: each event then costs twice as much
constexpr std::size_t kSealsPerRead = 200;
constexpr std::size_t kEventsPerStep = 500;
constexpr std::chrono::microseconds kSealedWithin = std::chrono::minutes{1};
constexpr std::int64_t kLowest = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int64_t>::max();

/// The sealed events of a database, one after the other. A page that cannot be read is read event
/// by event, to find the one that is to blame.
class SealedEvents {
 public:
  explicit SealedEvents(Database& database) : database_(database) {}

  /// Makes the next one current; false at the end.
  Result<bool> next_is_there() {
    if (index_ < page_.size() || unreadable_) return true;
    BALUHOST_CHECK(fetch());
    return index_ < page_.size() || unreadable_.has_value();
  }
  [[nodiscard]] std::int64_t sequence() const {
    return unreadable_ ? *unreadable_ : page_[index_].leaf.sequence;
  }
  [[nodiscard]] std::optional<EventId> id() const {
    return unreadable_ ? std::nullopt : std::optional{page_[index_].leaf.event};
  }

  void feed_to(ChainVerifier& check) {
    if (unreadable_)
      check.unreadable_leaf(*unreadable_);
    else if (!page_[index_].readable)
      check.unreadable_event(page_[index_].leaf);
    else
      check.event(page_[index_].leaf, page_[index_].event);
    skip();
  }
  void skip() {
    position_ = sequence();
    if (unreadable_)
      unreadable_.reset();
    else
      ++index_;
  }

 private:
  Result<void> read(std::size_t limit) {
    index_ = 0;
    page_.clear();
    BALUHOST_TRY(page_, query(database_, [&](ReadTransaction& tx) {
                   return tx.seals().sealed_events(position_, limit);
                 }));
    return {};
  }

  Result<void> fetch() {
    if (singly_ == 0) {
      auto result = read(kEventsPerRead);
      if (result || result.error().code != Errc::internal) return result;
      singly_ = kEventsPerRead;
    }
    --singly_;
    auto result = read(1);
    if (result || result.error().code != Errc::internal ||
        ++failures_ > ChainVerifier::kMostProblems)
      return result;
    unreadable_ = std::max<std::int64_t>(position_, 0) + 1;
    return {};
  }

  Database& database_;
  std::vector<SealedEvent> page_;
  std::size_t index_{0};
  std::int64_t position_{kLowest};
  std::optional<std::int64_t> unreadable_;
  std::size_t singly_{0};
  std::size_t failures_{0};
};

std::string leaves_without_seal(std::int64_t first) {
  return "from sequence " + std::to_string(first) + " on there are leaves that no seal covers";
}

class TrailWalk {
 public:
  TrailWalk(Database& database, ChainVerifier& check)
      : database_(database), check_(check), events_(database) {}

  /// Checks some hundred events further. False: it was all.
  Result<bool> step() {
    if (at_ == seals_.size()) return fetch();
    const Seal& seal = seals_[at_];
    BALUHOST_TRY(const bool all, feed(seal, at_ + 1 < seals_.size() ? &seals_[at_ + 1] : nullptr));
    if (!all) return true;
    if (stray_)
      check_.problem({.kind = ProblemKind::sequence_gap,
                      .seal = seal.number,
                      .event = stray_id_,
                      .detail = leaves_without_seal(*stray_)});
    stray_.reset();
    check_.seal(seal);
    ++at_;
    return true;
  }

 private:
  /// Leaves that no seal covers; no id where they cannot be read.
  struct Strays {
    std::optional<EventId> first;
  };
  struct SealsOrStrays {
    std::vector<Seal> seals;
    std::optional<Strays> strays;
  };

  /// The seals after `after_`. None where one had to be left out, since it cannot be read: then
  /// they are read one by one.
  Result<std::optional<std::vector<Seal>>> next_seals() {
    const auto limit = singly_ > 0 ? 1 : kSealsPerRead;
    singly_ -= singly_ > 0 ? 1 : 0;
    auto result = query(database_, [&](ReadTransaction& tx) -> Result<SealsOrStrays> {
      SealsOrStrays seen;
      BALUHOST_TRY(seen.seals, tx.seals().list(after_, limit));
      if (seen.seals.empty()) {
        BALUHOST_TRY(seen.strays, find_strays(tx.seals()));
      }
      return seen;
    });
    if (result && result->strays) {
      check_.problem({.kind = ProblemKind::sequence_gap,
                      .event = result->strays->first,
                      .detail = "after the last seal there are leaves that no seal covers"});
    }
    if (result) return std::optional{std::move(result->seals)};
    if (result.error().code != Errc::internal || failures_ > ChainVerifier::kMostProblems)
      return std::move(result).error();
    if (limit == 1) {
      after_ = SealNumber{std::max<std::int64_t>(after_.value, 0) + 1};
      check_.problem({.kind = ProblemKind::seal_unreadable,
                      .seal = after_,
                      .detail = "the row cannot be read as a seal"});
      ++failures_;
    }
    singly_ = kSealsPerRead;
    return std::optional<std::vector<Seal>>{};
  }

  /// Whether there are leaves after the last seal. Seals come with their leaves, so what is seen in
  /// one look with the end of the seals is covered by none.
  Result<std::optional<Strays>> find_strays(const SealRepository& seals) const {
    const auto& last = check_.last_seal();
    const auto strays = seals.sealed_events(last ? last->last_sequence : kLowest, 1);
    if (!strays && strays.error().code != Errc::internal) return strays.error();
    if (!strays) return std::optional{Strays{}};
    if (strays->empty()) return std::optional<Strays>{};
    return std::optional{Strays{.first = strays->front().leaf.event}};
  }

  /// False: there are no more seals.
  Result<bool> fetch() {
    BALUHOST_TRY(auto seals, next_seals());
    if (!seals) return true;
    if (seals->empty()) return false;
    if (!check_.last_seal() && seals->front().number.value != 1 && failures_ == 0) {
      check_.problem(
          {.kind = ProblemKind::seal_missing,
           .seal = SealNumber{1},
           .detail = "the first seal here is " + std::to_string(seals->front().number.value)});
    }
    seals_ = *std::move(seals);
    at_ = 0;
    after_ = seals_.back().number;
    return true;
  }

  /// Feeds events that `seal` may claim; true when there are no more. One whose bounds were altered
  /// must not swallow those of the seals after it.
  Result<bool> feed(const Seal& seal, const Seal* next) {
    auto claimed = seal.last_sequence;
    if (next && next->first_sequence > seal.first_sequence)
      claimed = std::min(claimed, next->first_sequence - 1);
    for (std::size_t i = 0; i < kEventsPerStep; ++i) {
      BALUHOST_TRY(const bool there, events_.next_is_there());
      if (!there || events_.sequence() > claimed) return true;
      if (events_.sequence() >= seal.first_sequence) {
        events_.feed_to(check_);
        continue;
      }
      if (!stray_) {
        stray_ = events_.sequence();
        stray_id_ = events_.id();
      }
      events_.skip();
    }
    return false;
  }

  Database& database_;
  ChainVerifier& check_;
  SealedEvents events_;
  std::vector<Seal> seals_;
  std::size_t at_{0};

  /// The first event before the seal that is fed, which none covers.
  std::optional<std::int64_t> stray_;
  std::optional<EventId> stray_id_;
  SealNumber after_{kLowest};
  std::size_t singly_{0};
  std::size_t failures_{0};
};

/// What was pruned, as one look sees it.
struct Prunes {
  struct Named {
    PruneRecord record;
    std::optional<Seal> last; ///< the seal that it names
  };
  std::vector<Named> records;
  bool are_readable{true};
  std::int64_t first_present{kHighest}; ///< the first sequence that is still there
};

Result<Prunes> find_prunes(ReadTransaction& tx, std::optional<std::int64_t> first_seen) {
  Prunes found;
  const auto records = tx.seals().prunes();
  found.are_readable = records || records.error().code != Errc::internal;
  if (!records && found.are_readable) return records.error();
  if (!records) return found;
  for (const auto& record : *records) {
    const auto seals =
        tx.seals().list(SealNumber{std::max<std::int64_t>(record.last_seal.value, 1) - 1}, 1);
    found.records.push_back(
        {record, seals && !seals->empty() ? std::optional{seals->front()} : std::nullopt});
  }
  const auto present = tx.seals().sealed_events(kLowest, 1);
  if (!present && present.error().code != Errc::internal) return present.error();
  if (!present)
    found.first_present = first_seen.value_or(kHighest); // unreadable, and found as such before
  else if (!present->empty())
    found.first_present = present->front().leaf.sequence;
  return found;
}

/// Returns the first sequence that is still there.
Result<std::int64_t> check_prunes(Database& database, ChainVerifier& check) {
  BALUHOST_TRY(const auto prunes, query(database, [&](ReadTransaction& tx) {
                 return find_prunes(tx, check.first_sequence());
               }));
  for (const auto& [record, last] : prunes.records) check.prune(record, last);
  if (!prunes.are_readable)
    check.problem({.kind = ProblemKind::prune_unproven, .detail = "a prune record cannot be read"});
  return prunes.first_present;
}

/// When a server was alive last, as far as the database tells; none where none runs, or ended in
/// order.
Result<std::optional<Timestamp>> last_alive(const TransferRepository& transfers) {
  const auto instances = transfers.instances();
  if (!instances && instances.error().code != Errc::internal) return instances.error();
  std::optional<Timestamp> alive;
  if (!instances) return alive;
  for (const auto& instance : *instances)
    alive = std::max(alive.value_or(instance.seen_at), instance.seen_at);
  return alive;
}

/// Events with a tag; returns how many of them are unsealed.
Result<std::int64_t> check_tagged(Database& database, const SealVerifier& keys,
                                  const Digester& digester, ChainVerifier& check) {
  struct Tagged {
    std::optional<Timestamp> alive;
    std::map<std::string, WriterTags> writers;
  };
  const auto look = [&](ReadTransaction& tx) -> Result<Tagged> {
    Tagged seen;
    BALUHOST_TRY(seen.alive, last_alive(tx.transfers()));
    BALUHOST_TRY(seen.writers, check_tags(tx.seals(), keys, digester));
    return seen;
  };
  BALUHOST_TRY(const auto tagged, query(database, look));
  const auto& alive = tagged.alive;
  std::int64_t unsealed = 0;
  for (const auto& [name, writer] : tagged.writers) {
    for (const auto& problem : writer.problems)
      check.problem({.kind = problem.kind, .event = problem.event, .detail = problem.detail});
    for (const auto& event : writer.unsealed) {
      ++unsealed;
      if (!alive || event.timestamp > *alive - kSealedWithin) continue;
      check.problem(
          {.kind = ProblemKind::event_unsealed,
           .event = event.event,
           .detail = "the event of " + event.timestamp.to_rfc3339() +
                     " is ours, and was not sealed within a minute by a server that ran"});
    }
  }
  return unsealed;
}

/// Events without a tag: it would be there in the same moment as the event. Returns how many
/// there are.
Result<std::int64_t> check_untagged(Database& database, ChainVerifier& check) {
  std::int64_t untagged = 0;
  std::vector<UnsealedEvent> page;
  EventId after{kLowest};
  do {
    BALUHOST_TRY(page, query(database, [&](ReadTransaction& tx) {
                   return tx.seals().unsealed(after, kEventsPerRead);
                 }));
    for (const auto& found : page) {
      after = found.id;
      if (found.tagged) continue;
      ++untagged;
      const std::string what = found.event ? "the event of " + found.event->timestamp.to_rfc3339()
                                           : "a row that is none of an event";
      check.problem(
          {.kind = ProblemKind::event_unsealed,
           .event = found.id,
           .detail = what + " has neither a seal nor a tag: none of our programs wrote it"});
    }
  } while (page.size() == kEventsPerRead);
  return untagged;
}

class DatabaseVerification final : public TrailVerification {
 public:
  DatabaseVerification(Database& database, const SealVerifier& keys, const Digester& digester,
                       const std::optional<Anchor>& anchor, MissingAnchor missing,
                       VerifyProgress progress)
      : database_(database),
        keys_(keys),
        digester_(digester),
        missing_anchor_(missing),
        check_(keys, digester, anchor, std::move(progress)),
        walk_(database, check_) {}

  Result<bool> advance() override { return walk_.step(); }
  std::int64_t events() const noexcept override { return check_.events(); }

  Result<VerifyReport> finish() override {
    BALUHOST_TRY(const auto first_present, check_prunes(database_, check_));
    BALUHOST_TRY(const auto unsealed, check_tagged(database_, keys_, digester_, check_));
    BALUHOST_TRY(const auto untagged, check_untagged(database_, check_));
    auto report = check_.finish(first_present, missing_anchor_);
    report.unsealed = unsealed + untagged;
    return report;
  }

 private:
  Database& database_;
  const SealVerifier& keys_;
  const Digester& digester_;
  MissingAnchor missing_anchor_;
  ChainVerifier check_;
  TrailWalk walk_;
};

} // namespace

std::unique_ptr<TrailVerification> make_trail_verification(
    Database& database, const SealVerifier& keys, const Digester& digester,
    const std::optional<Anchor>& anchor, MissingAnchor missing, VerifyProgress progress) {
  return std::make_unique<DatabaseVerification>(database, keys, digester, anchor, missing,
                                                std::move(progress));
}

Result<VerifyReport> verify_trail(Database& database, const SealVerifier& keys,
                                  const Digester& digester, const std::optional<Anchor>& anchor,
                                  MissingAnchor missing, const VerifyProgress& progress) {
  const auto verification =
      make_trail_verification(database, keys, digester, anchor, missing, progress);
  for (bool more = true; more;) {
    BALUHOST_TRY(more, verification->advance());
  }
  return verification->finish();
}

Sha256Digest seal_hash(const Seal& seal, const Digester& digester) {
  return digester.sha256(signed_bytes(seal) + seal.signature);
}

} // namespace baluhost
