#pragma once

#include "baluhost/domain/files/transfer.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/ports/common/repository.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace baluhost {

/// Downloads that are under way, and the runs of programs that they belong to. A MAC that is none
/// is read as one that fits nothing.
class TransferRepository : public Repository {
 public:
  /// Groups that `instance` put on record, by their numbers, from those after `after` on.
  [[nodiscard]] virtual Result<std::vector<TransferGroup>> groups(const InstanceId& instance,
                                                                  TransferId after,
                                                                  std::size_t limit) const = 0;

  /// Puts `group` on record. internal: there is one with its first number.
  [[nodiscard]] virtual Result<void> begin(const TransferGroup& group) = 0;

  /// Replaces what is under way of `instance`, and removes the groups that begin with `over`.
  /// False, and nothing is done: there is no such instance, or other transfers than `seen` are
  /// under way.
  [[nodiscard]] virtual Result<bool> end(const InstanceId& instance, const OpenTransfers& seen,
                                         const OpenTransfers& transfers,
                                         std::span<const TransferId> over) = 0;

  /// Those that run, or died.
  [[nodiscard]] virtual Result<std::vector<Instance>> instances() const = 0;
  [[nodiscard]] virtual Result<std::optional<Instance>> instance(const InstanceId& id) const = 0;

  /// Inserts it, or renews `seen_at` alone.
  [[nodiscard]] virtual Result<void> put_instance(const Instance& instance) = 0;

  /// With its groups, if any are left.
  [[nodiscard]] virtual Result<void> remove_instance(const InstanceId& id) = 0;
};

} // namespace baluhost
