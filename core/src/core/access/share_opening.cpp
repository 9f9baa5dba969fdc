#include "access/share_ends.hpp"
#include "access/share_events.hpp"
#include "baluhost/core/access/share_service.hpp"
#include "baluhost/core/identity/password_policy.hpp"
#include "baluhost/domain/digest.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/secret.hpp"
#include "baluhost/ports/transactions.hpp"
#include "identity/password_check.hpp"

#include <algorithm>
#include <utility>

/// What a stranger can measure must not depend on whether a share is there: whatever is refused
/// before the secret fits costs one look-up, one hash and one event. Guesses of a secret count by
/// address alone, so that nobody who knows the id of a share, which stands in logs, can keep others
/// out of it; guesses of a password, which take the secret, count by share too.
namespace baluhost {
namespace {

constexpr std::size_t kTokenIdBytes = 16;

Timestamp whole_seconds(Timestamp t) { return {t.seconds() * 1'000'000}; }

/// What guesses of secrets from an address are counted by; no share has such a name.
std::string key_of(const Client& client) { return "from " + throttle_key(client.ip_address); }

} // namespace

struct ShareService::Opening {
  const OpenShare& request;
  const Client& client;
  Timestamp now;
  Sha256Digest secret;
  JsonObject details;
};

/// What a look at a share says: where it is, or why it is refused.
struct ShareService::Verdict {
  std::optional<PlacedShare> share;
  const char* reason{""};
  Error error{Errc::not_found};
};

Result<ShareService::Verdict> ShareService::judge(ReadTransaction& tx,
                                                  const Opening& opening) const {
  const auto refused = [](const char* reason, Errc code) {
    return Verdict{std::nullopt, reason, Error{code, reason}};
  };
  if (!options_.enabled) return refused("switched off", Errc::not_found);
  if (!ShareId::is_valid(opening.request.id.value)) return refused("unknown", Errc::not_found);
  BALUHOST_TRY(const auto state, tx.shares().find(opening.request.id));
  if (!state) return refused("unknown", Errc::not_found);
  const auto& share = state->share;
  if (!equal_in_constant_time(share.secret.view(), opening.secret.view()))
    return refused("secret", Errc::not_found);
  if (share.ended_at) return refused("ended", Errc::gone);
  if (share.is_over(opening.now)) return refused("expired", Errc::gone);
  if (share.is_used_up()) return refused("used up", Errc::gone);
  if (!state->creator.enabled) return refused("creator", Errc::not_found);
  auto placed = place(tx, *state);
  if (!placed && placed.error().code == Errc::not_found) return refused("file", Errc::not_found);
  if (!placed) return std::move(placed).error();
  BALUHOST_TRY(const auto passed, rights_passed_on(tx, state->creator, placed->path, share.rights));
  if (passed.empty()) return refused("rights", Errc::not_found);
  return Verdict{.share = *std::move(placed)};
}

Result<OpenedShare> ShareService::open(const OpenShare& request, const Client& client) {
  Opening opening{.request = request,
                  .client = client,
                  .now = deps_.clock.now(),
                  .secret = deps_.digester.sha256(request.secret.reveal())};
  if (ShareId::is_valid(request.id.value)) opening.details = details_of(request.id);
  auto opened = try_open(opening);
  if (opened) return opened;
  return deps_.audit_log.failed_by_stranger(deps_.audit_log.draft(Action::share_opened, client),
                                            std::move(opening.details), std::move(opened).error());
}

Error ShareService::refuse(Opening& opening, std::string_view reason, Error error) {
  opening.details.add("reason", reason);
  return error;
}

Result<OpenedShare> ShareService::try_open(Opening& opening) {
  const auto& address = opening.client.ip_address;
  const auto by_address = key_of(opening.client);
  const auto waited = deps_.throttle.wait(by_address, address);
  if (!waited.admitted)
    return refuse(opening, "throttled", {.code = Errc::rate_limited, .retry_after = waited.wait});

  BALUHOST_TRY(auto verdict,
               query(deps_.database, [&](ReadTransaction& tx) { return judge(tx, opening); }));
  if (!verdict.share) {
    // In the time that a wrong password takes.
    if (password_check_->is_due()) BALUHOST_CHECK(password_check_->keep({}));
    BALUHOST_CHECK(password_check_->fits(
        normalise_password(opening.request.password.value_or(Secret{})), nullptr));
    if (verdict.error.code == Errc::not_found) deps_.throttle.failed(by_address, address, waited);
    return refuse(opening, verdict.reason, std::move(verdict.error));
  }
  BALUHOST_CHECK(check_password(opening, verdict.share->share));
  BALUHOST_TRY(auto opened, issue(*verdict.share, opening.now));

  const auto event = about_share(deps_.audit_log.draft(Action::share_opened, opening.client),
                                 verdict.share->path, details_of(opening.request.id));
  struct Seen {
    Verdict verdict;
  };
  auto used =
      attempt<Seen>(deps_.database, [&](WriteTransaction& tx, Seen& seen) -> Result<AuditEvents> {
        BALUHOST_CHECK(tx.users().lock_accounts({.relies_on = verdict.share->share.creator}));
        BALUHOST_TRY(seen.verdict, judge(tx, opening));
        if (!seen.verdict.share) return seen.verdict.error;
        seen.verdict.reason = "used up";
        BALUHOST_TRY(const bool counts,
                     tx.shares().use(opening.request.id, opened.share.generation, opening.now));
        if (!counts) return Error{Errc::gone, "another use was the last"};
        return AuditEvents{event};
      });
  if (!used.result)
    return refuse(opening, used.seen.verdict.reason, std::move(used.result).error());
  deps_.throttle.succeeded(opening.request.id.value, address);
  return opened;
}

Result<void> ShareService::check_password(Opening& opening, const Share& share) {
  if (!share.password) return {};
  const Error wrong{Errc::invalid_credentials, "the password does not fit"};
  if (!opening.request.password) return refuse(opening, "no password", wrong);
  const auto& address = opening.client.ip_address;
  const auto waited = deps_.throttle.wait(share.id.value, address);
  if (!waited.admitted)
    return refuse(opening, "throttled", {.code = Errc::rate_limited, .retry_after = waited.wait});
  if (password_check_->is_due()) BALUHOST_CHECK(password_check_->keep({}));
  BALUHOST_TRY(const bool fits, password_check_->fits(normalise_password(*opening.request.password),
                                                      &*share.password));
  if (fits) return {};
  deps_.throttle.failed(share.id.value, address, waited);
  return refuse(opening, "password", wrong);
}

/// Signed before the use is counted: a missing key takes no use.
Result<OpenedShare> ShareService::issue(const PlacedShare& placed, Timestamp now) const {
  const auto& share = placed.share;
  const auto issued_at = whole_seconds(now);
  auto expires_at = issued_at + options_.token_ttl;
  if (share.expires_at) expires_at = std::min(expires_at, *share.expires_at);
  expires_at = whole_seconds(expires_at);
  BALUHOST_TRY(const auto id, deps_.random.bytes(kTokenIdBytes));
  const ShareClaims claims{.share = share.id,
                           .generation = share.generation,
                           .token_id = to_hex(id),
                           .issued_at = issued_at,
                           .expires_at = expires_at};
  BALUHOST_TRY(auto token, deps_.tokens.sign_share(claims, ShareTransport::bearer));
  BALUHOST_TRY(auto cookie, deps_.tokens.sign_share(claims, ShareTransport::cookie));
  return OpenedShare{
      .token = std::move(token),
      .cookie = std::move(cookie),
      .expires_in = std::chrono::duration_cast<std::chrono::seconds>(expires_at - issued_at),
      .share = share,
      .kind = placed.kind,
      .name = placed.path.name().str()};
}

} // namespace baluhost
