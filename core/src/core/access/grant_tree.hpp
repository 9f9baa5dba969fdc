#pragma once

#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/ports/database.hpp"

#include <optional>
#include <vector>

namespace baluhost {

/// `event` about rights of `grantee` on `path`.
NewAuditEvent about_grant(NewAuditEvent event, const FilePath& path, const Username& grantee,
                          Rights rights);

/// Ends, in the home of `owner`, what was given on by right of grants that are no more: a grant
/// that was given on has at most the rights that its giver's own grants give there, and none if
/// `share` is not among them. Returns a `permission_revoked` of `principal`'s for each, with the
/// rights that went. `leaving`: an account about to be removed, which gives nothing any more. The
/// home is locked.
Result<std::vector<NewAuditEvent>> settle_grants(
    WriteTransaction& tx, UserId owner, const AuditLog& audit, const Principal& principal,
    const std::optional<UserId>& leaving = std::nullopt);

} // namespace baluhost
