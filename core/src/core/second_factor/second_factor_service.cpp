#include "baluhost/core/second_factor/second_factor_service.hpp"

#include "access/permission_gate.hpp"
#include "baluhost/domain/ascii.hpp"
#include "baluhost/domain/base32.hpp"
#include "baluhost/ports/transactions.hpp"
#include "identity/known_address.hpp"
#include "identity/own_password_check.hpp"
#include "json/field_changes.hpp"
#include "second_factor/code_check.hpp"
#include "second_factor/factor_changes.hpp"
#include "second_factor/recovery_codes.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

// Codes that are sent with a session are counted apart from failed logins: strangers, who can make
// a login wait, have no say in them, and who has got hold of a session cannot try for ever from one
// address after another. What a code shows is computed before the transaction that uses it.
namespace baluhost {
namespace {

constexpr std::size_t kResealedAtOnce = 100;

NewAuditEvent on(const std::string& name, NewAuditEvent event) {
  event.resource = name;
  return event;
}

NewSeed shown(const Secret& seed, const std::string& name) {
  auto text = to_base32(seed.reveal());
  std::ranges::transform(text, text.begin(), upper);
  Secret secret{std::move(text)};
  std::string uri = "otpauth://totp/BaluHost:" + name + "?secret=";
  uri += secret.reveal();
  uri += "&issuer=BaluHost&algorithm=SHA1&digits=6&period=30";
  return {.secret = std::move(secret), .uri = Secret{std::move(uri)}};
}

std::string throttle_name(const Username& name) { return "code:" + name.str(); }

bool is_on(const std::optional<SecondFactor>& factor) { return factor && factor->confirmed_at; }

/// That `factor` is still what it was.
Result<void> hold_factor(ReadTransaction& tx, const SecondFactor& factor) {
  BALUHOST_TRY(const auto present, tx.second_factors().find(factor.user));
  if (!present || present->created_at != factor.created_at ||
      present->confirmed_at != factor.confirmed_at)
    return Error{Errc::conflict, "the second factor was changed meanwhile"};
  return {};
}

} // namespace

/// Whose factor it is about.
struct SecondFactorService::Owner {
  Credentials credentials;
  std::optional<SecondFactor> factor;
  KnownAddress known_address{};

