#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/core/identity/identity_cache.hpp"
#include "baluhost/core/page.hpp"
#include "baluhost/domain/identity/session.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"

#include <cstdint>

namespace baluhost {

/// The sessions that logins made, and their ends. Every end writes its event, failed ones too. Safe
/// from many threads.
class SessionService {
 public:
  /// All references must outlive it.
  SessionService(Database& database, AuditLog& audit, IdentityCache& identities,
                 const Clock& clock);

  /// Ends the caller's session. conflict: a local operator has none.
  [[nodiscard]] Result<void> logout(const Principal& principal);

  /// Ends every session of the caller. not_found: a local operator has no account.
  [[nodiscard]] Result<void> logout_all(const Principal& principal);

  /// The caller's live sessions, by id. not_found: a local operator has none.
  [[nodiscard]] Result<Page<Session>> list(const Principal& principal, const PageRequest& page);

  /// Ends a session of the caller's. not_found unless it is a live one.
  [[nodiscard]] Result<void> revoke(const Principal& principal, const SessionId& id);

  /// For administrators: the live sessions of `user`. not_found, forbidden.
  [[nodiscard]] Result<Page<Session>> list_of(const Principal& principal, const Username& user,
                                              const PageRequest& page);

  /// For administrators: ends anybody's session. not_found, forbidden.
  [[nodiscard]] Result<void> revoke_any(const Principal& principal, const SessionId& id);

  /// For administrators: ends every session of `user`; returns how many. not_found, forbidden.
  [[nodiscard]] Result<std::int64_t> revoke_all_of(const Principal& principal,
                                                   const Username& user);

 private:
  Result<Page<Session>> page_of(UserId user, const PageRequest& page);

  Database& database_;
  AuditLog& audit_log_;
  IdentityCache& identities_;
  const Clock& clock_;
};

} // namespace baluhost
