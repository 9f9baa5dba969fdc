#include "baluhost/domain/identity/user.hpp"

namespace baluhost {

std::string_view to_string(Role role) noexcept {
  switch (role) {
    case Role::admin:
      return "admin";
    case Role::auditor:
      return "auditor";
    case Role::user:
      return "user";
  }
  return "user";
}

Result<Role> parse_role(std::string_view text) {
  for (const auto role : {Role::admin, Role::auditor, Role::user}) {
    if (text == to_string(role)) return role;
  }
  return invalid("must be one of admin, auditor and user");
}

} // namespace baluhost
