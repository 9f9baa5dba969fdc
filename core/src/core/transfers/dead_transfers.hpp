#pragma once

#include "transfers/transfer_ends.hpp"
#include "transfers/transfer_set.hpp"

#include "baluhost/core/seals/sealer.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/ports/seal_signer.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace baluhost {

/// What an instance left under way when it died. Only what bears our MAC becomes an event; the rest
/// is a finding.
class DeadTransfers final : public TransferRecords {
 public:
  /// All references must outlive it. `untagged`: what to think of records without a MAC.
  DeadTransfers(Database& database, SealSigner& signer, const Clock& clock, InstanceId instance,
                Untagged untagged);

  /// Writes the events of interrupted downloads, of which another server may do some; returns how
  /// many it wrote. What is a finding stays on record. Errors as of `write_ends`.
  [[nodiscard]] Result<std::int64_t> end_all();

  /// Finds, of each group that is ours, whose downloads they are: for an instance of which nobody
  /// can tell any more which of them are over.
  [[nodiscard]] Result<void> name_what_may_be_open();

  /// What `end_all` and `name_what_may_be_open` found.
  [[nodiscard]] const std::vector<VerifyProblem>& findings() const noexcept { return findings_; }
  [[nodiscard]] const InstanceId& instance() const noexcept { return instance_; }

  /// Removes the instance and all that it left, in the transaction that puts the findings on
  /// record. Nothing where it put more on record meanwhile: it lives, or is for the next time.
  Result<void> remove(TransferRepository& transfers) const;

  Result<std::vector<TransferId>> end(WriteTransaction& tx,
                                      std::span<const TransferId> ids) override;
  void ended(std::span<const TransferId> ids) noexcept override;

 private:
  Result<std::int64_t> end_listed();
  void take(const TransferGroup& group, std::vector<EndedTransfer>& ends);
  [[nodiscard]] bool is_vouched_for(const std::optional<Sha256Digest>& mac,
                                    const std::string& bytes) const;
  void miss(TransferId first, TransferId last);
  void find(ProblemKind kind, std::string detail);

  Database& database_;
  SealSigner& signer_;
  const Clock& clock_;
  const InstanceId instance_;
  const Untagged untagged_;
  OpenTransfers seen_;    ///< what the database has
  OpenTransfers pending_; ///< of the transaction that runs
  TransferSet open_;      ///< by `seen_`, as it was found, without the groups looked at
  TransferId begun_;      ///< by `seen_`, as it was found
  TransferId last_{0};    ///< of the groups looked at
  std::vector<VerifyProblem> findings_;
};

/// Whether one of our programs can have that id: others do not fit into a query, or into an event.
bool can_be_ours(const InstanceId& instance) noexcept;

/// Whether the trail tells that a server took `instance` for dead.
Result<bool> is_on_record_as_dead(ReadTransaction& view, const InstanceId& instance);

/// The numbers of all groups that `instance` has.
Result<TransferSet> numbers_of_groups(const TransferRepository& transfers,
                                      const InstanceId& instance);

/// Servers that started, by the trail, and neither ended nor are on record as dead, and whose
/// record of downloads under way is gone all the same: of the newest that started.
Result<std::vector<InstanceId>> lost_instances(ReadTransaction& view);

} // namespace baluhost
