#include "baluhost/domain/identity/user.hpp"

#include "baluhost/domain/names.hpp"

namespace baluhost {
namespace {

constexpr auto kRoles =
    names<Role>({{Role::admin, "admin"}, {Role::auditor, "auditor"}, {Role::user, "user"}});

} // namespace

std::string_view to_string(Role role) noexcept { return name_of(kRoles, role); }

Result<Role> parse_role(std::string_view text) {
  return parse_name(kRoles, text, "must be one of admin, auditor and user");
}

User as_user(const NewUser& fresh, UserId id, EventId events_after) {
  return User{.id = id,
              .username = fresh.username,
              .email = fresh.email,
              .role = fresh.role,
              .enabled = fresh.enabled,
              .quota_bytes = fresh.quota_bytes,
              .created_at = fresh.created_at,
              .updated_at = fresh.created_at,
              .events_after = events_after};
}

} // namespace baluhost
