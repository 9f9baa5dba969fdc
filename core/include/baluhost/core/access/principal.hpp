#pragma once

#include "baluhost/domain/identity/session.hpp"
#include "baluhost/domain/identity/user.hpp"
#include "baluhost/domain/result.hpp"

#include <optional>
#include <string>
#include <utility>

namespace baluhost {

/// Who asks for an operation, proven. Comes from `AuthService::authenticate` or, for a program that
/// runs on the machine with the rights of the data's owner, from `local_operator`.
class Principal {
 public:
  /// An administrator without a session; in the audit trail as `cli:<os_user>`.
  static Principal local_operator(const std::string& os_user);

  /// The name as events have it.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// None for a local operator.
  [[nodiscard]] std::optional<UserId> user() const noexcept { return user_; }

  /// The caller's account. not_found: a local operator has none.
  [[nodiscard]] Result<UserId> account() const;

  [[nodiscard]] Role role() const noexcept { return role_; }
  [[nodiscard]] const std::optional<SessionId>& session() const noexcept { return session_; }
  [[nodiscard]] const Client& client() const noexcept { return client_; }

 private:
  friend class AuthService;
  friend class Caller;
  Principal(std::string name, std::optional<UserId> user, Role role,
            std::optional<SessionId> session, Client client)
      : name_(std::move(name)),
        user_(user),
        role_(role),
        session_(std::move(session)),
        client_(std::move(client)) {}

  std::string name_;
  std::optional<UserId> user_;
  Role role_;
  std::optional<SessionId> session_;
  Client client_;
};

} // namespace baluhost