  [[nodiscard]] UserId id() const { return credentials.user.id; }
  [[nodiscard]] const Username& name() const { return credentials.user.username; }
};

/// A code that shows something.
struct SecondFactorService::Checked {
  CodeProof proof;
  LoginWait waited;
};

SecondFactorService::SecondFactorService(const Dependencies& deps) : deps_(deps) {}

Result<void> SecondFactorService::refuse_key(const Principal& principal, Operation operation) {
  if (principal.key() == nullptr) return {};
  return deps_.audit_log.denied(principal, kTotpRoute, operation, "session",
                                Error{Errc::forbidden, "a key touches no second factor"});
}

Result<SecondFactorService::Owner> SecondFactorService::find_owner(const Principal& principal) {
  BALUHOST_TRY(const auto id, principal.account());
  const auto now = deps_.clock.now();
  return query(deps_.database, [&](ReadTransaction& tx) -> Result<Owner> {
    BALUHOST_TRY(auto credentials, OwnPasswordCheck::credentials(tx, id));
    BALUHOST_TRY(auto factor, tx.second_factors().find(id));
    BALUHOST_TRY(const auto known_address,
                 is_known_address(tx, id, principal.client().ip_address, now));
    return Owner{std::move(credentials), std::move(factor), known_address};
  });
}

/// The owner whose factor is as it is `wanted`, or `without`. Errors are recorded as of `event`.
Result<SecondFactorService::Owner> SecondFactorService::find_owner(const Principal& principal,
                                                                   const NewAuditEvent& event,
                                                                   Wanted wanted, Error without) {
  auto owner = find_owner(principal);
  if (owner && (!owner->factor || is_on(owner->factor) != (wanted == Wanted::on)))
    owner = std::move(without);
  if (!owner) return deps_.audit_log.failed(event, std::move(owner).error());
  return owner;
}

/// What `code` shows of the owner, who has a factor. invalid_credentials, rate_limited, internal;
/// recorded.
Result<SecondFactorService::Checked> SecondFactorService::check_code(const Principal& principal,
                                                                     const Owner& owner,
                                                                     const Secret& code) {
  const auto waited =
      deps_.throttle.wait(throttle_name(owner.name()), principal.client().ip_address,
                          owner.known_address, owner.credentials.unlocked_at);
  const auto failure =
      on(owner.name().str(), deps_.audit_log.draft(Action::second_factor_failed, principal));
  if (!waited.admitted) {
    return deps_.audit_log.failed_by_stranger(
        failure, {},
        {.code = Errc::rate_limited, .detail = "too many wrong codes", .retry_after = waited.wait});
  }
  auto proof = CodeCheck(deps_.seeds, deps_.digester).prove(*owner.factor, code, deps_.clock.now());
  if (!proof) return deps_.audit_log.failed(failure, std::move(proof).error());
  if (!*proof) return wrong_code(principal, owner, waited);
  return Checked{**std::move(proof), waited};
}

/// Counts and records a code that does not fit.
Error SecondFactorService::wrong_code(const Principal& principal, const Owner& owner,
                                      const LoginWait& waited) {
  deps_.throttle.failed(throttle_name(owner.name()), principal.client().ip_address, waited);
  return deps_.audit_log.failed(
      on(owner.name().str(), deps_.audit_log.draft(Action::second_factor_failed, principal)),
      {Errc::invalid_credentials, "the code does not fit"});
}

Result<NewSeed> SecondFactorService::begin(const Principal& principal,
                                           const Secret& current_password) {
  BALUHOST_CHECK(refuse_key(principal, Operation::totp_enabled));
  const auto failed = [&](Error error) {
    return deps_.audit_log.failed(
        on(principal.name(), deps_.audit_log.draft(Action::totp_enabled, principal)),
        std::move(error));
  };
  const OwnPasswordCheck own_password(deps_.database, deps_.throttle, deps_.hasher);
  auto credentials = own_password.credentials(principal);
  if (!credentials) return failed(std::move(credentials).error());
  if (auto fits = own_password.check(principal, *credentials, current_password); !fits)
    return failed(std::move(fits).error());
  auto bytes = deps_.random.bytes(SecondFactorLimits::seed_bytes);
  if (!bytes) return failed(std::move(bytes).error());
  const Secret seed{*std::move(bytes)};
  const auto account = credentials->user.id;
  auto sealed = deps_.seeds.seal(seed, account);
  if (!sealed) return failed(std::move(sealed).error());

  const auto now = deps_.clock.now();
  auto done = deps_.database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(Caller::hold(tx, principal, now, account));
    BALUHOST_CHECK(OwnPasswordCheck::hold(tx, *credentials));
    BALUHOST_CHECK(tx.second_factors().put_pending(
        {.user = account, .seed = *sealed, .created_at = now, .confirmed_at = {}}));
    auto event = on(principal.name(), deps_.audit_log.draft(Action::user_updated, principal));
    return AuditEvents{with_details(
        std::move(event), FieldChanges{}.add("second_factor", "null", R"("pending")").details())};
  });
  if (!done) return failed(std::move(done).error());
  return shown(seed, principal.name());
}

Result<std::vector<Secret>> SecondFactorService::confirm(const Principal& principal,
                                                         const Secret& code) {
  BALUHOST_CHECK(refuse_key(principal, Operation::totp_enabled));
  const auto event = on(principal.name(), deps_.audit_log.draft(Action::totp_enabled, principal));
  const auto failed = [&](Error error) { return deps_.audit_log.failed(event, std::move(error)); };
  BALUHOST_TRY(const auto owner, find_owner(principal, event, Wanted::pending,
                                            {Errc::conflict, "no second factor is pending"}));
  BALUHOST_TRY(const auto checked, check_code(principal, owner, code));
  const auto* step = std::get_if<TotpStep>(&checked.proof);
  if (step == nullptr) return wrong_code(principal, owner, checked.waited);
  auto codes = make_recovery_codes(deps_.random);
  if (!codes) return failed(std::move(codes).error());

  const auto hashes = hashes_of(*codes, deps_.digester);
  auto done = deps_.database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    const auto now = deps_.clock.now();
    BALUHOST_CHECK(Caller::hold(tx, principal, now, owner.id()));
    BALUHOST_CHECK(hold_factor(tx, *owner.factor));
    BALUHOST_CHECK(tx.second_factors().confirm(owner.id(), *step, now));
    BALUHOST_CHECK(tx.second_factors().set_recovery_codes(owner.id(), hashes));
    return AuditEvents{event};
  });
  if (!done) return failed(std::move(done).error());
  deps_.throttle.succeeded(throttle_name(owner.name()), principal.client().ip_address);
  deps_.identities.forget();
  return codes;
}

