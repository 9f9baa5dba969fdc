#include "baluhost/core/identity/auth_service.hpp"
#include "baluhost/domain/text.hpp"
#include "baluhost/ports/transactions.hpp"
#include "identity/known_address.hpp"
#include "second_factor/code_check.hpp"
#include "second_factor/factor_changes.hpp"

#include <utility>

// What a code shows is computed before the transaction, so that no key is looked up while the
// database waits. The transaction decides: it counts the code against the challenge first, whatever
// the code is, and then uses it, each by one conditional update. So of parallel tries one wins, on
// however many servers. A wrong code leaves its event in the same transaction as its count.
namespace baluhost {
namespace {

Error over(const char* why) { return {Errc::token_revoked, why}; }

/// The login that waits, and whose it is; as much as there is.
struct Waiting {
  std::optional<Challenge> challenge;
  std::optional<Credentials> credentials;
  std::optional<SecondFactor> factor;
  KnownAddress known_address{};
};

Result<Waiting> find_waiting(ReadTransaction& tx, const ChallengeHash& hash, const Client& client,
                             Timestamp now) {
  Waiting found;
  BALUHOST_TRY(found.challenge, tx.challenges().find(hash));
  if (!found.challenge) return found;
  BALUHOST_TRY(const auto user, tx.users().find(found.challenge->user));
  if (!user) return found;
  BALUHOST_TRY(found.credentials, tx.users().find_credentials(user->username));
  BALUHOST_TRY(found.factor, tx.second_factors().find(user->id));
  BALUHOST_TRY(found.known_address, is_known_address(tx, user->id, client.ip_address, now));
  return found;
}

Error wrong_code() { return {Errc::invalid_credentials, "the code does not fit"}; }

} // namespace

struct AuthService::CodeLogin {
  ChallengeHash hash;
  Credentials credentials;
  SecondFactor factor;
  KnownAddress known_address{};
  const Client& client;
  Timestamp now;
  NewAuditEvent failure;
  std::optional<CodeProof> proof;
  std::optional<NewSession> session; ///< where there is a proof
};

/// The login that waits for a code. token_revoked, token_expired, rate_limited; recorded.
Result<AuthService::CodeLogin> AuthService::find_challenge(std::string_view text,
                                                           const Client& client) {
  const auto now = deps_.clock.now();
  const ChallengeHash hash{deps_.digester.sha256(text)};
  auto failure = deps_.audit_log.draft(Action::second_factor_failed, client);
  auto found = query(deps_.database,
                     [&](ReadTransaction& tx) { return find_waiting(tx, hash, client, now); });
  if (!found) return deps_.audit_log.failed(std::move(failure), std::move(found).error());
  if (!found->challenge) {
    return deps_.audit_log.failed_by_stranger(std::move(failure), {},
                                              unknown_secret(client, over("no such challenge")));
  }
  if (found->credentials) attribute(failure, found->credentials->user);
  const auto refused = [&](Error error) {
    return deps_.audit_log.failed_by_stranger(failure, {}, std::move(error));
  };
  if (found->challenge->expires_at <= now)
    return refused({Errc::token_expired, "the challenge has expired"});
  if (found->challenge->tries >= SecondFactorLimits::codes_of_challenge)
    return refused(over("the challenge had its codes"));
  if (!found->credentials || !found->credentials->user.enabled || !found->factor ||
      !found->factor->confirmed_at)
    return refused(over("the account changed meanwhile"));
  return CodeLogin{.hash = hash,
                   .credentials = *std::move(found->credentials),
                   .factor = *std::move(found->factor),
                   .known_address = found->known_address,
                   .client = client,
                   .now = now,
                   .failure = std::move(failure),
                   .proof = {},
                   .session = {}};
}

Result<TokenGrant> AuthService::login_with_code(std::string_view challenge, const Secret& code,
                                                const Client& client) {
  BALUHOST_TRY(auto login, find_challenge(challenge, client));
  const auto& user = login.credentials.user;
  const auto& unlocked_at = login.credentials.unlocked_at;
  const auto& name = user.username.str();
  const auto waited =
      deps_.throttle.wait(name, client.ip_address, login.known_address, unlocked_at);
  if (!waited.admitted) {
    return deps_.audit_log.failed_by_stranger(
        login.failure, {},
        {.code = Errc::rate_limited, .detail = "too many wrong codes", .retry_after = waited.wait});
  }
  const auto prepared = [&]() -> Result<void> {
    BALUHOST_TRY(login.proof,
                 CodeCheck(deps_.seeds, deps_.digester).prove(login.factor, code, login.now));
    if (!login.proof) return {};
    BALUHOST_TRY(login.session, prepare_session(user.id, login.now));
    return {};
  }();
  if (!prepared) return deps_.audit_log.failed(login.failure, prepared.error());

  auto admitted =
      record(deps_.database, [&](WriteTransaction& tx) { return finish_login(tx, login); });
  if (!admitted) return deps_.audit_log.failed(login.failure, std::move(admitted).error());
  if (!*admitted) {
    deps_.throttle.failed(name, client.ip_address, waited);
    auto error = wrong_code();
    error.recorded = true;
    return error;
  }
  deps_.throttle.succeeded(name, client.ip_address);
  return grant(login.session->id, std::move(login.session->tokens), **std::move(admitted));
}

/// Whom the code lets in; none: it was wrong, which is on record. token_revoked.
Result<Recorded<std::optional<AuthService::Admitted>>> AuthService::finish_login(
    WriteTransaction& tx, const CodeLogin& login) {
  const auto account = login.credentials.user.id;
  BALUHOST_CHECK(tx.users().lock_accounts({.changes = account}));
  BALUHOST_TRY(
      const bool counts,
      tx.challenges().count_try(login.hash, SecondFactorLimits::codes_of_challenge, login.now));
  if (!counts) return over("the challenge was used meanwhile, or had its codes");
  BALUHOST_TRY(auto user, tx.users().find(account));
  BALUHOST_TRY(const auto factor, tx.second_factors().find(account));
  if (!user || !user->enabled || !factor || factor->confirmed_at != login.factor.confirmed_at)
    return over("the account changed meanwhile");

  bool fits = false;
  if (login.proof) {
    BALUHOST_TRY(fits, use_proof(tx, account, *login.proof));
  }
  if (!fits) {
    auto failure = login.failure;
    failure.success = false;
    failure.error_message = std::string{code_of(wrong_code().code)};
    return recorded(std::optional<Admitted>{}, std::move(failure));
  }
  BALUHOST_CHECK(tx.challenges().remove(login.hash));
  const auto factor_used = factor_of(*login.proof);
  BALUHOST_TRY(auto stored, store_session(tx, *login.session, *std::move(user), login.client,
                                          login.now, {Factor::password, factor_used}));
  if (factor_used == Factor::recovery_code) {
    BALUHOST_TRY(auto used,
                 recovery_code_used(
                     tx, account, deps_.audit_log.draft(Action::recovery_code_used, login.client)));
    attribute(used, stored.value.user);
    used.resource = stored.value.user.username.str();
    stored.events += std::move(used);
  }
  return recorded(std::optional{std::move(stored.value)}, std::move(stored.events));
}

} // namespace baluhost
