#include "baluhost/core/access/access_policy.hpp"

namespace baluhost {

std::string_view to_string(Permission permission) noexcept {
  switch (permission) {
    case Permission::anyone:
      return "anyone";
    case Permission::authenticated:
      return "authenticated";
    case Permission::audit:
      return "audit";
    case Permission::administer:
      return "admin";
  }
  return "";
}

bool permits(Role role, Permission permission) noexcept {
  switch (permission) {
    case Permission::anyone:
    case Permission::authenticated:
      return true;
    case Permission::audit:
      return role == Role::admin || role == Role::auditor;
    case Permission::administer:
      return role == Role::admin;
  }
  return false;
}

Rights rights_on(const PathStanding& standing) noexcept {
  return standing.role == Role::admin || standing.owns_home ? Rights::all() : standing.granted;
}

Decision decide(const PathStanding& standing, Rights needed) noexcept {
  const auto held = rights_on(standing);
  if (held.empty()) return Decision::hidden;
  return held.includes(needed) ? Decision::allowed : Decision::forbidden;
}

} // namespace baluhost
