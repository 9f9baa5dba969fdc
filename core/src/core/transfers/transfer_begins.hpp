#pragma once

#include "transfers/transfer_ledger.hpp"

#include "baluhost/domain/audit/audit_event.hpp"

#include <deque>
#include <memory>
#include <mutex>
#include <vector>

namespace baluhost {

/// Puts downloads that begin on record. Who comes while others are being written waits, and one of
/// those who wait then writes all of them in one transaction. Safe from many threads.
class TransferBegins {
 public:
  /// `ledger` must outlive it.
  explicit TransferBegins(TransferLedger& ledger) : ledger_(ledger) {}

  /// Returns when the transfers are durable, with their ids in the order of `interrupted`. Errors
  /// as of `TransferLedger::begin`; one that is refused takes no other with it.
  [[nodiscard]] Result<std::vector<TransferId>> begin(std::vector<NewAuditEvent> interrupted);

 private:
  struct Waiting;
  using Group = std::vector<std::shared_ptr<Waiting>>;
  Group next_group();
  void write(const Group& group) noexcept;

  TransferLedger& ledger_;
  std::mutex mutex_;
  std::deque<std::shared_ptr<Waiting>> queue_; ///< not written yet
  bool is_writing_{false};                     ///< one of those who came
};

} // namespace baluhost
