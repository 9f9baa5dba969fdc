#pragma once

#include "baluhost/core/access_policy.hpp"
#include "baluhost/core/audit_trail.hpp"
#include "baluhost/core/principal.hpp"

#include <string_view>

namespace baluhost {

/// Resources of refused operations that are not about a file, as the API's routes name them: a path of the file tree
/// cannot begin with `/api`.
inline constexpr std::string_view kUsersRoute = "/api/v1/users";
inline constexpr std::string_view kSessionsRoute = "/api/v1/auth/sessions";
inline constexpr std::string_view kGrantsRoute = "/api/v1/grants";

/// forbidden (or `refusal`, where the caller may not even see what is there), recorded as `access_denied`, unless the
/// caller's role has `permission`.
[[nodiscard]] inline Result<void> require_permission(AuditTrail& audit, const Principal& principal,
                                                     Permission permission, std::string_view resource,
                                                     std::string_view operation, Errc refusal = Errc::forbidden) {
  if (permits(principal.role(), permission)) return {};
  return audit.denied(principal, resource, operation, to_string(permission), Error{refusal, "lacks the permission"});
}

/// `administer` for something about the user `name`: to everyone else another user does not exist.
[[nodiscard]] inline Result<void> require_admin_for(AuditTrail& audit, const Principal& principal, const Username& name,
                                                    std::string_view operation, std::string_view below = "") {
  return require_permission(audit, principal, Permission::administer,
                            std::string{kUsersRoute} + "/" + name.str() + std::string{below}, operation,
                            principal.name() == name.str() ? Errc::forbidden : Errc::not_found);
}

} // namespace baluhost
