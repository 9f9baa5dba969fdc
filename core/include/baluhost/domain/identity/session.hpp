#pragma once

#include "baluhost/domain/digest.hpp"
#include "baluhost/domain/identity/ip_address.hpp"
#include "baluhost/domain/identity/user.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/secret.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace baluhost {

/// Who is on the other side of a request.
struct Client {
  std::optional<IpAddress> ip_address;   ///< none for a local program
  std::optional<IpAddress> peer_address; ///< of the proxy, where it differs from `ip_address`
  std::optional<std::string> user_agent; ///< at most 500 characters
};

/// One login. Its tokens carry its id; it ends by logout, revocation, reuse of a spent token, or
/// time.
struct Session {
  SessionId id;
  UserId user;
  Timestamp created_at;
  Timestamp last_used_at;
  Timestamp expires_at; ///< of its refresh tokens, whichever rotation; absolute
  std::optional<Timestamp> revoked_at;
  Client client;
};

/// The SHA-256 of a refresh token's `jti`. The id itself is never stored.
struct RefreshTokenHash {
  Sha256Digest digest;
  auto operator<=>(const RefreshTokenHash&) const = default;
};

/// What became of the attempt to use a refresh token once.
struct RefreshUse {
  /// Whether it was the first use, a later one, or one of a token that nobody knows.
  enum class Outcome { consumed, spent, unknown };
  Outcome outcome{Outcome::unknown};
  Timestamp spent_at; ///< for spent: when it was used
};

/// The nine claims of both kinds of token (RFC 7519), but for those that follow from the kind.
struct TokenClaims {
  UserId subject;
  SessionId session;
  std::string token_id; ///< `jti`, 128 random bits in hex
  Timestamp issued_at;  ///< whole seconds; `nbf` is the same
  Timestamp expires_at; ///< whole seconds
};

/// Two types, so that one is never taken for the other.
struct AccessToken {
  Secret text;
};
/// A refresh token as the server signed it.
struct RefreshToken {
  Secret text;
};

/// What an authenticated request needs to know of its session and user.
struct SessionState {
  Session session;
  User user;
  bool has_second_factor{false}; ///< a confirmed one
};

} // namespace baluhost
