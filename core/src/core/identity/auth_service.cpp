#include "baluhost/core/identity/auth_service.hpp"

#include "baluhost/core/identity/password_policy.hpp"
#include "baluhost/domain/identity/ip_address.hpp"
#include "baluhost/domain/text.hpp"
#include "baluhost/ports/transactions.hpp"

#include <algorithm>
#include <utility>
#include <vector>

/// Logins, refreshes and the check of access tokens. Nothing that a stranger can measure may depend
/// on whether an account exists: an unknown name, a disabled account and a wrong password cost the
/// same look-ups, the same hashes and one event. What a hash costs depends on the settings that it
/// was made with, and accounts keep theirs until they log in. So a password that does not fit is
/// compared with one hash of each settings in use, whoever's name it was tried with; one that fits
/// ends at the first. Tokens are signed before the transaction that makes them valid, so that a
/// missing key consumes nothing, and a crash behind the commit costs the client a login, no more.
namespace baluhost {
namespace {

constexpr std::size_t kIdBytes = 16;
constexpr auto kKnownAddressFor = std::chrono::hours{24 * 30};
constexpr int kMostLoginTries = 3;
constexpr std::size_t kMostSettings =
    8; ///< that are told apart; more would make a failed login too dear
constexpr auto kDecoysFor = std::chrono::minutes{1};
constexpr auto kUsedAgain = "a spent refresh token was used again";
constexpr std::int64_t kCheckTimeDecay = 64; ///< the longest check counts for some 64 logins

Timestamp whole_seconds(Timestamp t) { return {t.seconds() * 1'000'000}; }

std::chrono::seconds seconds_between(Timestamp from, Timestamp to) {
  return std::chrono::duration_cast<std::chrono::seconds>(to - from);
}

Result<std::string> random_id(RandomSource& random) {
  BALUHOST_TRY(const auto bytes, random.bytes(kIdBytes));
  return to_hex(bytes);
}

/// What of a PHC string says what verifying it costs: all but salt and hash.
std::string_view settings_of(const PasswordHash& hash) {
  const auto text = hash.phc.reveal();
  const auto end = text.rfind('$');
  return end == std::string_view::npos || end == 0 ? text
                                                   : text.substr(0, text.rfind('$', end - 1));
}

/// One hash of each settings in use among the accounts.
Result<std::vector<PasswordHash>> hashes_in_use(ReadTransaction& tx) {
  std::vector<PasswordHash> found;
  std::string after;
  while (found.size() < kMostSettings) {
    BALUHOST_TRY(auto hash, tx.users().first_hash_after(after));
    if (!hash) break;
    after = std::string{settings_of(*hash)} + '%'; // which follows the dollar sign
    found.push_back(*std::move(hash));
  }
  return found;
}

/// What a login needs to know before it hashes anything.
struct Account {
  std::optional<Credentials> credentials;
  bool known_address{false};
  std::optional<std::vector<PasswordHash>> hashes_in_use; ///< if they were asked for
};

/// Without a name that could exist, another one is looked up in vain: it takes the same time.
Result<Account> find_account(Database& database, const std::optional<Username>& name,
                             const Client& client, Timestamp now, bool with_hashes_in_use) {
  static const auto stand_in = Username::parse("nobody").value();
  const auto here = throttle_key(client.ip_address);
  return query(database, [&](ReadTransaction& tx) -> Result<Account> {
    Account account;
    BALUHOST_TRY(auto found, tx.users().find_credentials(name ? *name : stand_in));
    if (name) account.credentials = std::move(found);
    const auto user = account.credentials ? account.credentials->user.id : UserId{};
    BALUHOST_TRY(const auto addresses, tx.sessions().login_addresses(user, now - kKnownAddressFor));
    account.known_address = std::ranges::any_of(addresses, [&](const auto& address) {
      return client.ip_address && throttle_key(address) == here;
    });
    if (with_hashes_in_use) {
      BALUHOST_TRY(account.hashes_in_use, hashes_in_use(tx));
    }
    return account;
  });
}

bool is_over(const SessionState& state, Timestamp now) {
  return state.session.revoked_at || state.session.expires_at <= now || !state.user.enabled;
}

} // namespace

AuthService::AuthService(const Parts& parts, AuthOptions options)
    : parts_(parts), options_(options) {}

bool AuthService::decoys_are_due() {
  const std::lock_guard lock(decoys_mutex_);
  return decoys_.empty() || parts_.clock.monotonic() >= decoys_until_;
}

/// Without an account there is no settings in use, and the present one does.
Result<void> AuthService::keep_decoys(std::vector<PasswordHash> hashes) {
  if (hashes.empty()) {
    BALUHOST_TRY(const auto password, parts_.random.bytes(kIdBytes));
    BALUHOST_TRY(auto hash, parts_.hasher.hash(Secret{to_hex(password)}));
    hashes.push_back(std::move(hash));
  }
  const std::lock_guard lock(decoys_mutex_);
  decoys_ = std::move(hashes);
  decoys_until_ = parts_.clock.monotonic() + kDecoysFor;
  return {};
}

/// The decoys, and for `own` none of its settings. Settings that are new among the accounts are
/// kept from now on.
std::vector<PasswordHash> AuthService::decoys_beside(const PasswordHash* own) {
  const std::lock_guard lock(decoys_mutex_);
  auto decoys = decoys_;
  if (own == nullptr) return decoys;
  if (std::erase_if(decoys, [&](const auto& decoy) {
        return settings_of(decoy) == settings_of(*own);
      }) == 0) {
    decoys_.push_back(*own);
  }
  return decoys;
}

/// Whether `password` fits `own`; `own` is null without an account. What it takes to find that it
/// does not is the same for every name, and remembered for the answers that do without.
Result<bool> AuthService::check_password(const Result<Secret>& password, const PasswordHash* own) {
  const auto begun = parts_.clock.monotonic();
  const auto& text = password ? *password : Secret{};
  if (own != nullptr) {
    BALUHOST_TRY(const bool fits, parts_.hasher.verify(text, *own));
    if (fits && password) return true;
  }
  for (const auto& decoy : decoys_beside(own)) BALUHOST_CHECK(parts_.hasher.verify(text, decoy));
  const auto took = (parts_.clock.monotonic() - begun).count();
  const auto before = check_time_.load();
  check_time_ = std::max(took, before - before / kCheckTimeDecay);
  return false;
}

Result<AuthService::TokenPair> AuthService::issue(const SessionId& session, UserId user,
                                                  Timestamp now, Timestamp session_end) {
  const auto issued_at = whole_seconds(now);
  BALUHOST_TRY(auto access_id, random_id(parts_.random));
  BALUHOST_TRY(auto refresh_id, random_id(parts_.random));
  const auto access_end = std::min(issued_at + options_.access_ttl, session_end);

  TokenPair pair;
  pair.refresh_hash = {parts_.digester.sha256(refresh_id)};
  pair.access_expires_in = seconds_between(issued_at, access_end);
  pair.refresh_expires_in = seconds_between(issued_at, session_end);
  BALUHOST_TRY(pair.access, parts_.tokens.sign_access(
                                {user, session, std::move(access_id), issued_at, access_end}));
  BALUHOST_TRY(pair.refresh, parts_.tokens.sign_refresh(
                                 {user, session, std::move(refresh_id), issued_at, session_end}));
  return pair;
}

Result<TokenGrant> AuthService::login(std::string_view username, const Secret& password,
                                      const Client& client) {
  const auto now = parts_.clock.now();
  auto parsed = Username::parse(username);
  const auto name = parsed ? std::optional{*parsed} : std::nullopt;
  const auto attempted = name ? name->str() : clamp_text(username, AuditLimits::user);
  auto event = parts_.audit_log.draft(Action::login_failed, client);
  const auto details =
      JsonObject{}.add("attempted_username", clamp_text(username, AuditLimits::user));

  for (int tries = 1;; ++tries) {
    auto account = find_account(parts_.database, name, client, now, decoys_are_due());
    if (account && account->hashes_in_use) {
      auto kept = keep_decoys(*std::move(account->hashes_in_use));
      if (!kept) account = std::move(kept).error();
    }
    if (!account)
      return parts_.audit_log.failed(with_details(std::move(event), details),
                                     std::move(account).error());
    const auto& credentials = account->credentials;
    if (credentials) attribute(event, credentials->user);

    const auto throttled =
        parts_.throttle.wait(attempted, client.ip_address, account->known_address,
                             credentials ? credentials->unlocked_at : std::nullopt);
    const Error too_many{.code = Errc::rate_limited,
                         .detail = "too many failed logins",
                         .retry_after = throttled.wait};
    if (!throttled.admitted)
      return parts_.audit_log.failed_by_stranger(std::move(event), details, too_many);

    const auto normal = normalise_password(password);
    const auto verified = check_password(normal, credentials ? &credentials->password : nullptr);
    if (!verified)
      return parts_.audit_log.failed(with_details(std::move(event), details), verified.error());
    if (*verified && credentials && credentials->user.enabled) {
      auto granted = admit(*credentials, *normal, client, now);
      if (granted) {
        parts_.throttle.succeeded(attempted, client.ip_address);
        return granted;
      }
      auto error = std::move(granted).error();
      if (error.code == Errc::conflict) {
        if (tries < kMostLoginTries) continue;
        error.code = Errc::unavailable;
      }
      return parts_.audit_log.failed(with_details(std::move(event), details), std::move(error));
    }

    parts_.throttle.failed(attempted, client.ip_address, throttled);
    if (throttled.wait.count() > 0)
      return parts_.audit_log.failed_by_stranger(std::move(event), details, too_many);
    return parts_.audit_log.failed(
        with_details(std::move(event), details),
        Error{Errc::invalid_credentials, "name and password do not fit"});
  }
}

/// The new session of a user whose password fits. conflict if the account changed since it was
/// looked up: another login may have renewed the hash, or somebody changed the password, so that
/// what was verified says nothing any more.
Result<TokenGrant> AuthService::admit(const Credentials& credentials, const Secret& password,
                                      const Client& client, Timestamp now) {
  const auto session_end = whole_seconds(now) + options_.refresh_ttl;
  BALUHOST_TRY(auto id, random_id(parts_.random));
  const SessionId session_id{std::move(id)};
  BALUHOST_TRY(auto pair, issue(session_id, credentials.user.id, now, session_end));

  std::optional<PasswordHash> renewed;
  if (parts_.hasher.needs_rehash(credentials.password)) {
    if (auto hash = parts_.hasher.hash(password))
      renewed = std::move(*hash); // else the old one does until the next login
  }

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
    auto event = with_details(parts_.audit_log.draft(Action::login_success, client),
                              JsonObject{}.add("session_id", session_id.value));
    attribute(event, user);
    return recorded(std::move(user), std::move(event));
  };
  BALUHOST_TRY(auto user, record(parts_.database, work));
  return TokenGrant{.access = std::move(pair.access),
                    .refresh = std::move(pair.refresh),
                    .access_expires_in = pair.access_expires_in,
                    .refresh_expires_in = pair.refresh_expires_in,
                    .session = session_id,
                    .user = std::move(user)};
}

