#pragma once

#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/domain/files/trash_entry.hpp"
#include "baluhost/domain/files/tree_removal.hpp"
#include "baluhost/ports/database.hpp"

#include <optional>
#include <vector>

namespace baluhost {

struct Purged {
  std::vector<NewAuditEvent> events;
  std::optional<TreeRemoval> pending{}; ///< rows that are left to remove
};

/// Takes an entry away for good: all its rows if they are few. `event`: what its events are made
/// from. `principal`: none, where it is the system that does it.
[[nodiscard]] Result<Purged> purge_entry(WriteTransaction& tx, const TrashEntry& entry,
                                         NewAuditEvent event, const AuditLog& audit,
                                         const Principal* principal, Timestamp now);

} // namespace baluhost
