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

} // namespace

Result<Principal> AuthService::act_as(const Username& name, const Client& client,
                                      std::string_view method) {
  struct Seen {
    std::optional<User> user;
  };
  const auto now = deps_.clock.now();
  const auto shown_method = clamp_text(method, kLongestMethod);
  const auto begin = [&]() -> Result<std::pair<SessionId, RefreshTokenHash>> {
    BALUHOST_TRY(const auto id, deps_.random.bytes(kIdBytes));
    BALUHOST_TRY(const auto unknown, deps_.random.bytes(kIdBytes));
    return std::pair{SessionId{to_hex(id)}, RefreshTokenHash{deps_.digester.sha256(unknown)}};
  };
  const auto ids = begin();
  Attempt<Principal, Seen> done{Error{Errc::unavailable}, {}};
  if (!ids) {
    done.result = ids.error();
  } else {
    done = attempt<Seen>(
        deps_.database, [&](WriteTransaction& tx, Seen& seen) -> Result<Recorded<Principal>> {
          BALUHOST_TRY(const auto found, tx.users().find(name));
          if (!found) return Error{Errc::invalid_credentials, "there is no such account"};
          BALUHOST_CHECK(tx.users().lock_accounts({.relies_on = found->id}));
          BALUHOST_TRY(seen.user, tx.users().find(found->id));
          if (!seen.user || !seen.user->enabled)
            return Error{Errc::invalid_credentials, "the account is disabled"};
          const User& user = *seen.user;
          BALUHOST_CHECK(tx.sessions().insert(Session{.id = ids->first,
                                                      .user = user.id,
                                                      .created_at = now,
                                                      .last_used_at = now,
                                                      .expires_at = now + options_.refresh_ttl,
                                                      .client = client},
                                              ids->second));
          auto event = with_details(
              deps_.audit_log.draft(Action::login_success, client),
              JsonObject{}.add("session_id", ids->first.value).add("method", shown_method));
          attribute(event, user);
          BALUHOST_TRY(const auto state, tx.sessions().find(ids->first));
          if (!state) return Error{Errc::internal, "a session that was just begun is not there"};
          return recorded(
              Principal{user.username.str(), user.id, user.role, SessionCredential{ids->first},
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
