#pragma once

#include "baluhost/domain/identity/grant.hpp"
#include "baluhost/domain/identity/user.hpp"

#include <string_view>

/// Every decision about who may do what, as pure functions. Nothing else in BaluHost looks at a
/// role.
namespace baluhost {

/// What an operation that is not about a path asks for.
enum class Permission {
  anyone,        ///< no login
  authenticated, ///< any login; what is seen is limited to the caller's own
  audit,         ///< the whole audit trail: admin, auditor
  administer,    ///< users and their sessions: admin
};

/// "anyone", "authenticated", "audit", "admin"
std::string_view to_string(Permission permission) noexcept;
bool permits(Role role, Permission permission) noexcept;

/// How the caller stands to a path.
struct PathStanding {
  Role role{Role::user};
  bool owns_home{false}; ///< the path lies in the caller's own home
  Rights granted;        ///< on the path or anything above it
};

/// All rights that the caller has on the path: the owner and an admin all, an auditor none by role.
Rights rights_on(const PathStanding& standing) noexcept;

enum class Decision {
  allowed,
  forbidden, ///< the caller sees that the path exists: 403
  hidden,    ///< the caller has no right on it at all: 404
};
Decision decide(const PathStanding& standing, Rights needed) noexcept;

} // namespace baluhost
