#pragma once

#include "baluhost/domain/identity/session.hpp"
#include "baluhost/domain/result.hpp"
#include "key_set.hpp"

#include <string>
#include <string_view>

namespace baluhost {

inline constexpr std::string_view kTokenIssuer = "baluhost";

/// "baluhost:access", "baluhost:refresh"
std::string token_audience(KeyKind kind);

/// A compact JWS (RFC 7515) with the nine claims of the contract. unavailable if it cannot be made.
Result<Secret> sign_token(const TokenKey& key, const TokenClaims& claims);

} // namespace baluhost
