#include "baluhost/core/identity/auth_service.hpp"

#include "baluhost/core/identity/password_policy.hpp"
#include "baluhost/domain/identity/ip_address.hpp"
#include "baluhost/domain/text.hpp"
#include "identity/password_check.hpp"

#include <algorithm>
#include <utility>
#include <vector>

/// Logins, refreshes and the check of access tokens. Nothing that a stranger can measure may depend
/// on whether an account exists: an unknown name, a disabled account and a wrong password cost the
/// same look-ups, the same hashes and one event. Tokens are signed before the transaction that
/// makes them valid, so that a missing key consumes nothing, and a crash after the commit costs the
/// client a login, no more.
namespace baluhost {
namespace {

constexpr std::size_t kIdBytes = 16;
constexpr auto kKnownAddressFor = std::chrono::hours{24 * 30};
constexpr int kMostLoginTries = 3;
constexpr int kMostUnknownKeys = 300;
constexpr auto kUsedAgain = "a spent refresh token was used again";

Timestamp whole_seconds(Timestamp t) { return {t.seconds() * 1'000'000}; }

std::chrono::seconds seconds_between(Timestamp from, Timestamp to) {
  return std::chrono::duration_cast<std::chrono::seconds>(to - from);
}

Result<std::string> random_id(RandomSource& random) {
  BALUHOST_TRY(const auto bytes, random.bytes(kIdBytes));
  return to_hex(bytes);
}

bool is_over(const SessionState& state, Timestamp now) {
  return state.session.revoked_at || state.session.expires_at <= now || !state.user.enabled;
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

AuthService::AuthService(const Dependencies& deps, AuthOptions options)
    : deps_(deps),
      options_(options),
      password_check_(std::make_unique<PasswordCheck>(deps.hasher, deps.random, deps.clock)),
      key_throttle_(deps.clock, {.max_attempts = kMostUnknownKeys}) {}

AuthService::~AuthService() = default;

std::chrono::microseconds AuthService::check_time() const noexcept {
  return password_check_->check_time();
}

TokenGrant AuthService::TokenPair::grant(const SessionId& session, User user) && {
  return {.access = std::move(access),
          .refresh = std::move(refresh),
          .read = std::move(read),
          .access_expires_in = access_expires_in,
          .refresh_expires_in = refresh_expires_in,
          .session = session,
          .user = std::move(user)};
}

Result<AuthService::TokenPair> AuthService::issue(const SessionId& session, UserId user,
                                                  Timestamp now, Timestamp session_end) {
  const auto issued_at = whole_seconds(now);
  BALUHOST_TRY(auto access_id, random_id(deps_.random));
  BALUHOST_TRY(auto refresh_id, random_id(deps_.random));
  BALUHOST_TRY(auto read_id, random_id(deps_.random));
  const auto access_end = std::min(issued_at + options_.access_ttl, session_end);

  TokenPair pair;
  pair.refresh_hash = {deps_.digester.sha256(refresh_id)};
  pair.access_expires_in = seconds_between(issued_at, access_end);
  pair.refresh_expires_in = seconds_between(issued_at, session_end);
  BALUHOST_TRY(pair.access, deps_.tokens.sign_access(
                                {user, session, std::move(access_id), issued_at, access_end}));
  BALUHOST_TRY(pair.refresh, deps_.tokens.sign_refresh(
                                 {user, session, std::move(refresh_id), issued_at, session_end}));
  BALUHOST_TRY(pair.read,
               deps_.tokens.sign_read({user, session, std::move(read_id), issued_at, access_end}));
  return pair;
}

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
    auto granted = admit(*credentials, *normal, login.client, login.now);
    if (granted) {
      deps_.throttle.succeeded(login.attempted, address);
      return granted;
    }
    auto error = std::move(granted).error();
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
  const auto here = throttle_key(login.client.ip_address);
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
    BALUHOST_TRY(const auto addresses,
                 tx.sessions().login_addresses(user, login.now - kKnownAddressFor));
    account.known_address = std::ranges::any_of(addresses, [&](const auto& address) {
      return login.client.ip_address && throttle_key(address) == here;
    });
    if (is_due) {
      BALUHOST_TRY(found.hashes_in_use, hashes_in_use(tx));
    }
    return found;
  };
  BALUHOST_TRY(auto found, query(deps_.database, look));
  if (found.hashes_in_use) BALUHOST_CHECK(password_check_->keep(*std::move(found.hashes_in_use)));
  return std::move(found.account);
}

/// The new session of a user whose password fits. conflict if the account changed since it was
/// looked up: another login may have renewed the hash, or somebody changed the password, so that
/// what was verified says nothing any more.
Result<TokenGrant> AuthService::admit(const Credentials& credentials, const Secret& password,
                                      const Client& client, Timestamp now) {
  const auto session_end = whole_seconds(now) + options_.refresh_ttl;
  BALUHOST_TRY(auto id, random_id(deps_.random));
  const SessionId session_id{std::move(id)};
  BALUHOST_TRY(auto pair, issue(session_id, credentials.user.id, now, session_end));

  const auto renewed = renew(credentials.password, password);
  const auto work = [&](WriteTransaction& tx) -> Result<Recorded<User>> {
    const auto account = credentials.user.id;
    BALUHOST_CHECK(tx.users().lock_accounts(renewed ? AccountLocks{.changes = account}
                                                    : AccountLocks{.relies_on = account}));
    BALUHOST_TRY(const auto current, tx.users().find_credentials(credentials.user.username));
    if (!current || current->user.id != credentials.user.id || !current->user.enabled ||
        current->password.phc.reveal() != credentials.password.phc.reveal()) {
      return Error{Errc::conflict, "the account changed during the login"};
    }
    auto user = current->user;
    if (renewed) {
      UserChanges changes;
      changes.password = *renewed;
      BALUHOST_TRY(user, tx.users().update(user.id, changes, now));
    }
    BALUHOST_CHECK(tx.sessions().insert(Session{.id = session_id,
                                                .user = user.id,
                                                .created_at = now,
                                                .last_used_at = now,
                                                .expires_at = session_end,
                                                .client = client},
                                        pair.refresh_hash));
    auto event = with_details(deps_.audit_log.draft(Action::login_success, client),
                              JsonObject{}.add("session_id", session_id.value));
    attribute(event, user);
    return recorded(std::move(user), std::move(event));
  };
  BALUHOST_TRY(auto user, record(deps_.database, work));
  return std::move(pair).grant(session_id, std::move(user));
}

/// A hash of today's strength in place of a weaker one. None where that is not needed, or fails:
/// the old one does until the next login.
std::optional<PasswordHash> AuthService::renew(const PasswordHash& old, const Secret& password) {
  if (!deps_.hasher.needs_rehash(old)) return std::nullopt;
  auto hash = deps_.hasher.hash(password);
  return hash ? std::optional{*std::move(hash)} : std::nullopt;
}

Result<TokenGrant> AuthService::refresh(std::string_view token, const Client& client) {
  const auto now = deps_.clock.now();
  BALUHOST_TRY(const auto claims, verify_refresh(token, client, now));
  auto event = deps_.audit_log.draft(Action::token_refresh, client);
  event.resource = claims.session.value;
  const auto details = JsonObject{}.add("token_type", "refresh");
  const RefreshTokenHash used{deps_.digester.sha256(claims.token_id)};
  auto pair = issue(claims.session, claims.subject, now, claims.expires_at);
  if (!pair)
    return deps_.audit_log.failed_by_stranger(std::move(event), details, std::move(pair).error());

  auto use = attempt<TokenUse>(
      deps_.database, [&](WriteTransaction& tx, TokenUse& seen) -> Result<AuditEvents> {
        BALUHOST_CHECK(use_once(tx, claims, {used, pair->refresh_hash}, now, seen));
        auto refreshed = with_details(event, details);
        attribute(refreshed, *seen.user);
        return AuditEvents{std::move(refreshed)};
      });
  if (use.seen.is_stolen) {
    use.result = end_reused(*use.seen.user, claims.session, client, now);
    if (use.result) {
      deps_.identities.forget();
      return Error{.code = Errc::token_revoked, .detail = kUsedAgain, .recorded = true};
    }
  }
  if (!use.result) {
    if (use.seen.user) attribute(event, *use.seen.user);
    return deps_.audit_log.failed_by_stranger(std::move(event), details,
                                              std::move(use.result).error());
  }
  return (*std::move(pair)).grant(claims.session, *std::move(use.seen.user));
}

/// What a refresh token says, if it can be believed and has not expired. unauthenticated,
/// token_expired, token_revoked; on record as `invalid_token`.
Result<TokenClaims> AuthService::verify_refresh(std::string_view token, const Client& client,
                                                Timestamp now) {
  if (token.empty())
    return refuse_token(client, "missing", Error{Errc::unauthenticated, "no refresh token"});
  auto claims = deps_.tokens.verify_refresh(token, now);
  if (claims) return claims;
  const auto reason =
      claims.error().code == Errc::token_expired ? "expired" : claims.error().detail;
  return refuse_token(client, reason, std::move(claims).error());
}

Result<void> AuthService::use_once(WriteTransaction& tx, const TokenClaims& claims,
                                   const Rotation& rotation, Timestamp now, TokenUse& seen) {
  BALUHOST_CHECK(tx.users().lock_accounts({.relies_on = claims.subject}));
  BALUHOST_TRY(auto state, tx.sessions().find(claims.session));
  if (!state || state->user.id != claims.subject)
    return Error{Errc::token_revoked, "no such session"};
  seen.user = state->user;
  if (is_over(*state, now)) return Error{Errc::token_revoked, "the session is over"};

  BALUHOST_TRY(const auto use,
               tx.sessions().rotate(claims.session, rotation.used, rotation.next, now));
  switch (use.outcome) {
    case RefreshUse::Outcome::consumed:
      return {};
    case RefreshUse::Outcome::unknown:
      return Error{Errc::token_revoked, "not a token of this session"};
    case RefreshUse::Outcome::spent:
      break;
  }
  seen.is_stolen = now - use.spent_at > options_.reuse_grace;
  return Error{Errc::token_revoked, kUsedAgain};
}

// A transaction of its own: who relies on an account while others do cannot change it in the same
// one.
Result<void> AuthService::end_reused(const User& user, const SessionId& session,
                                     const Client& client, Timestamp now) {
  auto event = with_details(deps_.audit_log.draft(Action::refresh_reuse_detected, client),
                            JsonObject{}.add("revoked_sessions", 1));
  attribute(event, user);
  event.resource = session.value;
  event.success = false;
  event.error_message = std::string{code_of(Errc::token_revoked)};
  return deps_.database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(tx.users().lock_accounts({.changes = user.id}));
    auto revoked = tx.sessions().revoke(session, now);
    if (!revoked && revoked.error().code == Errc::not_found)
      return Error{Errc::token_revoked, "another use ended the session at the same moment"};
    BALUHOST_CHECK(std::move(revoked));
    return AuditEvents{event};
  });
}

