#pragma once

#include "baluhost/core/access/access_policy.hpp"
#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/domain/audit/audit_filter.hpp"
#include "baluhost/domain/identity/username.hpp"
#include "baluhost/ports/transactions.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

namespace baluhost {

inline bool sees_everything(const Principal& principal) {
  return permits(principal.role(), Permission::audit);
}

/// What an account may see of the events of its name.
struct OwnEvents {
  Timestamp from;
  EventId since;
};

/// None for who may see everything.
inline Result<std::optional<OwnEvents>> own_events(ReadTransaction& tx,
                                                   const Principal& principal) {
  if (sees_everything(principal)) return std::optional<OwnEvents>{};
  BALUHOST_TRY(const auto user, tx.users().find(principal.user().value_or(UserId{})));
  if (!user) return Error{.code = Errc::token_revoked, .detail = "the user is gone"};
  return std::optional{OwnEvents{user->created_at, user->events_after}};
}

inline void narrow(AuditFilter& filter, const std::optional<OwnEvents>& own) {
  if (!own) return;
  filter.from = std::max(filter.from.value_or(own->from), own->from);
  filter.account_since = own->since;
}

/// As names are stored; what is none ("cli:root") stays as it is.
inline void normalise_name(std::optional<std::string>& name) {
  if (!name) return;
  if (const auto parsed = Username::parse(*name)) name = parsed->str();
}

/// Limits `user` to the caller's own events where the caller may see no others.
inline Result<void> limit_to_own(AuditLog& audit, const Principal& principal,
                                 std::string_view route, Operation operation,
                                 std::optional<std::string>& user) {
  if (sees_everything(principal)) return {};
  if (user && *user != principal.name()) {
    return audit.denied(principal, route, operation, to_string(Permission::audit),
                        Error{.code = Errc::forbidden, .detail = "another's events"});
  }
  user = principal.name();
  return {};
}

} // namespace baluhost