namespace {

/// `event`, and that a recovery code was used, where one was.
Result<AuditEvents> with_use(WriteTransaction& tx, AuditEvents events, UserId user,
                             const CodeProof& proof, const AuditLog& audit,
                             const Principal& principal) {
  if (factor_of(proof) != Factor::recovery_code) return events;
  BALUHOST_TRY(
      auto used,
      recovery_code_used(tx, user,
                         on(principal.name(), audit.draft(Action::recovery_code_used, principal))));
  events += std::move(used);
  return events;
}

Error used_before() { return {Errc::invalid_credentials, "the code was used before"}; }

} // namespace

Result<std::vector<Secret>> SecondFactorService::renew_recovery_codes(const Principal& principal,
                                                                      const Secret& code) {
  BALUHOST_CHECK(refuse_key(principal, Operation::totp_enabled));
  const auto event = on(principal.name(), deps_.audit_log.draft(Action::user_updated, principal));
  const auto failed = [&](Error error) { return deps_.audit_log.failed(event, std::move(error)); };
  BALUHOST_TRY(const auto owner, find_owner(principal, event, Wanted::on,
                                            {Errc::conflict, "no second factor is on"}));
  BALUHOST_TRY(const auto checked, check_code(principal, owner, code));
  auto codes = make_recovery_codes(deps_.random);
  if (!codes) return failed(std::move(codes).error());

  const auto hashes = hashes_of(*codes, deps_.digester);
  auto done = deps_.database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(Caller::hold(tx, principal, deps_.clock.now(), owner.id()));
    BALUHOST_CHECK(hold_factor(tx, *owner.factor));
    BALUHOST_TRY(const auto left, tx.second_factors().count_recovery_codes(owner.id()));
    BALUHOST_TRY(const bool used, use_proof(tx, owner.id(), checked.proof));
    if (!used) return used_before();
    AuditEvents events{with_details(
        event, FieldChanges{}
                   .add("recovery_codes", std::to_string(left), std::to_string(hashes.size()))
                   .details())};
    BALUHOST_TRY(events, with_use(tx, std::move(events), owner.id(), checked.proof, deps_.audit_log,
                                  principal));
    BALUHOST_CHECK(tx.second_factors().set_recovery_codes(owner.id(), hashes));
    return events;
  });
  if (!done && done.error().code == Errc::invalid_credentials)
    return wrong_code(principal, owner, checked.waited);
  if (!done) return failed(std::move(done).error());
  deps_.throttle.succeeded(throttle_name(owner.name()), principal.client().ip_address);
  return codes;
}

Result<void> SecondFactorService::remove(const Principal& principal, const Secret& current_password,
                                         const Secret& code) {
  BALUHOST_CHECK(refuse_key(principal, Operation::totp_disabled));
  const auto event = on(principal.name(), deps_.audit_log.draft(Action::totp_disabled, principal));
  const auto failed = [&](Error error) { return deps_.audit_log.failed(event, std::move(error)); };
  BALUHOST_TRY(const auto owner, find_owner(principal, event, Wanted::on,
                                            {Errc::not_found, "no second factor is on"}));
  const OwnPasswordCheck own_password(deps_.database, deps_.throttle, deps_.hasher);
  if (auto fits = own_password.check(principal, owner.credentials, current_password); !fits)
    return failed(std::move(fits).error());
  BALUHOST_TRY(const auto checked, check_code(principal, owner, code));

  auto done = deps_.database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(Caller::hold(tx, principal, deps_.clock.now(), owner.id()));
    BALUHOST_CHECK(OwnPasswordCheck::hold(tx, owner.credentials));
    BALUHOST_CHECK(hold_factor(tx, *owner.factor));
    BALUHOST_TRY(const bool used, use_proof(tx, owner.id(), checked.proof));
    if (!used) return used_before();
    BALUHOST_TRY(auto events, with_use(tx, AuditEvents{event}, owner.id(), checked.proof,
                                       deps_.audit_log, principal));
    BALUHOST_CHECK(tx.second_factors().remove(owner.id()));
    BALUHOST_CHECK(tx.challenges().remove_all(owner.id()));
    return events;
  });
  if (!done && done.error().code == Errc::invalid_credentials)
    return wrong_code(principal, owner, checked.waited);
  if (!done) return failed(std::move(done).error());
  deps_.throttle.succeeded(throttle_name(owner.name()), principal.client().ip_address);
  deps_.identities.forget();
  return {};
}

