#pragma once

#include "baluhost/core/access/credential.hpp"
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

  /// The name as events have it; empty for who came by a share, whom nobody knows.
  [[nodiscard]] const std::string& name() const noexcept { return name_; }

  /// The account that the caller acts with: of a share its creator's. None for a local operator.
  [[nodiscard]] std::optional<UserId> user() const noexcept { return user_; }

  /// The caller's account. not_found: a local operator has none, nor has who came by a share.
  [[nodiscard]] Result<UserId> account() const;

  /// What the credential leaves of the account's role, see `role_within`.
  [[nodiscard]] Role role() const noexcept { return role_; }

  /// How the caller came in, and its bounds.
  [[nodiscard]] const Credential& credential() const noexcept { return credential_; }

  /// The login; none for a local operator and for other credentials.
  [[nodiscard]] const std::optional<SessionId>& session() const noexcept;

  /// None for other credentials.
  [[nodiscard]] const KeyCredential* key() const noexcept {
    return std::get_if<KeyCredential>(&credential_);
  }

  /// None for other credentials.
  [[nodiscard]] const ShareCredential* share() const noexcept {
    return std::get_if<ShareCredential>(&credential_);
  }
  [[nodiscard]] const Client& client() const noexcept { return client_; }

  /// The account has to have a second factor and has none: what sets one up is all that is open.
  [[nodiscard]] bool lacks_second_factor() const noexcept { return lacks_second_factor_; }

 private:
  friend class AuthService;
  friend class Caller;
  Principal(std::string name, std::optional<UserId> user, Role role, Credential credential,
            Client client, bool lacks_second_factor = false)
      : name_(std::move(name)),
        user_(user),
        role_(role),
        credential_(std::move(credential)),
        client_(std::move(client)),
        lacks_second_factor_(lacks_second_factor) {}

  std::string name_;
  std::optional<UserId> user_;
  Role role_;
  Credential credential_;
  Client client_;
  bool lacks_second_factor_;
};

} // namespace baluhost
