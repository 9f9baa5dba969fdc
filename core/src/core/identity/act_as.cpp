#include "baluhost/core/identity/auth_service.hpp"

#include "baluhost/domain/text.hpp"

#include <optional>
#include <string>
#include <utility>

// A session like that of a login, so that it is listed, ends where it is revoked and is looked at
// by every change. Its refresh token is one that nobody knows: who vouched for somebody once does
// it again.
namespace baluhost {
namespace {

constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kLongestMethod = 50;

struct FreshIds {
  SessionId session;
  RefreshTokenHash refresh; ///< of a token that nobody knows
};

Result<FreshIds> make_ids(RandomSource& random, const Digester& digester) {
  BALUHOST_TRY(const auto id, random.bytes(kIdBytes));
  BALUHOST_TRY(const auto unknown, random.bytes(kIdBytes));
  return FreshIds{SessionId{to_hex(id)}, RefreshTokenHash{digester.sha256(unknown)}};
}

/// The account `name`, whose row is held; `seen` even where it is refused. invalid_credentials:
/// there is none, or it is disabled.
Result<User> hold_account(WriteTransaction& tx, const Username& name, std::optional<User>& seen) {
  BALUHOST_TRY(const auto found, tx.users().find(name));
  if (!found) return Error{Errc::invalid_credentials, "there is no such account"};
  BALUHOST_CHECK(tx.users().lock_accounts({.relies_on = found->id}));
  BALUHOST_TRY(seen, tx.users().find(found->id));
  if (!seen || !seen->enabled) return Error{Errc::invalid_credentials, "the account is disabled"};
  return *seen;
}

} // namespace

Result<Principal> AuthService::act_as(const Username& name, const Client& client,
                                      std::string_view method) {
  struct Seen {
    std::optional<User> user;
  };
  const auto now = deps_.clock.now();
  const auto shown_method = clamp_text(method, kLongestMethod);
  const auto ids = make_ids(deps_.random, deps_.digester);
  Attempt<Principal, Seen> done{Error{Errc::unavailable}, {}};
  if (!ids) {
    done.result = ids.error();
  } else {
    done = attempt<Seen>(
        deps_.database, [&](WriteTransaction& tx, Seen& seen) -> Result<Recorded<Principal>> {
          BALUHOST_TRY(const User user, hold_account(tx, name, seen.user));
          BALUHOST_CHECK(tx.sessions().insert(Session{.id = ids->session,
                                                      .user = user.id,
                                                      .created_at = now,
                                                      .last_used_at = now,
                                                      .expires_at = now + options_.refresh_ttl,
                                                      .client = client},
                                              ids->refresh));
          auto event = with_details(
              deps_.audit_log.draft(Action::login_success, client),
              JsonObject{}.add("session_id", ids->session.value).add("method", shown_method));
          attribute(event, user);
          BALUHOST_TRY(const auto state, tx.sessions().find(ids->session));
          if (!state) return Error{Errc::internal, "a session that was just begun is not there"};
          return recorded(
              Principal{user.username.str(), user.id, user.role, SessionCredential{ids->session},
                        client, lacks_second_factor(user, state->has_second_factor)},
              std::move(event));
        });
  }
  if (done.result) return std::move(done.result);
  auto event = deps_.audit_log.draft(Action::login_failed, client);
  if (done.seen.user) attribute(event, *done.seen.user);
  auto details = JsonObject{}.add("attempted_username", name.str()).add("method", shown_method);
  return deps_.audit_log.failed_by_stranger(std::move(event), std::move(details),
                                            std::move(done.result).error());
}

} // namespace baluhost
