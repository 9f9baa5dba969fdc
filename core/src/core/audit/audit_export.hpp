#pragma once

#include "baluhost/core/audit/audit_queries.hpp"

#include <memory>
#include <string>

namespace baluhost {

/// Names the list of events that `filter` and `order` select, for its cursors.
[[nodiscard]] std::string event_list_name(const AuditFilter& filter, SortOrder order);
[[nodiscard]] std::string position_key(const AuditEvent& event);

/// invalid_request at "/cursor".
[[nodiscard]] Result<EventPosition> read_position(const std::string& list, std::string_view cursor);

/// What an export will hold, known before its first piece.
struct ExportPlan {
  std::unique_ptr<AuditExport> stream;
  std::int64_t events{};
  std::string filters; ///< JSON, for the record
};

/// invalid_request at "format", "cursor" or a filter that does not fit.
[[nodiscard]] Result<ExportPlan> plan_export(Database& database, const ExportRequest& request);

} // namespace baluhost
