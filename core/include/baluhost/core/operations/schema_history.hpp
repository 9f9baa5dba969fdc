#pragma once

#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/core/operations/lifecycle.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/ports/common/schema_change.hpp"
#include "baluhost/ports/database.hpp"

namespace baluhost {

/// Records `schema_migrated`, where there is a change. Errors as of `AuditLog::record`.
[[nodiscard]] Result<void> record_schema_change(const SchemaChange& change, AuditLog& audit);

/// What a start is to think of events and downloads under way without a MAC, before it records
/// `change`. What a crash left before the upgrade that brought MACs has none yet. That is believed
/// once: a trail that tells of an earlier such upgrade, or of having been made with them, was put
/// back by hand. unavailable.
[[nodiscard]] Result<UntaggedRows> judge_untagged(const SchemaChange& change, Database& database);

} // namespace baluhost
