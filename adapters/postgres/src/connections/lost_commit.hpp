#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/ports/event_tagger.hpp"
#include "baluhost/sql_common/connection.hpp"

#include <string>

namespace baluhost::postgres {

/// A commit that was sent and not answered.
struct LostCommit {
  std::string process;     ///< of the server's, that executes it
  std::string transaction; ///< its number, as `pg_current_xact_id` told it
  AuditEvent event;        ///< one that it wrote
};

/// What became of it, by a connection that sees what is committed before each statement. unknown:
/// it is under way, and its process was told to end; ask again. Throws what SOCI throws.
TagOutcome outcome_of(sql::Connection& other, const LostCommit& commit);

} // namespace baluhost::postgres