Result<Principal> AuthService::authenticate(std::string_view token, const Client& client,
                                            Audience audience) {
  TokenRefusal refusal;
  auto principal = identify(token, client, audience, refusal);
  if (principal || refusal.reason.empty()) return principal;
  return refuse_token(client, refusal.reason, std::move(principal).error(), refusal.user);
}

Result<Principal> AuthService::authenticate_again(std::string_view token, const Client& client,
                                                  Audience audience) {
  TokenRefusal refusal;
  return identify(token, client, audience, refusal);
}

Result<Principal> AuthService::look_again(const Principal& principal) {
  if (const auto* key = principal.key()) return look_again(*key, principal.client());
  if (const auto* share = principal.share())
    return admit(share->id, share->generation, principal.client());
  if (!principal.session()) return principal;
  BALUHOST_TRY(const auto state, deps_.identities.find(*principal.session()));
  if (!state || state->session.revoked_at || !state->user.enabled) {
    return Error{Errc::token_revoked, "the session is over"};
  }
  return Principal{principal.name(), principal.user(), state->user.role, principal.credential(),
                   principal.client()};
}

Result<Principal> AuthService::identify(std::string_view token, const Client& client,
                                        Audience audience, TokenRefusal& refusal) {
  const auto now = deps_.clock.now();
  const auto refused = [&](std::string reason, Error error) {
    refusal.reason = std::move(reason);
    return error;
  };
  if (token.empty()) return refused("missing", Error{Errc::unauthenticated, "no access token"});
  if (audience == Audience::access && is_key(token)) return identify_key(token, client, refusal);
  if (audience == Audience::share)
    return identify_share(token, client, ShareTransport::cookie, refusal);
  auto claims = audience == Audience::read ? deps_.tokens.verify_read(token, now)
                                           : deps_.tokens.verify_access(token, now);
  if (!claims) {
    auto reason = claims.error().code == Errc::token_expired ? "expired" : claims.error().detail;
    if (audience == Audience::access && reason == "wrong_type")
      return identify_share(token, client, ShareTransport::bearer, refusal);
    return refused(std::move(reason), std::move(claims).error());
  }
  BALUHOST_TRY(auto state, deps_.identities.find(claims->session));
  if (!state || state->user.id != claims->subject)
    return refused("revoked", Error{Errc::token_revoked, "no such session"});
  if (is_over(*state, now)) {
    refusal.user = state->user;
    return refused("revoked", Error{Errc::token_revoked, "the session is over"});
  }
  return Principal{state->user.username.str(), state->user.id, state->user.role,
                   SessionCredential{state->session.id}, client};
}

Error AuthService::refuse_token(const Client& client, std::string_view reason, Error error,
                                const std::optional<User>& user) {
  auto event = deps_.audit_log.draft(Action::invalid_token, client);
  if (user) attribute(event, *user);
  return deps_.audit_log.failed_by_stranger(std::move(event), JsonObject{}.add("reason", reason),
                                            std::move(error));
}

} // namespace baluhost
