#pragma once

#include "access/caller.hpp"
#include "baluhost/core/access/access_policy.hpp"
#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/audit/audit_log.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace baluhost {

/// Resources of refused operations that are not about a file, as the API's routes name them: a path
/// of the file tree cannot begin with `/api`.
inline constexpr std::string_view kUsersRoute = "/api/v1/users";
inline constexpr std::string_view kSessionsRoute = "/api/v1/auth/sessions";
inline constexpr std::string_view kKeysRoute = "/api/v1/auth/keys";
inline constexpr std::string_view kArchivesRoute = "/api/v1/archives";
inline constexpr std::string_view kTotpRoute = "/api/v1/auth/totp";
inline constexpr std::string_view kGrantsRoute = "/api/v1/grants";
inline constexpr std::string_view kSharesRoute = "/api/v1/shares";
inline constexpr std::string_view kTrashRoute = "/api/v1/trash";

/// forbidden (or `refusal`, where the caller may not even see what is there), recorded as
/// `access_denied`, unless the caller's role has `permission`.
[[nodiscard]] inline Result<void> require_permission(AuditLog& audit, const Principal& principal,
                                                     Permission permission,
                                                     std::string_view resource, Operation operation,
                                                     Errc refusal = Errc::forbidden) {
  if (permits(principal.role(), permission)) return {};
  return audit.denied(principal, resource, operation, to_string(permission),
                      Error{refusal, "lacks the permission"});
}

/// `administer` for something about the user `name`: to everyone else another user does not exist.
[[nodiscard]] inline Result<void> require_admin_for(AuditLog& audit, const Principal& principal,
                                                    const Username& name, Operation operation,
                                                    std::string_view below = "") {
  return require_permission(audit, principal, Permission::administer,
                            std::string{kUsersRoute} + "/" + name.str() + std::string{below},
                            operation,
                            principal.name() == name.str() ? Errc::forbidden : Errc::not_found);
}

/// forbidden, recorded as `access_denied`, where a key would end a login of its own owner's, change
/// the owner's password or take the account away.
[[nodiscard]] inline Result<void> spare_owner_of_key(AuditLog& audit, const Principal& principal,
                                                     const Username& name, Operation operation,
                                                     std::string_view below = "") {
  if (principal.key() == nullptr || principal.name() != name.str()) return {};
  return audit.denied(principal, std::string{kUsersRoute} + "/" + name.str() + std::string{below},
                      operation, "session", Error{Errc::forbidden, "a key spares its owner"});
}

/// forbidden, recorded as `access_denied`, of what lies beyond the path that the caller's
/// credential is bound to.
[[nodiscard]] inline Error beyond_path(AuditLog& audit, const Principal& principal,
                                       std::string_view resource, Operation operation,
                                       Scope needed) {
  return audit.denied(principal, resource, operation, to_string(needed),
                      Error{Errc::forbidden, "beyond the credential's path"});
}

/// The same for a change, which is let through twice: when it begins, and in its transaction. One
/// thread at a time.
class RoleGate {
 public:
  /// `refusal` as in `require_permission`.
  RoleGate(AuditLog& audit, const Principal& principal, Permission needed, std::string resource,
           Operation operation, Errc refusal = Errc::forbidden)
      : audit_log_(audit),
        principal_(principal),
        needed_(needed),
        resource_(std::move(resource)),
        operation_(operation),
        refusal_(refusal) {}

  /// For `administer` of something about the user `name`.
  RoleGate(AuditLog& audit, const Principal& principal, const Username& name, Operation operation,
           std::string_view below = "")
      : RoleGate(audit, principal, Permission::administer,
                 std::string{kUsersRoute} + "/" + name.str() + std::string{below}, operation,
                 principal.name() == name.str() ? Errc::forbidden : Errc::not_found) {}

  /// As `require_permission`.
  [[nodiscard]] Result<void> admit() {
    return require_permission(audit_log_, principal_, needed_, resource_, operation_, refusal_);
  }

  /// As `Caller::hold`, and the refusal if the caller's role has the permission no more.
  [[nodiscard]] Result<void> hold(WriteTransaction& tx, std::optional<UserId> changes = {}) {
    refused_ = false;
    BALUHOST_TRY(const auto present, Caller::hold(tx, principal_, audit_log_.now(), changes));
    refused_ = !permits(present.role(), needed_);
    if (refused_) return Error{refusal_, "lacks the permission by now"};
    return {};
  }

  /// Records `event` of what took its time and changed nothing, for who has the permission still;
  /// else as `failed`.
  [[nodiscard]] Result<void> record(Database& database, const NewAuditEvent& event) {
    auto written = database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
      BALUHOST_CHECK(hold(tx));
      return AuditEvents{event};
    });
    if (!written) return failed(event, std::move(written).error());
    return {};
  }

  /// Writes `access_denied` if the transaction was refused, else `event` as failed; returns the
  /// error to return.
  [[nodiscard]] Error failed(NewAuditEvent event, Error error) {
    if (!refused_) return audit_log_.failed(std::move(event), std::move(error));
    return audit_log_.denied(principal_, resource_, operation_, to_string(needed_),
                             std::move(error));
  }

 private:
  AuditLog& audit_log_;
  const Principal& principal_;
  Permission needed_;
  std::string resource_;
  Operation operation_;
  Errc refusal_;
  bool refused_{false};
};

} // namespace baluhost
