#include "baluhost/core/audit/retention.hpp"

#include "access/permission_gate.hpp"
#include "audit/trail_figures.hpp"
#include "baluhost/ports/transactions.hpp"
#include "seals/sign_statement.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

// The prune record is signed and committed, together with its event, before the first event goes.
// From then on the trail verifies with all, some or none of the seals' events that it names, so a
// crash at any moment leaves a state that verifies; the next prune first ends what the last one
// began. The events of a seal go in one commit: nothing would vouch for those of a part of them.
namespace baluhost {
namespace {

constexpr std::size_t kRowsPerBatch = 1000;
constexpr std::size_t kMostRowsPerSeal =
    1'000'000; ///< none has as many: the events of a seal go at once
constexpr std::size_t kSealsPerRead = 100;

/// The prune record that reaches farthest, of those that are ours: events do not go on a forged
/// one.
Result<std::optional<PruneRecord>> last_prune(const SealRepository& seals,
                                              const SealVerifier& keys) {
  BALUHOST_TRY(const auto records, seals.prunes());
  std::optional<PruneRecord> last;
  for (const auto& record : records) {
    if (!keys.verify(record.key_id, signed_bytes(record), record.signature)) continue;
    if (!last || last->last_sequence < record.last_sequence) last = record;
  }
  return last;
}

/// Removes the events of as many whole seals as make up a batch, one at least; returns how many
/// events those were.
Result<std::int64_t> remove_batch(SealRepository& seals, std::int64_t last_sequence) {
  const auto first = seals.sealed_events(std::numeric_limits<std::int64_t>::min(), 1);
  if (!first && first.error().code == Errc::internal)
    return seals.remove_events(last_sequence, kRowsPerBatch); // somebody made it unreadable
  if (!first) return first.error();
  if (first->empty() || first->front().leaf.sequence > last_sequence) return std::int64_t{0};
  const auto begin = first->front().leaf.sequence;
  BALUHOST_TRY(const auto seal, seals.seal_of(begin));
  if (!seal) return seals.remove_events(last_sequence, kRowsPerBatch);
  auto end = seal->last_sequence;
  BALUHOST_TRY(const auto next, seals.list(seal->number, kSealsPerRead));
  for (const auto& following : next) {
    if (following.last_sequence - begin >= static_cast<std::int64_t>(kRowsPerBatch)) break;
    end = following.last_sequence;
  }
  return seals.remove_events(std::min(end, last_sequence), kMostRowsPerSeal);
}

/// Removes what prune records name, in short transactions; returns how many.
Result<std::int64_t> remove_pruned(Database& database, std::int64_t last_sequence,
                                   const std::function<void(std::int64_t)>& progress) {
  std::int64_t removed = 0;
  std::int64_t batch = 0;
  do {
    BALUHOST_TRY(batch, bookkeep(database, [&](Bookkeeping& tx) {
                   return remove_batch(tx.seals(), last_sequence);
                 }));
    removed += batch;
    if (progress && batch > 0) progress(removed);
  } while (batch > 0);
  return removed;
}

/// True if every event that `seal` covers and that is still there is older than `before`.
Result<bool> is_old(Database& database, const Seal& seal, Timestamp before) {
  auto position = seal.first_sequence - 1;
  while (position < seal.last_sequence) {
    BALUHOST_TRY(auto page, query(database, [&](ReadTransaction& tx) {
                   return tx.seals().sealed_events(position, kRowsPerBatch);
                 }));
    if (page.empty()) break;
    for (const auto& sealed : page) {
      position = sealed.leaf.sequence;
      if (position <= seal.last_sequence && !sealed.readable) return unreadable_event(sealed.leaf);
      if (position <= seal.last_sequence && sealed.event && sealed.event->timestamp >= before)
        return false;
    }
  }
  return true;
}

/// The last of the seals after `pruned` that are old without a younger one between. One that was
/// made after an event that waits for its seal stays: what waits would else be taken for an event
/// that was pruned.
Result<std::optional<Seal>> last_old_seal(Database& database, SealNumber pruned, Timestamp before) {
  BALUHOST_TRY(const auto unsealed,
               query(database, [](ReadTransaction& tx) { return find_unsealed(tx.seals()); }));
  std::optional<Seal> last;
  std::vector<Seal> seals;
  do {
    const auto after = last ? last->number : pruned;
    BALUHOST_TRY(seals, query(database, [&](ReadTransaction& tx) {
                   return tx.seals().list(after, kSealsPerRead);
                 }));
    for (const auto& seal : seals) {
      BALUHOST_TRY(const bool old, is_old(database, seal, before));
      if (!old || (unsealed.oldest && seal.sealed_at > *unsealed.oldest)) return last;
      last = seal;
    }
  } while (!seals.empty());
  return last;
}

class Prune {
 public:
  Prune(Database& database, AuditLog& audit, SealSigner& signer, const Clock& clock,
        const Principal* principal, RoleGate* gate)
      : database_(database),
        audit_log_(audit),
        signer_(signer),
        clock_(clock),
        principal_(principal),
        gate_(gate) {}