Result<TokenGrant> AuthService::refresh(std::string_view token, const Client& client) {
  const auto now = parts_.clock.now();
  if (token.empty())
    return refuse_token(client, "missing", Error{Errc::unauthenticated, "no refresh token"});
  auto claims = parts_.tokens.verify_refresh(token, now);
  if (!claims) {
    const auto reason =
        claims.error().code == Errc::token_expired ? "expired" : claims.error().detail;
    return refuse_token(client, reason, std::move(claims).error());
  }

  auto event = parts_.audit_log.draft(Action::token_refresh, client);
  event.resource = claims->session.value;
  const auto details = JsonObject{}.add("token_type", "refresh");
  const RefreshTokenHash used{parts_.digester.sha256(claims->token_id)};
  auto pair = issue(claims->session, claims->subject, now, claims->expires_at);
  if (!pair)
    return parts_.audit_log.failed_by_stranger(std::move(event), details, std::move(pair).error());

  auto use = attempt<TokenUse>(
      parts_.database, [&](WriteTransaction& tx, TokenUse& seen) -> Result<AuditEvents> {
        BALUHOST_CHECK(use_once(tx, *claims, {used, pair->refresh_hash}, now, seen));
        auto refreshed = with_details(event, details);
        attribute(refreshed, *seen.user);
        return AuditEvents{std::move(refreshed)};
      });
  if (use.seen.is_stolen) {
    use.result = end_reused(*use.seen.user, claims->session, client, now);
    if (use.result) {
      parts_.identities.forget();
      return Error{.code = Errc::token_revoked, .detail = kUsedAgain, .recorded = true};
    }
  }
  if (!use.result) {
    if (use.seen.user) attribute(event, *use.seen.user);
    return parts_.audit_log.failed_by_stranger(std::move(event), details,
                                               std::move(use.result).error());
  }
  return TokenGrant{.access = std::move(pair->access),
                    .refresh = std::move(pair->refresh),
                    .access_expires_in = pair->access_expires_in,
                    .refresh_expires_in = pair->refresh_expires_in,
                    .session = claims->session,
                    .user = *std::move(use.seen.user)};
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
  auto event = with_details(parts_.audit_log.draft(Action::refresh_reuse_detected, client),
                            JsonObject{}.add("revoked_sessions", 1));
  attribute(event, user);
  event.resource = session.value;
  event.success = false;
  event.error_message = std::string{code_of(Errc::token_revoked)};
  return parts_.database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(tx.users().lock_accounts({.changes = user.id}));
    auto revoked = tx.sessions().revoke(session, now);
    if (!revoked && revoked.error().code == Errc::not_found)
      return Error{Errc::token_revoked, "another use ended the session at the same moment"};
    BALUHOST_CHECK(std::move(revoked));
    return AuditEvents{event};
  });
}

