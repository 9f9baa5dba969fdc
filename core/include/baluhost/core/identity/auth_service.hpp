#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/core/identity/identity_cache.hpp"
#include "baluhost/core/identity/login_throttle.hpp"
#include "baluhost/core/page.hpp"
#include "baluhost/domain/identity/session.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/password_hasher.hpp"
#include "baluhost/ports/random_source.hpp"
#include "baluhost/ports/token_codec.hpp"
#include "baluhost/ports/transactions.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

struct AuthOptions {
  std::chrono::seconds access_ttl{std::chrono::minutes{15}};
  std::chrono::seconds refresh_ttl{std::chrono::hours{24 * 7}};
  std::chrono::seconds reuse_grace{
      10}; ///< a spent refresh token shown again this soon is an accident, not a theft
};

/// The answer to a login or refresh.
struct TokenGrant {
  AccessToken access;
  RefreshToken refresh;
  std::chrono::seconds access_expires_in{};
  std::chrono::seconds refresh_expires_in{};
  SessionId session;
  User user;
};

/// Logins, tokens and sessions. Every call writes its event, failed ones too. Safe from many
/// threads; `login` and `change_password` take the time of a password hash: call them from threads
/// that may be busy.
class AuthService {
 public:
  struct Parts {
    Database& database;
    AuditLog& audit_log;
    IdentityCache& identities;
    LoginThrottle& throttle;
    PasswordHasher& hasher;
    TokenCodec& tokens;
    Digester& digester;
    RandomSource& random;
    const Clock& clock;
  };
  AuthService(const Parts& parts, AuthOptions options);

  /// `username` as the client sent it: a name that breaks the rules fails like an unknown one.
  /// invalid_credentials (same in every case, in the same time), rate_limited with `retry_after`,
  /// unavailable.
  [[nodiscard]] Result<TokenGrant> login(std::string_view username, const Secret& password,
                                         const Client& client);

  /// How long it takes these days, at most, to find that a password does not fit. A login that is
  /// refused as rate_limited did without that or not: answered no sooner than this, it does not
  /// tell which.
  [[nodiscard]] std::chrono::microseconds check_time() const noexcept {
    return std::chrono::microseconds{check_time_.load()};
  }

  /// Uses `token` once and gives the next pair of its session. unauthenticated, token_expired,
  /// token_revoked (spent, or the session is over). A token spent longer than `reuse_grace` ago
  /// ends its session: `refresh_reuse_detected`.
  [[nodiscard]] Result<TokenGrant> refresh(std::string_view token, const Client& client);

  /// Whose token this is, as the database has it now. unauthenticated, token_expired,
  /// token_revoked; recorded as `invalid_token`. An empty `token` is unauthenticated too.
  [[nodiscard]] Result<Principal> authenticate(std::string_view token, const Client& client);
  /// As `authenticate`, for an answer that goes on after its request was let in. Nobody tries
  /// anything then: a token that is over by now leaves no event.
  [[nodiscard]] Result<Principal> authenticate_again(std::string_view token, const Client& client);

  /// The caller of an answer that goes on long after its request was let in, with the role that
  /// they have now. token_revoked: the session was ended, or the account disabled or deleted. A
  /// token that expired does no harm.
  [[nodiscard]] Result<Principal> look_again(const Principal& principal);

  [[nodiscard]] Result<void> logout(const Principal& principal);
  [[nodiscard]] Result<void> logout_all(const Principal& principal);
  [[nodiscard]] Result<User> me(const Principal& principal);
  /// Ends every other session. invalid_credentials, invalid_request at "/new_password",
  /// rate_limited.
  [[nodiscard]] Result<void> change_password(const Principal& principal, const Secret& current,
                                             const Secret& next);

  [[nodiscard]] Result<Page<Session>> sessions(const Principal& principal, const PageRequest& page);
  /// not_found unless it is a live session of the caller's.
  [[nodiscard]] Result<void> revoke_session(const Principal& principal, const SessionId& id);

  /// For administrators: another's sessions. not_found, forbidden.
  [[nodiscard]] Result<Page<Session>> sessions_of(const Principal& principal, const Username& user,
                                                  const PageRequest& page);
  [[nodiscard]] Result<void> revoke_any_session(const Principal& principal, const SessionId& id);
  /// Gives how many were revoked.
  [[nodiscard]] Result<std::int64_t> revoke_sessions_of(const Principal& principal,
                                                        const Username& user);

 private:
  struct TokenPair {
    AccessToken access;
    RefreshToken refresh;
    RefreshTokenHash refresh_hash;
    std::chrono::seconds access_expires_in{};
    std::chrono::seconds refresh_expires_in{};
  };
  Result<TokenPair> issue(const SessionId& session, UserId user, Timestamp now,
                          Timestamp session_end);
  Result<TokenGrant> admit(const Credentials& credentials, const Secret& password,
                           const Client& client, Timestamp now);
  /// Why a token is refused, for the record; no reason where it was not the token's fault.
  struct TokenRefusal {
    std::string reason;
    std::optional<User> user;
  };
  /// What a refresh saw in its transaction.
  struct TokenUse {
    std::optional<User> user;
    bool is_stolen{false}; ///< spent for longer than an accident takes
  };
  struct Rotation {
    RefreshTokenHash used;
    RefreshTokenHash next;
  };
  /// token_revoked.
  Result<void> use_once(WriteTransaction& tx, const TokenClaims& claims, const Rotation& rotation,
                        Timestamp now, TokenUse& seen);
  Result<void> end_reused(const User& user, const SessionId& session, const Client& client,
                          Timestamp now);
  Result<Principal> identify(std::string_view token, const Client& client, TokenRefusal& refusal);
  Error refuse_token(const Client& client, std::string_view reason, Error error,
                     const std::optional<User>& user = {});
  bool decoys_are_due();
  Result<void> keep_decoys(std::vector<PasswordHash> hashes);
  std::vector<PasswordHash> decoys_beside(const PasswordHash* own);
  Result<bool> check_password(const Result<Secret>& password, const PasswordHash* own);
  Result<Credentials> own_credentials(const Principal& principal);
  Result<Page<Session>> page_of_sessions(UserId user, const PageRequest& page);

  Parts parts_;
  AuthOptions options_;
  std::mutex decoys_mutex_;
  std::vector<PasswordHash> decoys_; ///< one hash of each settings in use among the accounts
  std::chrono::microseconds decoys_until_{};
  std::atomic<std::int64_t> check_time_{0}; ///< microseconds
};

} // namespace baluhost