  [[nodiscard]] NewAuditEvent draft() const {
    return principal_ ? audit_log_.draft(Action::audit_pruned, *principal_)
                      : audit_log_.draft(Action::audit_pruned);
  }

  Result<PruneResult> run(Timestamp before, const std::function<void(std::int64_t)>& progress) {
    BALUHOST_TRY(const auto pruned, query(database_, [&](ReadTransaction& tx) {
                   return last_prune(tx.seals(), signer_);
                 }));
    if (pruned) {
      BALUHOST_CHECK(remove_pruned(database_, pruned->last_sequence, {}));
    }
    BALUHOST_TRY(const auto last,
                 last_old_seal(database_, pruned ? pruned->last_seal : SealNumber{0}, before));
    if (!last) return PruneResult{};
    BALUHOST_TRY(const auto events, put_on_record(*last, before));
    BALUHOST_CHECK(remove_pruned(database_, last->last_sequence, progress));
    return PruneResult{.events = events, .last_seal = last->number};
  }

 private:
  /// Returns how many events go.
  Result<std::int64_t> put_on_record(const Seal& last, Timestamp before) {
    return record(database_, [&](WriteTransaction& tx) -> Result<Recorded<std::int64_t>> {
      if (gate_) BALUHOST_CHECK(gate_->hold(tx));
      BALUHOST_CHECK(tx.seals().lock_chain());
      BALUHOST_TRY(const auto pruned, last_prune(tx.seals(), signer_));
      const auto already = pruned ? pruned->last_sequence : 0;
      if (already >= last.last_sequence)
        return Error{.code = Errc::conflict, .detail = "another prune came first"};
      PruneRecord prune{.last_seal = last.number,
                        .last_sequence = last.last_sequence,
                        .events = last.last_sequence - already,
                        .pruned_at = clock_.now(),
                        .key_id = last.key_id,
                        .signature = {}};
      BALUHOST_CHECK(sign_statement(prune, signer_));
      BALUHOST_CHECK(tx.seals().append_prune(prune));
      JsonObject details;
      details.add("events", prune.events)
          .add("last_seal", prune.last_seal.value)
          .add("last_event", prune.last_sequence);
      details.add("before", before.to_rfc3339());
      return recorded(prune.events, with_details(draft(), details));
    });
  }

  Database& database_;
  AuditLog& audit_log_;
  SealSigner& signer_;
  const Clock& clock_;
  const Principal* principal_;
  RoleGate* gate_; ///< of `principal_`, where that is one
};

} // namespace

Result<PruneResult> prune_trail(Database& database, AuditLog& audit, SealSigner& signer,
                                const Clock& clock, const Principal* principal, Timestamp before,
                                const std::function<void(std::int64_t events)>& progress) {
  std::optional<RoleGate> gate;
  if (principal) {
    gate.emplace(audit, *principal, Permission::administer, "audit", Operation::audit_pruned);
    BALUHOST_CHECK(gate->admit());
  }
  Prune prune(database, audit, signer, clock, principal, gate ? &*gate : nullptr);
  auto result = prune.run(before, progress);
  if (result) return result;
  return gate ? gate->failed(prune.draft(), std::move(result).error())
              : audit.failed(prune.draft(), std::move(result).error());
}

} // namespace baluhost