Result<void> SecondFactorService::reset(const Principal& principal, const Username& name) {
  RoleGate gate(deps_.audit_log, principal, name, Operation::totp_disabled, "/totp");
  BALUHOST_CHECK(gate.admit());
  BALUHOST_CHECK(refuse_key(principal, Operation::totp_disabled));
  const auto event = on(name.str(), deps_.audit_log.draft(Action::totp_disabled, principal));
  auto done = deps_.database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_TRY(const auto user, tx.users().find(name));
    BALUHOST_CHECK(gate.hold(tx, user ? std::optional{user->id} : std::nullopt));
    if (!user) return Error{Errc::not_found, "no such user"};
    if (principal.user() == user->id)
      return Error{Errc::conflict, "nobody takes their own factor away without a code"};
    BALUHOST_TRY(const auto factor, tx.second_factors().find(user->id));
    if (!is_on(factor)) return Error{Errc::not_found, "no second factor is on"};
    BALUHOST_CHECK(tx.second_factors().remove(user->id));
    BALUHOST_CHECK(tx.challenges().remove_all(user->id));
    BALUHOST_CHECK(tx.second_factors().note_reset(user->id, deps_.clock.now()));
    return AuditEvents{event};
  });
  if (!done) return gate.failed(event, std::move(done).error());
  deps_.identities.forget();
  return {};
}

Result<ResealedSeeds> SecondFactorService::reseal() {
  ResealedSeeds total;
  BALUHOST_TRY(const auto newest, deps_.seeds.newest_key());
  for (UserId after{};;) {
    BALUHOST_TRY(const auto factors, query(deps_.database, [&](ReadTransaction& tx) {
                   return tx.second_factors().sealed_by_others(newest, after, kResealedAtOnce);
                 }));
    if (factors.empty()) return total;
    after = factors.back().user;
    std::vector<std::pair<const SecondFactor*, SealedSeed>> fresh;
    for (const auto& factor : factors) {
      const auto seed = deps_.seeds.open(factor.seed, factor.user);
      if (!seed) {
        ++total.unreadable;
        continue;
      }
      BALUHOST_TRY(auto sealed, deps_.seeds.seal(*seed, factor.user));
      fresh.emplace_back(&factor, std::move(sealed));
    }
    BALUHOST_CHECK(deps_.database.bookkeep([&](Bookkeeping& tx) -> Result<void> {
      for (const auto& [factor, sealed] : fresh)
        BALUHOST_CHECK(tx.second_factors().reseal(factor->user, factor->seed, sealed));
      return {};
    }));
    total.resealed += static_cast<std::int64_t>(fresh.size());
  }
}

Result<std::vector<LostSeedKey>> SecondFactorService::lost_keys() {
  BALUHOST_TRY(const auto newest, deps_.seeds.newest_key());
  std::map<std::string, bool> is_lost;
  std::map<std::string, std::int64_t> seeds;
  for (UserId after{};;) {
    BALUHOST_TRY(const auto factors, query(deps_.database, [&](ReadTransaction& tx) {
                   return tx.second_factors().sealed_by_others(newest, after, kResealedAtOnce);
                 }));
    if (factors.empty()) break;
    after = factors.back().user;
    for (const auto& factor : factors) {
      const auto [known, is_new] = is_lost.try_emplace(factor.seed.key_id, false);
      if (is_new) known->second = !deps_.seeds.open(factor.seed, factor.user);
      if (known->second) ++seeds[factor.seed.key_id];
    }
  }
  std::vector<LostSeedKey> lost;
  for (const auto& [key_id, count] : seeds) lost.push_back({key_id, count});
  return lost;
}

} // namespace baluhost