Result<Principal> AuthService::authenticate(std::string_view token, const Client& client) {
  TokenRefusal refusal;
  auto principal = identify(token, client, refusal);
  if (principal || refusal.reason.empty()) return principal;
  return refuse_token(client, refusal.reason, std::move(principal).error(), refusal.user);
}

Result<Principal> AuthService::authenticate_again(std::string_view token, const Client& client) {
  TokenRefusal refusal;
  return identify(token, client, refusal);
}

Result<Principal> AuthService::look_again(const Principal& principal) {
  if (!principal.session()) return principal;
  BALUHOST_TRY(const auto state, parts_.identities.find(*principal.session()));
  if (!state || state->session.revoked_at || !state->user.enabled) {
    return Error{Errc::token_revoked, "the session is over"};
  }
  return Principal{principal.name(), principal.user(), state->user.role, principal.session(),
                   principal.client()};
}

Result<Principal> AuthService::identify(std::string_view token, const Client& client,
                                        TokenRefusal& refusal) {
  const auto now = parts_.clock.now();
  const auto refused = [&](std::string reason, Error error) {
    refusal.reason = std::move(reason);
    return error;
  };
  if (token.empty()) return refused("missing", Error{Errc::unauthenticated, "no access token"});
  auto claims = parts_.tokens.verify_access(token, now);
  if (!claims) {
    auto reason = claims.error().code == Errc::token_expired ? "expired" : claims.error().detail;
    return refused(std::move(reason), std::move(claims).error());
  }
  BALUHOST_TRY(auto state, parts_.identities.find(claims->session));
  if (!state || state->user.id != claims->subject)
    return refused("revoked", Error{Errc::token_revoked, "no such session"});
  if (is_over(*state, now)) {
    refusal.user = state->user;
    return refused("revoked", Error{Errc::token_revoked, "the session is over"});
  }
  return Principal{state->user.username.str(), state->user.id, state->user.role, state->session.id,
                   client};
}

Error AuthService::refuse_token(const Client& client, std::string_view reason, Error error,
                                const std::optional<User>& user) {
  auto event = parts_.audit_log.draft(Action::invalid_token, client);
  if (user) attribute(event, *user);
  return parts_.audit_log.failed_by_stranger(std::move(event), JsonObject{}.add("reason", reason),
                                             std::move(error));
}

} // namespace baluhost
