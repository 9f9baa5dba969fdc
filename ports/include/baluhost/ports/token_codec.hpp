#pragma once

#include "baluhost/domain/identity/read_token.hpp"
#include "baluhost/domain/identity/session.hpp"
#include "baluhost/domain/identity/share.hpp"
#include "baluhost/domain/result.hpp"

#include <string_view>
#include <variant>

namespace baluhost {
/// What a bearer token (RFC 6750) stands for: a session of an account, or a share.
using BearerClaims = std::variant<TokenClaims, ShareClaims>;

/// Signed tokens (RFC 7519, HS256, guarded as RFC 8725 asks). Knows keys and form, not sessions:
/// whether a token's session still lives is for the core to say. Safe from many threads.
///
/// Verification accepts exactly: at most 4096 bytes of base64url and two dots; a header of exactly
/// `alg` HS256, `typ` JWT and a known `kid`; exactly the nine claims of the contract, each of its
/// type; `iss`, `aud` and `type` of the kind asked for; `exp` without leeway, `nbf` and `iat` with
/// 5 s. Else unauthenticated, with the reason in `detail` (one of "malformed", "bad_header",
/// "unknown_key", "bad_signature", "bad_claims", "wrong_type", "not_yet_valid"), or token_expired
/// when only that is wrong.
class TokenCodec {
 public:
  virtual ~TokenCodec() = default;
  [[nodiscard]] virtual Result<AccessToken> sign_access(
      const TokenClaims& claims) = 0; ///< unavailable without a key
  [[nodiscard]] virtual Result<RefreshToken> sign_refresh(
      const TokenClaims& claims) = 0; ///< unavailable without a key
  [[nodiscard]] virtual Result<ReadToken> sign_read(
      const TokenClaims& claims) = 0; ///< unavailable without a key

  /// The claims of a token of that kind. Errors as above.
  [[nodiscard]] virtual Result<TokenClaims> verify_access(std::string_view token,
                                                          Timestamp now) = 0;
  [[nodiscard]] virtual Result<TokenClaims> verify_refresh(std::string_view token,
                                                           Timestamp now) = 0;
  [[nodiscard]] virtual Result<TokenClaims> verify_read(std::string_view token, Timestamp now) = 0;

  /// unavailable without a key.
  [[nodiscard]] virtual Result<ShareToken> sign_share(const ShareClaims& claims,
                                                      ShareTransport transport) = 0;
  [[nodiscard]] virtual Result<ShareClaims> verify_share(std::string_view token,
                                                         ShareTransport transport,
                                                         Timestamp now) = 0;

  /// Of either kind that an Authorization header brings, in one verification: an access token, or
  /// the token of a share that is no cookie.
  [[nodiscard]] virtual Result<BearerClaims> verify_bearer(std::string_view token,
                                                           Timestamp now) = 0;
};

} // namespace baluhost
