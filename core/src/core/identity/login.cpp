#include "baluhost/core/identity/auth_service.hpp"

#include "baluhost/core/identity/password_policy.hpp"
#include "baluhost/domain/text.hpp"
#include "baluhost/ports/transactions.hpp"
#include "identity/known_address.hpp"
#include "identity/password_check.hpp"

#include <utility>
#include <vector>

// Nothing that a stranger can measure may depend on whether an account exists, or has a second
// factor: until the password fits, every login costs the same look-ups, the same hashes and one
// event.
namespace baluhost {
namespace {

constexpr int kMostLoginTries = 3;
constexpr std::size_t kChallengeBytes = 16;

Error changed() { return {Errc::conflict, "the account changed during the login"}; }

/// Whether a second factor of `user` is on.
Result<bool> is_confirmed(ReadTransaction& tx, UserId user) {
  BALUHOST_TRY(const auto factor, tx.second_factors().find(user));
  return factor && factor->confirmed_at;
}

} // namespace

/// A login while it is tried.
struct AuthService::Login {
  std::optional<Username> name; ///< none: no account can have what was sent
  std::string attempted;        ///< what failures are counted by
  const Secret& password;
  const Client& client;
  Timestamp now;
  NewAuditEvent event;
  JsonObject details;
};

Result<TokenGrant> AuthService::login(std::string_view username, const Secret& password,
                                      const Client& client) {
  const auto sent = clamp_text(username, AuditLimits::user);
  auto parsed = Username::parse(username);
  Login login{.name = parsed ? std::optional{*parsed} : std::nullopt,
              .attempted = parsed ? parsed->str() : sent,
              .password = password,
              .client = client,
              .now = deps_.clock.now(),
              .event = deps_.audit_log.draft(Action::login_failed, client),
              .details = std::move(JsonObject{}.add("attempted_username", sent))};
  for (int tries = 1; tries < kMostLoginTries; ++tries) {
    auto granted = try_login(login, Errc::conflict);
    if (granted || granted.error().recorded || granted.error().code != Errc::conflict)
      return granted;
  }
  return try_login(login, Errc::unavailable);
}

/// `when_changed`: what an account that changes meanwhile is; conflict, which is not recorded, to
/// try again.
Result<TokenGrant> AuthService::try_login(Login& login, Errc when_changed) {
  const auto failed = [&](Error error) {
    return deps_.audit_log.failed(with_details(login.event, login.details), std::move(error));
  };
  const auto account = find_account(login);
  if (!account) return failed(account.error());
  const auto& credentials = account->credentials;
  if (credentials) attribute(login.event, credentials->user);

  const auto& address = login.client.ip_address;
  const auto throttled = deps_.throttle.wait(login.attempted, address, account->known_address,
                                             credentials ? credentials->unlocked_at : std::nullopt);
  const Error too_many{.code = Errc::rate_limited,
                       .detail = "too many failed logins",
                       .retry_after = throttled.wait};
  if (!throttled.admitted)
    return deps_.audit_log.failed_by_stranger(login.event, login.details, too_many);

  const auto normal = normalise_password(login.password);
  const auto fits = password_check_->fits(normal, credentials ? &credentials->password : nullptr);
  if (!fits) return failed(fits.error());
  if (*fits && credentials && credentials->user.enabled) {
    auto granted = account->has_second_factor
                       ? Result<TokenGrant>{challenge(login, *credentials, *normal)}
                       : admit(*credentials, *normal, login.client, login.now);
    if (granted) {
      deps_.throttle.succeeded(login.attempted, address);
      return granted;
    }
    auto error = std::move(granted).error();
    if (error.recorded) return error;
    if (error.code == Errc::conflict) error.code = when_changed;
    return error.code == Errc::conflict ? error : failed(std::move(error));
  }

  deps_.throttle.failed(login.attempted, address, throttled);
  if (throttled.wait.count() > 0)
    return deps_.audit_log.failed_by_stranger(login.event, login.details, too_many);
  return failed(Error{Errc::invalid_credentials, "name and password do not fit"});
}

/// Without a name that could exist, another one is looked up in vain: it takes the same time.
Result<AuthService::Account> AuthService::find_account(const Login& login) {
  static const auto stand_in = Username::parse("nobody").value();
  struct Found {
    Account account;
    std::optional<std::vector<PasswordHash>> hashes_in_use; ///< if the check is due for them
  };
  const bool is_due = password_check_->is_due();
  const auto look = [&](ReadTransaction& tx) -> Result<Found> {
    Found found;
    auto& account = found.account;
    BALUHOST_TRY(auto credentials, tx.users().find_credentials(login.name.value_or(stand_in)));
    if (login.name) account.credentials = std::move(credentials);
    const auto user = account.credentials ? account.credentials->user.id : UserId{};
    BALUHOST_TRY(account.known_address,
                 is_known_address(tx, user, login.client.ip_address, login.now));
    BALUHOST_TRY(account.has_second_factor, is_confirmed(tx, user));
    if (is_due) {
      BALUHOST_TRY(found.hashes_in_use, hashes_in_use(tx));
    }
    return found;
  };
  BALUHOST_TRY(auto found, query(deps_.database, look));
  if (found.hashes_in_use) BALUHOST_CHECK(password_check_->keep(*std::move(found.hashes_in_use)));
  return std::move(found.account);
}

/// The user, if what was looked up still holds, with the hash `renewed`. conflict: another login
/// renewed the hash, or somebody changed the password, so that what was verified says nothing any
/// more.
Result<User> AuthService::hold_password(WriteTransaction& tx, const Credentials& credentials,
                                        const std::optional<PasswordHash>& renewed, Timestamp now) {
  BALUHOST_TRY(const auto current, tx.users().find_credentials(credentials.user.username));
  if (!current || current->user.id != credentials.user.id || !current->user.enabled ||
      current->password.phc.reveal() != credentials.password.phc.reveal())
    return changed();
  if (!renewed) return current->user;
  UserChanges changes;
  changes.password = *renewed;
  return tx.users().update(current->user.id, changes, now);
}

/// The new session of a user whose password fits and is enough. conflict if the account changed
/// since it was looked up.
Result<TokenGrant> AuthService::admit(const Credentials& credentials, const Secret& password,
                                      const Client& client, Timestamp now) {
  BALUHOST_TRY(auto session, prepare_session(credentials.user.id, now));
  const auto renewed = renew(credentials.password, password);
  const auto work = [&](WriteTransaction& tx) -> Result<Recorded<Admitted>> {
    const auto account = credentials.user.id;
    BALUHOST_CHECK(tx.users().lock_accounts(renewed ? AccountLocks{.changes = account}
                                                    : AccountLocks{.relies_on = account}));
    BALUHOST_TRY(auto user, hold_password(tx, credentials, renewed, now));
    BALUHOST_TRY(const bool has_second_factor, is_confirmed(tx, account));
    if (has_second_factor) return changed();
    return store_session(tx, session, std::move(user), client, now, {Factor::password});
  };
  BALUHOST_TRY(auto admitted, record(deps_.database, work));
  return grant(session.id, std::move(session.tokens), std::move(admitted));
}

/// Keeps that the password was right, until the code comes: always an error, second_factor_required
/// where that went well. conflict as of `admit`.
Error AuthService::challenge(Login& login, const Credentials& credentials, const Secret& password) {
  auto text = deps_.random.bytes(kChallengeBytes);
  if (!text) return std::move(text).error();
  Error required{.code = Errc::second_factor_required,
                 .detail = "the code is still to come",
                 .recorded = true,
                 .challenge = to_hex(*text)};
  auto event = with_details(login.event, login.details);
  event.success = false;
  event.error_message = std::string{code_of(required.code)};
  const auto renewed = renew(credentials.password, password);
  const auto account = credentials.user.id;
  auto done = deps_.database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(tx.users().lock_accounts({.changes = account}));
    BALUHOST_CHECK(hold_password(tx, credentials, renewed, login.now));
    BALUHOST_TRY(const bool has_second_factor, is_confirmed(tx, account));
    if (!has_second_factor) return changed();
    BALUHOST_CHECK(tx.challenges().insert(
        Challenge{.hash = {deps_.digester.sha256(required.challenge)},
                  .user = account,
                  .created_at = login.now,
                  .expires_at = login.now + SecondFactorLimits::challenge_ttl},
        SecondFactorLimits::challenges_of_account));
    return AuditEvents{event};
  });
  return done ? required : std::move(done).error();
}

/// A hash of today's strength in place of a weaker one. None where that is not needed, or fails:
/// the old one does until the next login.
std::optional<PasswordHash> AuthService::renew(const PasswordHash& old, const Secret& password) {
  if (!deps_.hasher.needs_rehash(old)) return std::nullopt;
  auto hash = deps_.hasher.hash(password);
  return hash ? std::optional{*std::move(hash)} : std::nullopt;
}

} // namespace baluhost
