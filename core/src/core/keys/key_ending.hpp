#pragma once

#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/identity/key.hpp"
#include "baluhost/ports/database.hpp"

#include <vector>

namespace baluhost {

/// `event` as one about `key`.
[[nodiscard]] NewAuditEvent about_key(NewAuditEvent event, const Key& key);

/// Ends all keys of `owner`, for good, and returns a `key_revoked` of each, by `principal`.
[[nodiscard]] Result<std::vector<NewAuditEvent>> end_keys(WriteTransaction& tx, UserId owner,
                                                          const AuditLog& audit,
                                                          const Principal& principal);

} // namespace baluhost
