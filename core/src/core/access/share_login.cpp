#include "baluhost/core/identity/auth_service.hpp"

#include <utility>

namespace baluhost {

Result<Principal> AuthService::identify_share_cookie(std::string_view token, const Client& client,
                                                     TokenRefusal& refusal) {
  auto claims = deps_.tokens.verify_share(token, ShareTransport::cookie, deps_.clock.now());
  if (!claims) return refused(std::move(claims).error(), refusal);
  return identify(*claims, client, refusal);
}

Result<Principal> AuthService::identify(const ShareClaims& claims, const Client& client,
                                        TokenRefusal& refusal) {
  auto principal = admit(claims.share, claims.generation, client);
  if (!principal && principal.error().code == Errc::token_revoked) refusal.reason = "revoked";
  return principal;
}

/// Who comes by the share. token_revoked: it is over, has begun another generation, or its creator
/// is disabled or gone.
Result<Principal> AuthService::admit(const ShareId& id, std::int64_t generation,
                                     const Client& client) {
  BALUHOST_TRY(const auto state, deps_.identities.find(id));
  const bool is_over = !state || state->share.generation != generation ||
                       state->share.is_over(deps_.clock.now()) || !state->creator.enabled;
  if (is_over || !options_.shares) return Error{Errc::token_revoked, "the share is over"};
  const auto& share = state->share;
  return Principal{"", state->creator.id, Role::user,
                   ShareCredential{.id = share.id,
                                   .generation = share.generation,
                                   .root = share.file,
                                   .home = share.home,
                                   .rights = share.rights,
                                   .creator_role = state->creator.role},
                   client};
}

} // namespace baluhost
