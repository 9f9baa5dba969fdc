#include "seals/chain_verifier.hpp"

#include "baluhost/domain/concat.hpp"
#include "json/json_reader.hpp"

#include <algorithm>
#include <utility>

// The tree is built over the stored leaves. When an event does not have its leaf, a second tree is
// begun over the leaves that the events have now: the one of the two that leads to the signed root
// tells whether the event or the leaf was altered.
//
// Whether missing events were pruned is known at the end only, when all prune records were seen;
// until then runs of missing sequences are kept, and neighbours joined, so that a pruned past is a
// single run.
namespace baluhost {
namespace {

constexpr std::int64_t kProgressEvery = 10'000;

std::string range(std::int64_t first, std::int64_t last) {
  return first == last ? std::to_string(first)
                       : std::to_string(first) + " to " + std::to_string(last);
}

/// The events that were missing, of what `recovery_completed` has in its details; nothing where
/// they are not as we write them.
std::vector<VerifyProblem> missing_on_record(std::string_view details) {
  const auto read = [&]() -> Result<std::vector<VerifyProblem>> {
    BALUHOST_TRY(auto members, JsonMembers::read(details));
    BALUHOST_TRY(const auto listed, members.json("findings"));
    BALUHOST_TRY(const auto items, read_json_array(listed));
    std::vector<VerifyProblem> findings;
    for (const auto item : items) {
      BALUHOST_TRY(auto finding, JsonMembers::read(item));
      BALUHOST_TRY(const auto kind, finding.text("kind"));
      VerifyProblem found{.kind = ProblemKind::event_missing};
      if (finding.has("event")) {
        BALUHOST_TRY(const auto id, finding.integer("event"));
        found.event = EventId{id};
      }
      BALUHOST_TRY(found.detail, finding.text("detail"));
      if (kind == to_string(found.kind)) findings.push_back(std::move(found));
    }
    return findings;
  };
  return read().value_or(std::vector<VerifyProblem>{});
}

} // namespace

ChainVerifier::ChainVerifier(const SealVerifier& keys, const Digester& digester,
                             const std::optional<Anchor>& anchor, VerifyProgress progress)
    : keys_(keys),
      digester_(digester),
      anchor_(anchor),
      progress_(std::move(progress)),
      tree_(digester) {}

void ChainVerifier::problem(VerifyProblem found) {
  report_.ok = false;
  if (report_.problems.size() < kMostProblems)
    report_.problems.push_back(std::move(found));
  else
    ++unlisted_problems_;
}

Sha256Digest ChainVerifier::leaf_of(const AuditEvent& event) {
  buffer_.clear();
  append_canonical_encoding(buffer_, event);
  return digester_.sha256(buffer_);
}

/// Notes that something stands at `sequence`; false if it cannot stand there.
bool ChainVerifier::place(std::int64_t sequence, std::optional<EventId> id) {
  ++report_.events;
  if (progress_ && report_.events % kProgressEvery == 0) progress_(report_.events);
  if (first_sequence_ && sequence <= reached_) {
    problem(
        {.kind = ProblemKind::sequence_gap,
         .event = id,
         .detail = "sequence " + std::to_string(sequence) + " comes a second time or too late"});
    return false;
  }
  if (!first_sequence_) first_sequence_ = sequence;
  reached_ = sequence;
  if (!open_.started) {
    open_.started = true;
    open_.first = sequence;
    open_.only_event = id;
  } else {
    open_.only_event.reset();
    if (sequence > open_.last + 1) {
      open_.complete = false;
      open_.partial = true;
      missing(SealNumber{last_ ? last_->number.value + 1 : 1}, open_.last + 1, sequence - 1);
    }
  }
  open_.last = sequence;
  return true;
}

void ChainVerifier::mismatch(std::optional<EventId> id, std::int64_t sequence) {
  if (open_.mismatches.size() < kMostProblems)
    open_.mismatches.push_back({id, sequence});
  else
    ++unlisted_problems_;
}

void ChainVerifier::event(std::int64_t sequence, const AuditEvent& event) {
  if (!place(sequence, event.id)) return;
  tree_.add(leaf_of(event).view());
  look_into(event);
}

/// A recovery found that events were gone before they had a seal: its own event is all that is left
/// of them.
void ChainVerifier::look_into(const AuditEvent& event) {
  if (event.success || event.action != to_string(Action::recovery_completed)) return;
  for (const auto& found : missing_on_record(event.details)) {
    problem({.kind = found.kind,
             .event = found.event,
             .detail = "the recovery of " + event.timestamp.to_rfc3339() + " (event " +
                       std::to_string(event.id.value) + ") found: " + found.detail});
  }
}

void ChainVerifier::add(const AuditLeaf& leaf, const Sha256Digest& is_now) {
  if (is_now != leaf.leaf) {
    if (!open_.recomputed) open_.recomputed = tree_;
    mismatch(leaf.event, leaf.sequence);
  }
  tree_.add(leaf.leaf.view());
  if (open_.recomputed) open_.recomputed->add(is_now.view());
}

void ChainVerifier::leaf(const AuditLeaf& leaf, const Sha256Digest& is_now) {
  if (place(leaf.sequence, leaf.event)) add(leaf, is_now);
}

void ChainVerifier::event(const AuditLeaf& leaf, const std::optional<AuditEvent>& event) {
  if (!place(leaf.sequence, leaf.event)) return;
  if (!event)
    problem({.kind = ProblemKind::event_missing,
             .seal = SealNumber{last_ ? last_->number.value + 1 : 1},
             .event = leaf.event,
             .detail = "the event is gone, its leaf is there"});
  add(leaf, event ? leaf_of(*event) : leaf.leaf);
  if (event) look_into(*event);
}

void ChainVerifier::unreadable_event(const AuditLeaf& leaf) {
  if (!place(leaf.sequence, leaf.event)) return;
  if (!open_.recomputed) open_.recomputed = tree_;
  mismatch(leaf.event, leaf.sequence);
  tree_.add(leaf.leaf.view());
  open_.recomputed->add(Sha256Digest{}.view()); // no event's
}

void ChainVerifier::unreadable_leaf(std::int64_t sequence) {
  if (!place(sequence, std::nullopt)) return;
  open_.complete = false;
  mismatch(std::nullopt, sequence);
}

void ChainVerifier::seal(const Seal& seal) {
  ++report_.seals;
  if (!first_seal_) first_seal_ = seal.number;
  check_chain(seal);
  check_signature(seal);
  if (has_consistent_numbers(seal)) {
    check_events(seal);
  } else {
    problem({.kind = ProblemKind::count_mismatch,
             .seal = seal.number,
             .detail = "the seal covers " + range(seal.first_sequence, seal.last_sequence) +
                       " but counts " + std::to_string(seal.count)});
  }
  close();
  last_ = seal;
  report_.head = seal_hash(seal, digester_);
  if (anchor_ && anchor_->number == seal.number) {
    anchor_seen_ = true;
    if (anchor_->seal_hash != report_.head) {
      problem(
          {.kind = ProblemKind::anchor_mismatch,
           .seal = seal.number,
           .detail =
               "the anchor holds another seal of this number: the database is an old copy or was "
               "rewritten"});
    }
  }
}

void ChainVerifier::check_chain(const Seal& seal) {
  if (!last_) {
    if (seal.number.value == 1 && (seal.previous != Sha256Digest{} || seal.first_sequence != 1)) {
      problem({.kind = ProblemKind::chain_broken,
               .seal = seal.number,
               .detail = "the first seal does not begin the chain"});
    }
    return;
  }
  if (seal.number.value - 1 > last_->number.value) {
    problem({.kind = ProblemKind::seal_missing,
             .seal = SealNumber{last_->number.value + 1},
             .detail = "seals " + range(last_->number.value + 1, seal.number.value - 1) +
                       " are missing"});
    return;
  }
  if (seal.number <= last_->number) {
    problem({.kind = ProblemKind::chain_broken,
             .seal = seal.number,
             .detail = "the seal comes a second time or too late"});
    return;
  }
  if (seal.previous != report_.head)
    problem({.kind = ProblemKind::chain_broken,
             .seal = seal.number,
             .detail = "the seal does not name the one before it"});
  if (seal.first_sequence < 1 || seal.first_sequence - 1 != last_->last_sequence) {
    problem({.kind = ProblemKind::sequence_gap,
             .seal = seal.number,
             .detail = "the seal begins at " + std::to_string(seal.first_sequence) +
                       ", the one before ends at " + std::to_string(last_->last_sequence)});
  }
}

void ChainVerifier::check_signature(const Seal& seal) {
  is_signed(seal, {.kind = ProblemKind::bad_signature, .seal = seal.number}, "the seal",
            "the seal");
}

/// Else there is a problem: `unfit` where the signature does not fit. `what` was signed; `its`:
/// what the signature is of, in the same sentence.
template <class Signed>
bool ChainVerifier::is_signed(const Signed& what, VerifyProblem unfit, std::string_view named,
                              std::string_view its) {
  const bool is_known = keys_.knows(what.key_id);
  if (is_known && keys_.verify(what.key_id, signed_bytes(what), what.signature)) return true;
  if (!is_known) unfit.kind = ProblemKind::unknown_key;
  unfit.detail = is_known ? concat("the signature does not fit ", its)
                          : concat(named, " was signed with a key that is not ours");
  problem(std::move(unfit));
  return false;
}

void ChainVerifier::check_events(const Seal& seal) {
  if (!open_.started) {
    missing(seal.number, seal.first_sequence, seal.last_sequence);
    return;
  }
  if (open_.first < seal.first_sequence || open_.last > seal.last_sequence) {
    problem({.kind = ProblemKind::sequence_gap,
             .seal = seal.number,
             .detail = "events " + range(open_.first, open_.last) +
                       " stand where the seal covers " +
                       range(seal.first_sequence, seal.last_sequence)});
    open_.complete = false;
  } else {
    if (open_.first > seal.first_sequence)
      missing(seal.number, seal.first_sequence, open_.first - 1);
    if (open_.last < seal.last_sequence) missing(seal.number, open_.last + 1, seal.last_sequence);
    open_.partial =
        open_.partial || open_.first > seal.first_sequence || open_.last < seal.last_sequence;
    if (open_.partial && partial_.size() < kMostProblems)
      partial_.push_back({seal.number, seal.first_sequence, seal.last_sequence});
    open_.complete = open_.complete && tree_.size() == seal.count;
  }
  check_root(seal);
}

void ChainVerifier::check_root(const Seal& seal) {
  const bool leaves_fit = open_.complete && tree_.root() == seal.root;
  const bool events_fit =
      open_.complete && open_.recomputed && open_.recomputed->root() == seal.root;
  for (const auto& mismatch : open_.mismatches) {
    const auto where = "sequence " + std::to_string(mismatch.sequence);
    if (!mismatch.event)
      problem({.kind = ProblemKind::event_changed,
               .seal = seal.number,
               .detail = "the leaf at " + where + " cannot be read"});
    else if (events_fit)
      problem({.kind = ProblemKind::leaf_mismatch,
               .seal = seal.number,
               .event = mismatch.event,
               .detail = "the event at " + where + " is as it was sealed, its stored leaf is not"});
    else
      problem({.kind = ProblemKind::event_changed,
               .seal = seal.number,
               .event = mismatch.event,
               .detail = "the event at " + where + " is not what was sealed"});
  }
  if (open_.complete && !leaves_fit && !events_fit) {
    problem({.kind = ProblemKind::root_mismatch,
             .seal = seal.number,
             .event = open_.only_event,
             .detail = "the events of sequences " + range(seal.first_sequence, seal.last_sequence) +
                       " are not those that were sealed"});
  }
}

void ChainVerifier::close() {
  tree_.clear();
  open_ = {};
}

void ChainVerifier::missing(SealNumber seal, std::int64_t first, std::int64_t last) {
  if (!missing_.empty() && missing_.back().last == first - 1)
    missing_.back().last = last;
  else if (missing_.size() < kMostProblems)
    missing_.push_back({seal, first, last});
  else
    problem({.kind = ProblemKind::event_missing,
             .seal = seal,
             .detail = "the events of sequences " + range(first, last) + " are gone"});
}

void ChainVerifier::prune(const PruneRecord& record, const std::optional<Seal>& last) {
  if (!is_signed(record, {.kind = ProblemKind::prune_unproven, .seal = record.last_seal},
                 "a prune record", "the prune record"))
    return;
  const bool fits =
      last &&
      (last->number <=> record.last_seal) == (last->last_sequence <=> record.last_sequence) &&
      last->number <= record.last_seal;
  if (!fits)
    return problem({.kind = ProblemKind::prune_unproven,
                    .seal = record.last_seal,
                    .detail = "the prune record does not fit the seal that it names"});
  if (!pruned_ || pruned_->last_sequence < record.last_sequence) pruned_ = record;
}

void ChainVerifier::report_missing(std::optional<std::int64_t> first_present) {
  std::int64_t excused = 0;
  if (pruned_)
    excused = first_present ? std::min(pruned_->last_sequence, *first_present - 1)
                            : pruned_->last_sequence;
  for (const auto& run : missing_) {
    if (run.last <= excused) continue;
    const bool is_whole = run.first > excused;
    problem({.kind = ProblemKind::event_missing,
             .seal = is_whole ? run.seal : SealNumber{pruned_->last_seal.value + 1},
             .detail = "the events of sequences " +
                       range(is_whole ? run.first : excused + 1, run.last) + " are gone"});
  }
  for (const auto& seal : partial_) {
    if (seal.first > excused || (first_present && *first_present > seal.last)) continue;
    problem({.kind = ProblemKind::event_missing,
             .seal = seal.seal,
             .detail = "the seal was pruned, and yet some of its events are there: nothing vouches "
                       "for them"});
  }
}

void ChainVerifier::check_anchor(MissingAnchor missing) {
  if (!anchor_) {
    if (missing == MissingAnchor::finding && last_)
      problem({.kind = ProblemKind::anchor_missing,
               .detail = "there is no anchor: a cut tail or an old copy would not show"});
    return;
  }
  if (anchor_seen_ || (last_ && anchor_->number < last_->number)) return;
  problem({.kind = ProblemKind::tail_missing,
           .seal = anchor_->number,
           .detail = "seal " + std::to_string(anchor_->number.value) +
                     " was anchored, the newest here is " +
                     std::to_string(last_ ? last_->number.value : 0)});
}

VerifyReport ChainVerifier::finish(std::optional<std::int64_t> first_present,
                                   MissingAnchor missing) {
  report_missing(first_present);
  check_anchor(missing);
  if (unlisted_problems_ > 0)
    report_.problems.back().detail +=
        " (and " + std::to_string(unlisted_problems_) + " problems more)";
  if (progress_) progress_(report_.events);
  return std::move(report_);
}

} // namespace baluhost
