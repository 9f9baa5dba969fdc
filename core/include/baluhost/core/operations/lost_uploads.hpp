#pragma once

#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/ports/blob_store.hpp"
#include "baluhost/ports/database.hpp"

#include <cstdint>

namespace baluhost {

/// Ends unfinished uploads whose bytes are not there any more, as after a restore, since a backup
/// has none; each with its failed event, as one that expires. Returns how many. For when no server
/// runs.
[[nodiscard]] Result<std::int64_t> end_lost_uploads(Database& database, BlobStore& blobs,
                                                    AuditLog& audit);

} // namespace baluhost
