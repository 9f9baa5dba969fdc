#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/details.hpp"
#include "baluhost/domain/files/file_entry.hpp"

#include <optional>
#include <span>
#include <string>
#include <vector>

/// Events of trees that are removed, trashed, restored or purged.
namespace baluhost {

/// `file_size`, `kind`, and of a tree `file_count` and `total_size`.
[[nodiscard]] JsonObject removal_details(FileKind kind, const TreeTotals& totals);

/// All of `events`, of which there is one at least.
[[nodiscard]] AuditEvents together(std::vector<NewAuditEvent> events);

/// An event for each file of `nodes`, made from `pattern`, whose resource is the path of the root.
/// `source`: the path that the root had before, for `source` in the details.
[[nodiscard]] std::vector<NewAuditEvent> events_of(std::span<const TreeNode> nodes,
                                                   const NewAuditEvent& pattern, Timestamp now,
                                                   const std::optional<std::string>& source = {});

} // namespace baluhost
