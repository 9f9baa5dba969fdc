#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/sql_common/connection.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace baluhost::postgres {

/// Inserts `events` in their order and returns the ids of their rows: by one statement, whose text
/// is the same however many there are.
std::vector<std::int64_t> insert_events(sql::Connection& db, std::span<const AuditEvent> events);

} // namespace baluhost::postgres
