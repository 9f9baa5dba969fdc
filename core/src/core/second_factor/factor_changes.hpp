#pragma once

#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/ports/database.hpp"

#include <utility>

namespace baluhost {

/// What a password, which no longer holds, was the first half of: logins that wait for a code, and
/// a factor that nobody has confirmed.
[[nodiscard]] inline Result<void> end_unfinished_factors(WriteTransaction& tx, UserId user) {
  BALUHOST_CHECK(tx.challenges().remove_all(user));
  return tx.second_factors().remove_pending(user);
}

/// `event`, a `recovery_code_used` of `user`, with how many codes are left.
[[nodiscard]] inline Result<NewAuditEvent> recovery_code_used(ReadTransaction& tx, UserId user,
                                                              NewAuditEvent event) {
  BALUHOST_TRY(const auto left, tx.second_factors().count_recovery_codes(user));
  return with_details(std::move(event), JsonObject{}.add("remaining", left));
}

} // namespace baluhost
