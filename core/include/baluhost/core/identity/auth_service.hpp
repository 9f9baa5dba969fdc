#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/core/identity/identity_cache.hpp"
#include "baluhost/core/identity/login_throttle.hpp"
#include "baluhost/core/keys/key_uses.hpp"
#include "baluhost/domain/identity/read_token.hpp"
#include "baluhost/domain/identity/second_factor.hpp"
#include "baluhost/domain/identity/session.hpp"
#include "baluhost/domain/identity/share.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/password_hasher.hpp"
#include "baluhost/ports/random_source.hpp"
#include "baluhost/ports/seed_cipher.hpp"
#include "baluhost/ports/token_codec.hpp"
#include "baluhost/ports/transactions.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

/// Of `AuthService`: the keys of the configuration below `auth`.
struct AuthOptions {
  std::chrono::seconds access_ttl{std::chrono::minutes{15}};
  std::chrono::seconds refresh_ttl{std::chrono::hours{24 * 7}};

  /// A spent refresh token that is shown again this soon is an accident, not a theft.
  std::chrono::seconds reuse_grace{10};

  /// Whose accounts have to have a second factor.
  SecondFactorRule second_factor{SecondFactorRule::none};

  /// Whether tokens of shares are taken.
  bool shares{true};
};

class PasswordCheck;

/// What becomes of an account's keys when its password changes.
enum class KeysAfter { ended, kept };

/// The answer to a login or refresh.
struct TokenGrant {
  AccessToken access;
  RefreshToken refresh;

  /// Lives as long as `access`; for clients that keep tokens in cookies.
  ReadToken read;
  std::chrono::seconds access_expires_in{};
  std::chrono::seconds refresh_expires_in{};
  SessionId session;
  User user;

  /// The tokens open what sets a second factor up, and no more.
  bool second_factor_setup_required{false};

  /// Somebody else took the account's second factor away; told once.
  bool second_factor_was_reset{false};
};

/// Authenticates: a person by a password or a refresh token, a request by the token that it has.
/// Every call writes its event, failed ones too. Safe from many threads; `login` and
/// `change_password` take the time of a password hash: call them from threads that may be busy.
class AuthService {
 public:
  /// What it works with; all must outlive it.
  struct Dependencies {
    Database& database;
    AuditLog& audit_log;
    IdentityCache& identities;
    LoginThrottle& throttle;
    PasswordHasher& hasher;
    TokenCodec& tokens;
    Digester& digester;
    RandomSource& random;
    const Clock& clock;
    KeyUses& key_uses;
    SeedCipher& seeds;
  };

  /// Keeps nothing of its own between calls.
  AuthService(const Dependencies& deps, AuthOptions options);
  ~AuthService();

  /// `username` as the client sent it: a name that breaks the rules fails like an unknown one.
  /// invalid_credentials (same in every case, in the same time), rate_limited with `retry_after`,
  /// unavailable. second_factor_required: the password fits, and the account has a second factor;
  /// `challenge` is for `login_with_code`.
  [[nodiscard]] Result<TokenGrant> login(std::string_view username, const Secret& password,
                                         const Client& client);

  /// Ends a login that a challenge of `login` stands for, once, by a code of the second factor.
  /// invalid_credentials: a wrong code, or one that was used; token_revoked: the challenge is none,
  /// was used, had its five codes, or the account changed; token_expired; rate_limited: too many
  /// wrong codes of the account, or challenges that are none.
  [[nodiscard]] Result<TokenGrant> login_with_code(std::string_view challenge, const Secret& code,
                                                   const Client& client);

  /// How long it takes these days, at most, to find that a password does not fit. A login that is
  /// refused as rate_limited did without that or not: answered no sooner than this, it does not
  /// tell which.
  [[nodiscard]] std::chrono::microseconds check_time() const noexcept;

  /// Uses `token` once and returns the next pair of its session. unauthenticated, token_expired,
  /// token_revoked (spent, or the session is over). A token spent longer than `reuse_grace` ago
  /// ends its session: `refresh_reuse_detected`.
  [[nodiscard]] Result<TokenGrant> refresh(std::string_view token, const Client& client);

  /// Whose token this is, an access token, the secret of a key or the token of a share, as the
  /// database has it now. unauthenticated, token_expired, token_revoked, rate_limited (secrets of
  /// no key, again and again); recorded as `invalid_token`. An empty `token` is unauthenticated
  /// too, and so is one for another `audience`, such as a key where a token to read is due. What
  /// a key or a share opens is for the policy to say.
  [[nodiscard]] Result<Principal> authenticate(std::string_view token, const Client& client,
                                               Audience audience = Audience::access);

  /// As `authenticate`, for an answer that goes on after its request was let in. Nobody tries
  /// anything then: a token that is over by now leaves no event.
  [[nodiscard]] Result<Principal> authenticate_again(std::string_view token, const Client& client,
                                                     Audience audience = Audience::access);

  /// The caller of an answer that goes on long after its request was let in, with the role that
  /// they have now. token_revoked: the session, the key or the share was ended, or the account
  /// disabled or deleted; token_expired: the key is over. A token that expired does no harm.
  /// second_factor_setup_required: the account has to have a second factor by now, and has none.
  [[nodiscard]] Result<Principal> look_again(const Principal& principal);

