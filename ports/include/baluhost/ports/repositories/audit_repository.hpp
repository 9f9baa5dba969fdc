#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/audit/audit_filter.hpp"
#include "baluhost/domain/audit/audit_statistics.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/ports/common/repository.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace baluhost {

/// The audit trail, as it is read. Events are written by the transaction that they are returned
/// from (see `Database::write`).
class AuditRepository : public Repository {
 public:
  /// None: there is none, or it was pruned.
  [[nodiscard]] virtual Result<std::optional<AuditEvent>> find(EventId id) const = 0;

  /// By time, then id; walks an index for every filter on an indexed column.
  [[nodiscard]] virtual Result<std::vector<AuditEvent>> query(
      const AuditFilter& filter, SortOrder order, const std::optional<EventPosition>& after,
      std::size_t limit) const = 0;

  /// How many events `query` would return without a limit; counted by the database.
  [[nodiscard]] virtual Result<std::int64_t> count(
      const AuditFilter& filter, SortOrder order,
      const std::optional<EventPosition>& after) const = 0;

  /// Events with ids greater than `after`, by id: for following the trail as it grows.
  [[nodiscard]] virtual Result<std::vector<AuditEvent>> since(EventId after,
                                                              std::size_t limit) const = 0;

  /// The greatest id that an event has got so far; 0 for an empty trail.
  [[nodiscard]] virtual Result<EventId> newest() const = 0;

  /// Exact; computed by the database (from daily roll-ups where whole days allow it).
  /// `account_since` as in `AuditFilter`; with it goes `from`, and events up to it are not expected
  /// on later days.
  [[nodiscard]] virtual Result<AuditStatistics> statistics(
      const std::optional<Timestamp>& from, const std::optional<Timestamp>& to,
      const std::optional<std::string>& user,
      const std::optional<EventId>& account_since = std::nullopt) const = 0;

  /// The `limit` busiest of what `filter` lets through, of each kind; exact, counted from the
  /// events by the database.
  [[nodiscard]] virtual Result<BusiestEvents> busiest(const AuditFilter& filter,
                                                      std::size_t limit) const = 0;

  /// What `filter` lets through, from each of `bounds` to the next, one less than there are; exact.
  /// `bounds` are whole seconds in the order of time. Of filters `from`, `to`, `user` and
  /// `account_since` alone count.
  [[nodiscard]] virtual Result<std::vector<CountsByType>> series(
      const AuditFilter& filter, std::span<const Timestamp> bounds) const = 0;
};

} // namespace baluhost
