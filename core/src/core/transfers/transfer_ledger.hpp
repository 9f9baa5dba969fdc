#pragma once

#include "transfers/transfer_ends.hpp"
#include "transfers/transfer_set.hpp"

#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/ports/seal_signer.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <span>
#include <vector>

namespace baluhost {

/// Which downloads of this process are under way, in memory and in the database. Those that begin
/// are a group; those that end are left out of the list that the row of the instance has.
///
/// What is in the database is believed only if it bears our MAC, or if another server is on record
/// as having taken us for dead: who can change rows must not be able to keep a download out of the
/// trail. `begin` by one thread at a time, `end`, `ended` and `renew` by another, or under `turn`.
class TransferLedger final : public TransferRecords {
 public:
  TransferLedger(Database& database, const Clock& clock, InstanceId instance);

  /// From now on `signer`, which must outlive this, makes the MACs.
  void vouch_by(SealSigner& signer) noexcept { signer_ = &signer; }

  /// Returns when the downloads are durable, with their numbers. internal: one has a custom action;
  /// else as of the database.
  [[nodiscard]] Result<std::vector<TransferId>> begin(std::span<const NewAuditEvent> interrupted);

  Result<std::vector<TransferId>> end(WriteTransaction& tx,
                                      std::span<const TransferId> ids) override;
  void ended(std::span<const TransferId> ids) noexcept override;

  /// Puts the instance, which started at `started_at`, on record as seen now.
  Result<void> put_instance(TransferRepository& transfers, Timestamp started_at) const;

  /// The same in a transaction of its own, with what is under way now: who removes younger groups
  /// from the database is found out up to here.
  [[nodiscard]] Result<void> renew(Timestamp started_at);

  /// Removes the instance again, of a process that has no other record of its runs, unless
  /// something is under way.
  [[nodiscard]] Result<void> leave();

  /// Held by who ends or renews.
  [[nodiscard]] std::unique_lock<std::mutex> turn() { return std::unique_lock(turn_); }

 private:
  struct Group {
    TransferId last;
    std::int64_t left{};
  };
  /// What the database will have when the transaction has committed.
  struct Change {
    TransferId begun; ///< `open` tells of those up to this one
    OpenTransfers transfers;
    TransferSet open;
    std::vector<TransferId> over; ///< groups, by their first numbers
    bool found_other{false};      ///< the database had other transfers than we knew
  };

  Result<std::vector<TransferId>> replace(TransferRepository& transfers, ReadTransaction& view,
                                          std::span<const TransferId> ids);
  Result<std::vector<TransferId>> replace_other(TransferRepository& transfers,
                                                ReadTransaction& view,
                                                std::span<const TransferId> ids);
  Result<TransferSet> believed(ReadTransaction& view, const std::optional<Instance>& found) const;
  void apply(std::span<const TransferId> ids) noexcept;
  Change without(std::span<const TransferId> ids) const;
  Result<void> vouch(std::optional<Sha256Digest>& mac, const std::string& bytes) const;

  Database& database_;
  const Clock& clock_;
  const InstanceId instance_;
  const Timestamp made_at_;
  SealSigner* signer_{nullptr};
  std::mutex turn_;

  mutable std::mutex mutex_; ///< guards what follows, up to `written_`
  TransferId next_{1};
  TransferId since_{1}; ///< as of `TransferGroup`
  TransferId begun_{0}; ///< all up to this one are on record, or never will be
  TransferSet open_;
  std::map<TransferId, Group> groups_; ///< by their first numbers
  bool is_on_record_{false};           ///< the instance

  OpenTransfers written_; ///< what the database has, as far as we know
  Change pending_;        ///< of the transaction that runs
};

} // namespace baluhost