  /// For a program that found out by itself who asks: by single sign-on, a client's certificate, a
  /// service account of its own. The caller's session, as a login begins it, but without tokens: it
  /// ends after `refresh_ttl`, or when it is revoked. Keep the principal; call this again for the
  /// next session, not for each request. `method` stands in the event, with 50 characters at most.
  /// The account's role, and what is required of its second factor, hold as after a login.
  /// No password is asked for and no throttle looked at: whoever can call this can be anybody.
  /// invalid_credentials: there is no such account, or it is disabled. unavailable.
  [[nodiscard]] Result<Principal> act_as(const Username& name, const Client& client,
                                         std::string_view method);

  /// Sets the caller's own password and ends every other session of theirs, and the keys, if told
  /// so. invalid_credentials, invalid_request at "/new_password", rate_limited; not_found: a local
  /// operator has no account.
  [[nodiscard]] Result<void> change_password(const Principal& principal, const Secret& current,
                                             const Secret& next, KeysAfter keys = KeysAfter::ended);

 private:
  struct TokenPair {
    AccessToken access;
    RefreshToken refresh;
    ReadToken read;
    RefreshTokenHash refresh_hash;
    std::chrono::seconds access_expires_in{};
    std::chrono::seconds refresh_expires_in{};
  };
  Result<TokenPair> issue(const SessionId& session, UserId user, Timestamp now,
                          Timestamp session_end);

  /// A session before it is stored.
  struct NewSession {
    SessionId id;
    Timestamp end;
    TokenPair tokens;
  };

  /// Whom a transaction gave tokens.
  struct Admitted {
    User user;
    bool has_second_factor{false};
    bool was_reset{false};
  };
  Result<NewSession> prepare_session(UserId user, Timestamp now);
  Result<Recorded<Admitted>> store_session(WriteTransaction& tx, const NewSession& session,
                                           User user, const Client& client, Timestamp now,
                                           const std::vector<Factor>& factors);
  TokenGrant grant(const SessionId& session, TokenPair tokens, Admitted admitted) const;
  struct Login;

  /// What a login needs to know before it hashes anything.
  struct Account {
    std::optional<Credentials> credentials;
    KnownAddress known_address{};
    bool has_second_factor{false};
  };
  Result<TokenGrant> try_login(Login& login, Errc when_changed);
  Result<Account> find_account(const Login& login);
  Result<TokenGrant> admit(const Credentials& credentials, const Secret& password,
                           const Client& client, Timestamp now);
  Error challenge(Login& login, const Credentials& credentials, const Secret& password);
  static Result<User> hold_password(WriteTransaction& tx, const Credentials& credentials,
                                    const std::optional<PasswordHash>& renewed, Timestamp now);
  std::optional<PasswordHash> renew(const PasswordHash& old, const Secret& password);

  /// A login whose code has come.
  struct CodeLogin;
  Result<CodeLogin> find_challenge(std::string_view challenge, const Client& client);
  Result<Recorded<std::optional<Admitted>>> finish_login(WriteTransaction& tx,
                                                         const CodeLogin& login);

  /// Why a token is refused, for the record; no reason where it was not the token's fault.
  struct TokenRefusal {
    std::string reason;
    std::optional<User> user;
  };

  /// What a refresh saw in its transaction.
  struct TokenUse {
    std::optional<User> user;
    bool is_stolen{false}; ///< spent for longer than an accident takes
    bool has_second_factor{false};
    bool was_reset{false};
  };
  struct Rotation {
    RefreshTokenHash used;
    RefreshTokenHash next;
  };

  Result<TokenClaims> verify_refresh(std::string_view token, const Client& client, Timestamp now);

  /// token_revoked.
  Result<void> use_once(WriteTransaction& tx, const TokenClaims& claims, const Rotation& rotation,
                        Timestamp now, TokenUse& seen);
  Result<void> end_reused(const User& user, const SessionId& session, const Client& client,
                          Timestamp now);
  Result<Principal> identify(std::string_view token, const Client& client, Audience audience,
                             TokenRefusal& refusal);
  Result<Principal> identify_bearer(std::string_view token, const Client& client,
                                    TokenRefusal& refusal);
  Result<Principal> identify_share_cookie(std::string_view token, const Client& client,
                                          TokenRefusal& refusal);
  Result<Principal> identify(const TokenClaims& claims, const Client& client,
                             TokenRefusal& refusal);
  Result<Principal> identify(const ShareClaims& claims, const Client& client,
                             TokenRefusal& refusal);
  static Error refused(Error error, TokenRefusal& refusal);
  Result<Principal> admit(const ShareId& id, std::int64_t generation, const Client& client);
  static bool is_key(std::string_view token) noexcept;
  Result<Principal> identify_key(std::string_view secret, const Client& client,
                                 TokenRefusal& refusal);
  [[nodiscard]] Principal principal_of(const KeyState& state, const KeyHash& secret,
                                       const Client& client) const;
  Result<Principal> look_again(const KeyCredential& key, const Client& client);

  /// `error`, or rate_limited where the network has shown too many secrets that are none.
  Error unknown_secret(const Client& client, Error error);
  [[nodiscard]] bool lacks_second_factor(const User& user, bool has_one) const noexcept;
  static Error setup_required();
  Error refuse_token(const Client& client, std::string_view reason, Error error,
                     const std::optional<User>& user = {});

  Dependencies deps_;
  AuthOptions options_;
  std::unique_ptr<PasswordCheck> password_check_;
  LoginThrottle guess_throttle_; ///< of secrets of no key, and challenges of no login
};

} // namespace baluhost
