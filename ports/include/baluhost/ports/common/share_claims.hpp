#pragma once

#include "baluhost/domain/identity/session.hpp"
#include "baluhost/domain/identity/share.hpp"

#include <utility>

namespace baluhost {

/// The nine claims of every token, as one of a share has them: the generation is its subject, the
/// share its session.
[[nodiscard]] inline TokenClaims token_claims_of(const ShareClaims& claims) {
  return {.subject = UserId{claims.generation},
          .session = SessionId{claims.share.value},
          .token_id = claims.token_id,
          .issued_at = claims.issued_at,
          .expires_at = claims.expires_at};
}

/// The other way.
[[nodiscard]] inline ShareClaims share_claims_of(TokenClaims claims) {
  return {.share = ShareId{std::move(claims.session.value)},
          .generation = claims.subject.value,
          .token_id = std::move(claims.token_id),
          .issued_at = claims.issued_at,
          .expires_at = claims.expires_at};
}

} // namespace baluhost
