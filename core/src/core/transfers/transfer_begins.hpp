#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/files/transfer.hpp"
#include "baluhost/ports/database.hpp"

#include <deque>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

namespace baluhost {

/// Puts downloads that begin on record. Who comes while others are being written waits, and one of
/// those who wait then writes all of them in one transaction. Safe from many threads.
class TransferBegins {
 public:
  /// All references must outlive it.
  TransferBegins(Database& database, const InstanceId& instance)
      : database_(database), instance_(instance) {}

  /// Returns when the transfers are durable, with their ids in the order of `interrupted`. As
  /// `TransferRepository::begin_all`; one that is refused takes no other with it.
  [[nodiscard]] Result<std::vector<TransferId>> begin(std::vector<NewAuditEvent> interrupted);

 private:
  struct Waiting;
  using Group = std::vector<std::shared_ptr<Waiting>>;
  Group next_group();
  void write(const Group& group) noexcept;
  Result<std::vector<TransferId>> insert(std::span<const NewAuditEvent> interrupted);

  Database& database_;
  const InstanceId& instance_;
  std::mutex mutex_;
  std::deque<std::shared_ptr<Waiting>> queue_; ///< not written yet
  bool is_writing_{false};                     ///< one of those who came
};

} // namespace baluhost
