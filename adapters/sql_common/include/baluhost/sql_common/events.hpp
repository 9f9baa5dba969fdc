#pragma once

#include "baluhost/domain/audit_event.hpp"
#include "baluhost/sql_common/connection.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace baluhost::sql {

#define BALUHOST_EVENT_COLUMNS                                                                                         \
  "a.id, a.timestamp, a.event_type, a.action, a.\"user\", a.resource, case when a.success then 1 else 0 end, "         \
  "a.error_message, a.details, a.ip_address, a.user_agent"
inline constexpr std::string_view kEventShape = "nnttttntttt";
AuditEvent read_event(const Row& row, std::size_t first = 0);

/// Writes `events`, cut to the columns' lengths, and gives them as the rows hold them, by id.
std::vector<AuditEvent> insert_events(Connection& db, std::span<const NewAuditEvent> events);

/// `event` as its row will hold it, without an id. Throws BrokenRow for details that no text column takes.
AuditEvent as_stored(const NewAuditEvent& event);

} // namespace baluhost::sql
