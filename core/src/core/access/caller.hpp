#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/ports/database.hpp"

#include <optional>

namespace baluhost {

/// The caller of a unit of work, at its end. What was let in a while ago may have been shut out
/// since: so every change that is made for somebody begins with `hold`, in its own transaction.
class Caller {
 public:
  /// Locks the caller's account, and `changes` if this transaction changes that one, until the
  /// transaction ends, and returns the caller with the role that they have now. token_revoked: the
  /// session, the key or the share was ended, the share is over by `now`, or the account disabled
  /// or deleted. token_expired: a key that is over by `now`; a session that expired since the
  /// request was let in does no harm, as nobody ended it.
  ///
  /// Locks are taken in one order everywhere: roles, accounts, homes. So this comes before any home
  /// is locked.
  [[nodiscard]] static Result<Principal> hold(WriteTransaction& tx, const Principal& principal,
                                              Timestamp now, std::optional<UserId> changes = {});

  /// The same for bookkeeping that is done for somebody.
  [[nodiscard]] static Result<Principal> hold(Bookkeeping& tx, const Principal& principal,
                                              Timestamp now);

 private:
  static Result<Principal> hold(ReadTransaction& view, UserRepository& users,
                                const Principal& principal, Timestamp now,
                                std::optional<UserId> changes);
};

} // namespace baluhost
