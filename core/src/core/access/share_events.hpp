#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/details.hpp"
#include "baluhost/domain/identity/share.hpp"

#include <string>

/// How shares are told of on record: never with a secret or a password.
namespace baluhost {

/// Of a share that was made.
JsonObject details_of_new(const Share& share);

/// What an update sets, from and to.
JsonObject details_of_change(const Share& before, const ShareChanges& changes);

/// Only which one it is.
JsonObject details_of(const ShareId& id);

/// `event` about a share of the file at `path`.
NewAuditEvent about_share(NewAuditEvent event, const FilePath& path, const JsonObject& details);

} // namespace baluhost
