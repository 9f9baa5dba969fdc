#pragma once

#include "baluhost/domain/identity/session.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"
#include "baluhost/ports/common/repository.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baluhost {

/// Logins and their refresh tokens.
class SessionRepository : public Repository {
 public:
  /// The session with its user, in one query.
  [[nodiscard]] virtual Result<std::optional<SessionState>> find(const SessionId& id) const = 0;

  /// Sessions of `user` that are neither revoked nor expired at `now`, newest first.
  [[nodiscard]] virtual Result<std::vector<Session>> list(UserId user, Timestamp now,
                                                          const std::optional<SessionId>& after,
                                                          std::size_t limit) const = 0;

  /// The addresses that `user` logged in from at or after `since`, each once, in no order.
  [[nodiscard]] virtual Result<std::vector<IpAddress>> login_addresses(UserId user,
                                                                       Timestamp since) const = 0;

  /// `session`, whose refresh token has that hash.
  [[nodiscard]] virtual Result<void> insert(const Session& session,
                                            const RefreshTokenHash& refresh) = 0;

  /// `consumed` for exactly one of parallel uses, as one conditional update decides, which also
  /// stores `fresh` as the only usable token of the session and sets `last_used_at`; `spent` with
  /// the time of use for the others.
  [[nodiscard]] virtual Result<RefreshUse> rotate(const SessionId& session,
                                                  const RefreshTokenHash& used,
                                                  const RefreshTokenHash& fresh, Timestamp now) = 0;

  /// not_found if there is none, or it was revoked before.
  [[nodiscard]] virtual Result<void> revoke(const SessionId& id, Timestamp now) = 0;

  /// Revokes every live session of `user` but `except`; returns how many.
  [[nodiscard]] virtual Result<std::int64_t> revoke_all(UserId user,
                                                        const std::optional<SessionId>& except,
                                                        Timestamp now) = 0;

  /// Forgets sessions that expired before `before`, at most `limit`; returns how many.
  [[nodiscard]] virtual Result<std::int64_t> forget_expired(Timestamp before,
                                                            std::size_t limit) = 0;
};

} // namespace baluhost
