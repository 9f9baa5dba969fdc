#pragma once

#include "baluhost/domain/identity/user.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"
#include "baluhost/ports/common/repository.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace baluhost {

/// The accounts.
class UserRepository : public Repository {
 public:
  /// None: there is none.
  [[nodiscard]] virtual Result<std::optional<User>> find(UserId id) const = 0;

  /// None: there is none.
  [[nodiscard]] virtual Result<std::optional<User>> find(const Username& name) const = 0;

  /// None: there is none.
  [[nodiscard]] virtual Result<std::optional<Credentials>> find_credentials(
      const Username& name) const = 0;

  /// The first stored hash after `text`, by bytes; reads every account. It shows with which
  /// settings the hashes of the accounts were made.
  [[nodiscard]] virtual Result<std::optional<PasswordHash>> first_hash_after(
      std::string_view text) const = 0;

  /// Users by name, after `after`.
  [[nodiscard]] virtual Result<std::vector<User>> list(const std::optional<Username>& after,
                                                       std::size_t limit) const = 0;

  /// How many administrators can log in.
  [[nodiscard]] virtual Result<std::int64_t> count_enabled_admins() const = 0;

  /// From here to the end of the transaction no other transaction changes roles, enables or deletes
  /// anyone.
  [[nodiscard]] virtual Result<void> lock_roles() = 0;

  /// From here to the end of the transaction no other one that has `relies_on` among its `changes`
  /// goes on, and none that relies on `changes` or changes it too: what such a transaction reads of
  /// an account - its role, enabling, password, sessions - holds until it ends. Both at once, after
  /// `lock_roles` and before any home. Users that do not exist are no error.
  [[nodiscard]] virtual Result<void> lock_accounts(const AccountLocks& locks) = 0;

  /// The new account, which begins after every event that has its id by now. already_exists: the
  /// name or the e-mail is taken.
  [[nodiscard]] virtual Result<User> insert(const NewUser& user) = 0;

  /// The user as it is afterwards. not_found; already_exists: the e-mail is taken.
  [[nodiscard]] virtual Result<User> update(UserId id, const UserChanges& changes,
                                            Timestamp now) = 0;

  /// not_found.
  [[nodiscard]] virtual Result<void> set_unlocked_at(UserId id, Timestamp now) = 0;

  /// With the user go sessions, refresh tokens, grants received, shares made, and pending uploads,
  /// the user's own and those into the user's home; name and e-mail are free again. Grants that the
  /// user gave lose their giver. Nodes of detached trees stay until `RemovalRepository` has removed
  /// them. not_found; conflict while there is a home.
  [[nodiscard]] virtual Result<void> remove(UserId id) = 0;

  /// Adds to the user's usage, and sets another `tree_version`: whoever changes a tree calls this
  /// in the same transaction. not_found; quota_exceeded, and nothing added, if bytes or entries are
  /// added for which there is no room.
  [[nodiscard]] virtual Result<void> add_usage(UserId id, const UsageChange& change) = 0;
};

} // namespace baluhost
