#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/identity/login_throttle.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/ports/password_hasher.hpp"

namespace baluhost {

/// Whether who has a session knows the account's password too. Safe from many threads.
class OwnPasswordCheck {
 public:
  OwnPasswordCheck(Database& database, LoginThrottle& throttle, PasswordHasher& hasher)
      : database_(database), throttle_(throttle), hasher_(hasher) {}

  /// The caller's. not_found: a local operator has no account; token_revoked: it is gone.
  [[nodiscard]] Result<Credentials> credentials(const Principal& principal) const;

  /// Those of `account`. token_revoked: it is gone.
  [[nodiscard]] static Result<Credentials> credentials(ReadTransaction& tx, UserId account);

  /// Takes the time of a password hash. invalid_credentials, which counts; rate_limited.
  [[nodiscard]] Result<void> check(const Principal& principal, const Credentials& credentials,
                                   const Secret& password) const;

  /// That the password is still the one of `credentials`. token_revoked: the account is gone;
  /// conflict: the password was changed.
  [[nodiscard]] static Result<void> hold(ReadTransaction& tx, const Credentials& credentials);

 private:
  Database& database_;
  LoginThrottle& throttle_;
  PasswordHasher& hasher_;
};

} // namespace baluhost
