#include "identity/own_password_check.hpp"

#include "baluhost/core/identity/password_policy.hpp"
#include "baluhost/ports/transactions.hpp"

#include <utility>

namespace baluhost {

Result<Credentials> OwnPasswordCheck::credentials(const Principal& principal) const {
  BALUHOST_TRY(const auto id, principal.account());
  return query(database_, [&](ReadTransaction& tx) { return credentials(tx, id); });
}

Result<Credentials> OwnPasswordCheck::credentials(ReadTransaction& tx, UserId account) {
  BALUHOST_TRY(const auto user, tx.users().find(account));
  if (!user) return Error{Errc::token_revoked, "the user is gone"};
  BALUHOST_TRY(auto credentials, tx.users().find_credentials(user->username));
  if (!credentials) return Error{Errc::token_revoked, "the user is gone"};
  return *std::move(credentials);
}

Result<void> OwnPasswordCheck::check(const Principal& principal, const Credentials& credentials,
                                     const Secret& password) const {
  const auto name = credentials.user.username.str();
  const auto& address = principal.client().ip_address;
  // Who has a session is not stopped by what others fail at elsewhere, only by guesses from the
  // same address.
  const auto wait = throttle_.wait(name, address, KnownAddress::yes, credentials.unlocked_at);
  if (!wait.admitted) {
    return Error{
        .code = Errc::rate_limited, .detail = "too many wrong passwords", .retry_after = wait.wait};
  }
  const auto normal = normalise_password(password);
  BALUHOST_TRY(const bool fits, hasher_.verify(normal ? *normal : Secret{}, credentials.password));
  if (fits && normal) return {};
  throttle_.failed(name, address, wait);
  return Error{Errc::invalid_credentials, "the current password does not fit"};
}

Result<void> OwnPasswordCheck::hold(ReadTransaction& tx, const Credentials& credentials) {
  BALUHOST_TRY(const auto present, tx.users().find_credentials(credentials.user.username));
  if (!present || present->user.id != credentials.user.id)
    return Error{Errc::token_revoked, "the user is gone"};
  if (present->password.phc.reveal() != credentials.password.phc.reveal())
    return Error{Errc::conflict, "the password was changed meanwhile"};
  return {};
}

} // namespace baluhost
