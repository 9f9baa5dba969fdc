#include "baluhost/core/identity/auth_service.hpp"

#include "baluhost/core/access/access_policy.hpp"
#include "identity/password_check.hpp"

#include <algorithm>
#include <utility>
#include <variant>
#include <vector>

/// Logins, refreshes and the check of access tokens. Nothing that a stranger can measure may depend
/// on whether an account exists: an unknown name, a disabled account and a wrong password cost the
/// same look-ups, the same hashes and one event. Tokens are signed before the transaction that
/// makes them valid, so that a missing key consumes nothing, and a crash after the commit costs the
/// client a login, no more.
namespace baluhost {
namespace {

constexpr std::size_t kIdBytes = 16;
constexpr int kMostUnknownSecrets = 300;
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

AuthService::AuthService(const Dependencies& deps, AuthOptions options)
    : deps_(deps),
      options_(options),
      password_check_(std::make_unique<PasswordCheck>(deps.hasher, deps.random, deps.clock)),
      guess_throttle_(deps.clock, {.max_attempts = kMostUnknownSecrets}) {}

AuthService::~AuthService() = default;

std::chrono::microseconds AuthService::check_time() const noexcept {
  return password_check_->check_time();
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

Result<AuthService::NewSession> AuthService::prepare_session(UserId user, Timestamp now) {
  const auto end = whole_seconds(now) + options_.refresh_ttl;
  BALUHOST_TRY(auto id, random_id(deps_.random));
  SessionId session{std::move(id)};
  BALUHOST_TRY(auto tokens, issue(session, user, now, end));
  return NewSession{std::move(session), end, std::move(tokens)};
}

Result<Recorded<AuthService::Admitted>> AuthService::store_session(
    WriteTransaction& tx, const NewSession& session, User user, const Client& client, Timestamp now,
    const std::vector<Factor>& factors) {
  BALUHOST_CHECK(tx.sessions().insert(Session{.id = session.id,
                                              .user = user.id,
                                              .created_at = now,
                                              .last_used_at = now,
                                              .expires_at = session.end,
                                              .client = client},
                                      session.tokens.refresh_hash));
  BALUHOST_TRY(const bool was_reset, tx.second_factors().take_reset(user.id));
  std::vector<std::string> names;
  for (const Factor factor : factors) names.push_back(json_text(to_string(factor)));
  auto event = with_details(
      deps_.audit_log.draft(Action::login_success, client),
      JsonObject{}.add("session_id", session.id.value).add_json("factors", json_array(names)));
  attribute(event, user);
  const bool has_second_factor = factors.size() > 1;
  return recorded(Admitted{std::move(user), has_second_factor, was_reset}, std::move(event));
}

TokenGrant AuthService::grant(const SessionId& session, TokenPair tokens, Admitted admitted) const {
  const bool is_lacking = lacks_second_factor(admitted.user, admitted.has_second_factor);
  return {.access = std::move(tokens.access),
          .refresh = std::move(tokens.refresh),
          .read = std::move(tokens.read),
          .access_expires_in = tokens.access_expires_in,
          .refresh_expires_in = tokens.refresh_expires_in,
          .session = session,
          .user = std::move(admitted.user),
          .second_factor_setup_required = is_lacking,
          .second_factor_was_reset = admitted.was_reset};
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
  return grant(claims.session, *std::move(pair),
               {*std::move(use.seen.user), use.seen.has_second_factor, use.seen.was_reset});
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
  seen.has_second_factor = state->has_second_factor;
  if (is_over(*state, now)) return Error{Errc::token_revoked, "the session is over"};

  BALUHOST_TRY(const auto use,
               tx.sessions().rotate(claims.session, rotation.used, rotation.next, now));
  switch (use.outcome) {
    case RefreshUse::Outcome::consumed: {
      BALUHOST_TRY(seen.was_reset, tx.second_factors().take_reset(claims.subject));
      return {};
    }
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
  if (lacks_second_factor(state->user, state->has_second_factor)) return setup_required();
  return Principal{principal.name(), principal.user(), state->user.role, principal.credential(),
                   principal.client()};
}

Error AuthService::refused(Error error, TokenRefusal& refusal) {
  refusal.reason = error.code == Errc::token_expired ? "expired" : error.detail;
  return error;
}

Result<Principal> AuthService::identify(std::string_view token, const Client& client,
                                        Audience audience, TokenRefusal& refusal) {
  if (token.empty()) {
    refusal.reason = "missing";
    return Error{Errc::unauthenticated, "no access token"};
  }
  switch (audience) {
    case Audience::access:
      if (is_key(token)) return identify_key(token, client, refusal);
      return identify_bearer(token, client, refusal);
    case Audience::share:
      return identify_share_cookie(token, client, refusal);
    case Audience::read:
      break;
  }
  auto claims = deps_.tokens.verify_read(token, deps_.clock.now());
  if (!claims) return refused(std::move(claims).error(), refusal);
  return identify(*claims, client, refusal);
}

Result<Principal> AuthService::identify_bearer(std::string_view token, const Client& client,
                                               TokenRefusal& refusal) {
  auto claims = deps_.tokens.verify_bearer(token, deps_.clock.now());
  if (!claims) return refused(std::move(claims).error(), refusal);
  return std::visit([&](const auto& of_kind) { return identify(of_kind, client, refusal); },
                    *claims);
}

Result<Principal> AuthService::identify(const TokenClaims& claims, const Client& client,
                                        TokenRefusal& refusal) {
  const auto revoked = [&](const char* why) {
    refusal.reason = "revoked";
    return Error{Errc::token_revoked, why};
  };
  BALUHOST_TRY(auto state, deps_.identities.find(claims.session));
  if (!state || state->user.id != claims.subject) return revoked("no such session");
  if (is_over(*state, deps_.clock.now())) {
    refusal.user = state->user;
    return revoked("the session is over");
  }
  return Principal{state->user.username.str(),
                   state->user.id,
                   state->user.role,
                   SessionCredential{state->session.id},
                   client,
                   lacks_second_factor(state->user, state->has_second_factor)};
}

bool AuthService::lacks_second_factor(const User& user, bool has_one) const noexcept {
  return !has_one && needs_second_factor(options_.second_factor, user.role);
}

Error AuthService::setup_required() {
  return {Errc::second_factor_setup_required, "the account has to have a second factor"};
}

Error AuthService::refuse_token(const Client& client, std::string_view reason, Error error,
                                const std::optional<User>& user) {
  auto event = deps_.audit_log.draft(Action::invalid_token, client);
  if (user) attribute(event, *user);
  return deps_.audit_log.failed_by_stranger(std::move(event), JsonObject{}.add("reason", reason),
                                            std::move(error));
}

} // namespace baluhost
