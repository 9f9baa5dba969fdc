#include "baluhost/core/access/access_policy.hpp"

#include "baluhost/domain/names.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace baluhost {
namespace {

constexpr auto kPermissions = names<Permission>({{Permission::anyone, "anyone"},
                                                 {Permission::authenticated, "authenticated"},
                                                 {Permission::audit, "audit"},
                                                 {Permission::administer, "admin"}});

/// The scope of a key that each right on files takes.
constexpr std::array<std::pair<Scope, Right>, 4> kOpenedBy{{{Scope::files_read, Right::read},
                                                            {Scope::files_write, Right::write},
                                                            {Scope::files_delete, Right::remove},
                                                            {Scope::shares, Right::share}}};

} // namespace

std::string_view to_string(Permission permission) noexcept {
  return name_of(kPermissions, permission);
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

bool needs_second_factor(SecondFactorRule rule, Role role) noexcept {
  switch (rule) {
    case SecondFactorRule::none:
      return false;
    case SecondFactorRule::admin:
      return role == Role::admin;
    case SecondFactorRule::all:
      return true;
  }
  return true;
}

Role role_within(const Credential& credential, Role role) noexcept {
  if (std::holds_alternative<ShareCredential>(credential)) return Role::user;
  const auto* key = std::get_if<KeyCredential>(&credential);
  if (key == nullptr || role == Role::user) return role;
  if (role == Role::admin && key->scopes.includes(Scope::admin)) return role;
  return key->scopes.includes(Scope::audit_read) ? Role::auditor : Role::user;
}

Rights rights_of(Scopes scopes) noexcept {
  Rights rights;
  for (const auto& [scope, right] : kOpenedBy)
    if (scopes.includes(scope)) rights |= right;
  return rights;
}

Scopes scopes_for(Rights rights) noexcept {
  Scopes scopes;
  for (const auto& [scope, right] : kOpenedBy)
    if (rights.includes(right)) scopes |= scope;
  return scopes;
}

PathBounds path_bounds(const Credential& credential) noexcept {
  if (const auto* share = std::get_if<ShareCredential>(&credential))
    return {.rights = share->rights.needed(), .root = share->root};
  const auto* key = std::get_if<KeyCredential>(&credential);
  if (key == nullptr) return {};
  return {.rights = rights_of(key->scopes), .root = key->root};
}

std::optional<std::string> lacks_for(const Credential& credential, const RouteUse& use) {
  if (std::holds_alternative<ShareCredential>(credential))
    return use.is_for_shares ? std::nullopt : std::optional<std::string>{"session"};
  const auto* key = std::get_if<KeyCredential>(&credential);
  if (key == nullptr) return std::nullopt;
  if (!use.scope) return "session";
  if (const auto missing = *use.scope - key->scopes; !missing.empty()) return missing.to_text();
  const bool is_at_home =
      key->allow_from.empty() ||
      (use.address && std::ranges::any_of(key->allow_from, [&](const IpNetwork& network) {
         return network.contains(*use.address);
       }));
  const bool is_about_files = (*use.scope & (Scope::audit_read | Scopes{Scope::admin})).empty();
  if (is_at_home && key->protocols.includes(use.protocol) && (is_about_files || !key->root))
    return std::nullopt;
  return use.scope->empty() ? "authenticated" : use.scope->to_text();
}

Rights rights_of_account(const PathStanding& standing) noexcept {
  return standing.role == Role::admin || standing.owns_home ? Rights::all() : standing.granted;
}

Rights rights_on(const PathStanding& standing) noexcept {
  return standing.is_outside ? Rights{} : rights_of_account(standing) & standing.within;
}

// Outside of its bounds a credential learns nothing, not even what its owner may see there.
Decision decide(const PathStanding& standing, Rights needed, Rights of_credential) noexcept {
  if (standing.is_outside) return Decision::forbidden;
  const auto held = rights_of_account(standing);
  if (held.empty()) return Decision::hidden;
  return held.includes(needed) && standing.within.includes(of_credential) ? Decision::allowed
                                                                          : Decision::forbidden;
}

} // namespace baluhost
