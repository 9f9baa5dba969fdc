#pragma once

#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/domain/files/trash_entry.hpp"
#include "baluhost/domain/files/tree_removal.hpp"
#include "baluhost/ports/database.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace baluhost {

struct Purged {
  std::vector<NewAuditEvent> events{};
  std::optional<TreeRemoval> pending{}; ///< rows that are left to remove
  std::size_t rows{0};                  ///< that are gone
};

/// Takes an entry away for good: all its rows if they are few. `event`: what its events are made
/// from. `principal`: none, where it is the system that does it.
[[nodiscard]] Result<Purged> purge_entry(WriteTransaction& tx, const TrashEntry& entry,
                                         NewAuditEvent event, const AuditLog& audit,
                                         const Principal* principal, Timestamp now);

/// What came of several.
struct PurgedEntries {
  std::vector<NewAuditEvent> events{};
  std::vector<TreeRemoval> pending{};

  /// The first that did not fit; none: all are gone.
  std::optional<TrashId> next{};
};

/// The same for `entries`, until some hundred rows are gone at most: what others wait for.
[[nodiscard]] Result<PurgedEntries> purge_entries(WriteTransaction& tx,
                                                  std::span<const TrashEntry> entries,
                                                  const NewAuditEvent& event, const AuditLog& audit,
                                                  const Principal* principal, Timestamp now);

/// As many of `entries`, from the first on, as one transaction may take; one at least.
[[nodiscard]] std::span<const TrashEntry> fitting(std::span<const TrashEntry> entries);

/// How many of `entries` come before `id`; all of them where there is none.
[[nodiscard]] std::size_t position_of(std::span<const TrashEntry> entries,
                                      const std::optional<TrashId>& id);

} // namespace baluhost
