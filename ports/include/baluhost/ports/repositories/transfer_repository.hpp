#pragma once

#include "baluhost/domain/files/transfer.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace baluhost {

/// Downloads that are under way, and the runs of programs that they belong to.
///
/// Every method may also fail with unavailable (the database does not answer) or internal (a broken
/// schema or row); only further errors are named. Lists are ordered bytewise and bounded by
/// `limit`. For one thread at a time, within its transaction.
class TransferRepository {
 public:
  virtual ~TransferRepository() = default;

  /// Those that `instance` began and has not ended.
  [[nodiscard]] virtual Result<std::vector<Transfer>> of_instance(const InstanceId& instance,
                                                                  std::size_t limit) const = 0;

  /// internal: the action of `interrupted` is a custom one.
  [[nodiscard]] virtual Result<TransferId> begin(const InstanceId& instance,
                                                 const NewAuditEvent& interrupted) = 0;

  /// The same for several, in their order.
  [[nodiscard]] virtual Result<std::vector<TransferId>> begin_all(
      const InstanceId& instance, std::span<const NewAuditEvent> interrupted) = 0;

  /// Removes `ids`, and returns those that were there.
  [[nodiscard]] virtual Result<std::vector<TransferId>> end(std::span<const TransferId> ids) = 0;

  /// Those that run, or died.
  [[nodiscard]] virtual Result<std::vector<Instance>> instances() const = 0;

  /// Inserts it or renews `seen_at`.
  [[nodiscard]] virtual Result<void> put_instance(const Instance& instance) = 0;

  /// With its transfers, if any are left.
  [[nodiscard]] virtual Result<void> remove_instance(const InstanceId& id) = 0;
};

} // namespace baluhost
