#include "baluhost/core/access/access_policy.hpp"
#include "baluhost/core/identity/auth_service.hpp"
#include "baluhost/domain/identity/ip_address.hpp"
#include "keys/key_secret.hpp"

#include <utility>

// A secret is 128 random bits: nobody finds one by trying. Who tries all the same is told to wait
// after a while, by the network that the guesses come from, so that a program which was left with a
// dead key does not go on for ever; a good key is looked up whatever others tried from there.
namespace baluhost {

bool AuthService::is_key(std::string_view token) noexcept { return token.starts_with(kKeyPrefix); }

Result<Principal> AuthService::identify_key(std::string_view secret, const Client& client,
                                            TokenRefusal& refusal) {
  const auto hash = read_key_secret(secret, deps_.digester);
  std::optional<KeyState> state;
  if (hash) {
    BALUHOST_TRY(state, deps_.identities.find(*hash));
  }
  if (!state) {
    refusal.reason = hash ? "unknown key" : "malformed key";
    return unknown_secret(client,
                          {hash ? Errc::token_revoked : Errc::unauthenticated, "no such key"});
  }
  const auto now = deps_.clock.now();
  const auto refused = [&](const char* reason, Error error) {
    refusal.reason = reason;
    refusal.user = state->user;
    deps_.identities.forget(*hash);
    return error;
  };
  if (has_expired(state->key, now))
    return refused("expired", Error{Errc::token_expired, "the key has expired"});
  if (!state->user.enabled)
    return refused("revoked", Error{Errc::token_revoked, "the account is disabled"});
  deps_.key_uses.note({.key = state->key.id, .at = now, .ip_address = client.ip_address});
  return principal_of(*state, *hash, client);
}

Error AuthService::unknown_secret(const Client& client, Error error) {
  const auto network = throttle_key(client.ip_address);
  const auto waited = guess_throttle_.wait(network, client.ip_address);
  guess_throttle_.failed(network, client.ip_address, waited);
  if (waited.wait.count() == 0) return error;
  return {.code = Errc::rate_limited,
          .detail = "too many secrets that are none",
          .retry_after = waited.wait};
}

Principal AuthService::principal_of(const KeyState& state, const KeyHash& secret,
                                    const Client& client) const {
  const auto& key = state.key;
  Credential credential = KeyCredential{.id = key.id,
                                        .secret = secret,
                                        .scopes = key.scopes,
                                        .root = key.root,
                                        .protocols = key.protocols,
                                        .allow_from = key.allow_from};
  const auto role = role_within(credential, state.user.role);
  return Principal{state.user.username.str(),
                   state.user.id,
                   role,
                   std::move(credential),
                   client,
                   lacks_second_factor(state.user, state.has_second_factor)};
}

Result<Principal> AuthService::look_again(const KeyCredential& key, const Client& client) {
  BALUHOST_TRY(const auto state, deps_.identities.find(key.secret));
  if (!state || !state->user.enabled) return Error{Errc::token_revoked, "the key was revoked"};
  if (has_expired(state->key, deps_.clock.now()))
    return Error{Errc::token_expired, "the key has expired"};
  if (lacks_second_factor(state->user, state->has_second_factor)) return setup_required();
  return principal_of(*state, key.secret, client);
}

} // namespace baluhost
