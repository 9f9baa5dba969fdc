#include "database/identity/identity_repositories.hpp"

#include <algorithm>
#include <set>

namespace baluhost::memory {
namespace {

bool is_live(const Session& session, Timestamp now) {
  return !session.revoked_at && session.expires_at > now;
}

/// Newest first; the id decides among sessions of one moment.
bool is_newer(const Session& a, const Session& b) {
  return a.created_at != b.created_at ? a.created_at > b.created_at : a.id > b.id;
}

std::vector<Session> sessions_of(const State& state, UserId user) {
  std::vector<Session> sessions;
  for (const auto& id : seconds_of(state.sessions_of_user, user))
    sessions.push_back(*state.sessions.find(id));
  return sessions;
}

} // namespace

Result<std::optional<SessionState>> MemorySessions::find(const SessionId& id) const {
  const auto* session = state_.sessions.find(id);
  if (session == nullptr) return std::optional<SessionState>{};
  return std::optional<SessionState>{SessionState{*session, state_.users.find(session->user)->user,
                                                  has_second_factor(state_, session->user)}};
}

Result<std::vector<Session>> MemorySessions::list(UserId user, Timestamp now,
                                                  const std::optional<SessionId>& after,
                                                  std::size_t limit) const {
  const Session* last = after ? state_.sessions.find(*after) : nullptr;
  if (after && last == nullptr) return std::vector<Session>{};
  auto sessions = sessions_of(state_, user);
  std::erase_if(sessions, [&](const Session& s) {
    return !is_live(s, now) || (last != nullptr && !is_newer(*last, s));
  });
  std::sort(sessions.begin(), sessions.end(), is_newer);
  if (sessions.size() > limit)
    sessions.erase(sessions.begin() + static_cast<std::ptrdiff_t>(limit), sessions.end());
  return sessions;
}

Result<std::vector<IpAddress>> MemorySessions::login_addresses(UserId user, Timestamp since) const {
  std::set<IpAddress> addresses;
  for (const auto& session : sessions_of(state_, user)) {
    if (session.client.ip_address && session.created_at >= since)
      addresses.insert(*session.client.ip_address);
  }
  return std::vector<IpAddress>(addresses.begin(), addresses.end());
}

Result<void> MemorySessions::insert(const Session& session, const RefreshTokenHash& refresh) {
  if (!state_.users.contains(session.user)) return Error{Errc::internal, "a session of no user"};
  if (state_.sessions.contains(session.id)) return Error{Errc::internal, "a session id twice"};
  state_.sessions.put(session.id, session);
  state_.sessions_of_user.put({session.user, session.id}, {});
  state_.refresh_tokens.put({session.id, refresh}, std::nullopt);
  return {};
}

Result<RefreshUse> MemorySessions::rotate(const SessionId& id, const RefreshTokenHash& used,
                                          const RefreshTokenHash& fresh, Timestamp now) {
  const auto* used_at = state_.refresh_tokens.find({id, used});
  if (used_at == nullptr) return RefreshUse{};
  if (*used_at) return RefreshUse{RefreshUse::Outcome::spent, **used_at};
  state_.refresh_tokens.put({id, used}, now);
  state_.refresh_tokens.put({id, fresh}, std::nullopt);
  Session session = *state_.sessions.find(id);
  session.last_used_at = now;
  state_.sessions.put(id, std::move(session));
  return RefreshUse{RefreshUse::Outcome::consumed, {}};
}

Result<void> MemorySessions::revoke(const SessionId& id, Timestamp now) {
  const auto* found = state_.sessions.find(id);
  if (found == nullptr || found->revoked_at)
    return Error{Errc::not_found, "no such session, or revoked before"};
  Session session = *found;
  session.revoked_at = now;
  state_.sessions.put(id, std::move(session));
  ++state_.identity_version;
  return {};
}

Result<std::int64_t> MemorySessions::revoke_all(UserId user, const std::optional<SessionId>& except,
                                                Timestamp now) {
  std::int64_t revoked = 0;
  for (auto& session : sessions_of(state_, user)) {
    if (!is_live(session, now) || session.id == except) continue;
    session.revoked_at = now;
    state_.sessions.put(session.id, session);
    ++revoked;
  }
  if (revoked > 0) ++state_.identity_version;
  return revoked;
}

Result<std::int64_t> MemorySessions::forget_expired(Timestamp before, std::size_t limit) {
  const auto gone = some_of(state_.sessions, limit,
                            [&](const Session& session) { return session.expires_at < before; });
  for (const auto& session : gone) {
    state_.sessions.erase(session.id);
    state_.sessions_of_user.erase({session.user, session.id});
    for (const auto& token : seconds_of(state_.refresh_tokens, session.id))
      state_.refresh_tokens.erase({session.id, token});
  }
  if (!gone.empty()) ++state_.identity_version;
  return static_cast<std::int64_t>(gone.size());
}

} // namespace baluhost::memory
