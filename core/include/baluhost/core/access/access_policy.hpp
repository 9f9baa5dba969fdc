#pragma once

#include "baluhost/core/access/credential.hpp"
#include "baluhost/domain/identity/grant.hpp"
#include "baluhost/domain/identity/second_factor.hpp"
#include "baluhost/domain/identity/user.hpp"

#include <optional>
#include <string>
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

/// Whether an account with `role` has to have a second factor.
bool needs_second_factor(SecondFactorRule rule, Role role) noexcept;

/// What is left of an account's role to who comes with `credential`: a key without the scope
/// `admin` administers nothing and reaches others' homes by grants alone, one without `audit:read`
/// sees nobody else's events. Who came by a share has no role.
Role role_within(const Credential& credential, Role role) noexcept;

/// What a credential leaves of its owner's rights on paths.
struct PathBounds {
  Rights rights{Rights::all()};

  /// What the path has to be or to lie below; none: it may be anywhere.
  std::optional<FileId> root{};
};

/// What `credential` leaves of paths.
PathBounds path_bounds(const Credential& credential) noexcept;

/// The rights on a path that a key's scopes are good for, and the other way round.
Rights rights_of(Scopes scopes) noexcept;
Scopes scopes_for(Rights rights) noexcept;

/// How a route is used.
struct RouteUse {
  /// What a key needs for the route, all of it; nothing in it: any key will do; none: no key will.
  std::optional<Scopes> scope{};
  KeyProtocol protocol{KeyProtocol::rest};

  /// Whether a share will do.
  bool is_for_shares{false};
  const std::optional<IpAddress>& address;
};

/// What `credential` lacks for that use, as `access_denied` names it: "files:read", or "session"
/// where no key or share will do. A key that is bound to a path sees and administers nothing that
/// is not a file. None: it may go on.
std::optional<std::string> lacks_for(const Credential& credential, const RouteUse& use);

/// How the caller stands to a path.
struct PathStanding {
  Role role{Role::user};
  bool owns_home{false}; ///< the path lies in the caller's own home
  Rights granted;        ///< on the path or anything above it

  /// What the credential leaves of these rights.
  Rights within{Rights::all()};

  /// The path lies outside of what the credential is bound to.
  bool is_outside{false};
};

/// All rights that the caller's account has on the path: the owner and an admin all, an auditor
/// none by role.
Rights rights_of_account(const PathStanding& standing) noexcept;

/// What is left of them to the caller's credential.
Rights rights_on(const PathStanding& standing) noexcept;

/// The answer of the policy.
enum class Decision {
  allowed,
  forbidden, ///< the caller sees that the path exists, or may not look beyond a credential's
             ///< bounds: 403
  hidden,    ///< the caller has no right on it at all: 404
};

/// `of_credential`: what the credential has to leave of `needed`.
Decision decide(const PathStanding& standing, Rights needed, Rights of_credential) noexcept;
inline Decision decide(const PathStanding& standing, Rights needed) noexcept {
  return decide(standing, needed, needed);
}

} // namespace baluhost
