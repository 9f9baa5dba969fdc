#pragma once

#include "baluhost/domain/identity/session.hpp"
#include "baluhost/domain/result.hpp"
#include "key_set.hpp"

#include <string>
#include <string_view>

namespace baluhost {

inline constexpr std::string_view kTokenIssuer = "baluhost";

enum class TokenType { access, refresh, read, share, share_cookie };

/// "access", "refresh", "read", "share", "share_cookie"
std::string_view to_string(TokenType type) noexcept;

/// "baluhost:access", …
std::string token_audience(TokenType type);

/// Whose keys sign it. Tokens that live as long as the access tokens have their keys; type and
/// audience tell them apart.
KeyKind key_kind(TokenType type) noexcept;

/// A compact JWS (RFC 7515) with the nine claims of the contract. unavailable if it cannot be made.
Result<Secret> sign_token(const SecretKey& key, TokenType type, const TokenClaims& claims);

} // namespace baluhost
