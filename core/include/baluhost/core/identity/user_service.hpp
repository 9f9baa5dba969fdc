#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/core/identity/identity_cache.hpp"
#include "baluhost/core/page.hpp"
#include "baluhost/domain/identity/user.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/password_hasher.hpp"
#include "baluhost/ports/transactions.hpp"

#include <optional>
#include <vector>

namespace baluhost {

/// The request for an account.
struct CreateUser {
  Username username;
  Secret password{};
  std::optional<Email> email{};
  Role role{Role::user};
  std::optional<std::int64_t> quota_bytes{};
};

/// Members left out stay as they are.
struct UpdateUser {
  std::optional<Role> role{};
  std::optional<bool> enabled{};
  std::optional<std::optional<Email>> email{};
  std::optional<std::optional<std::int64_t>> quota_bytes{};
  std::optional<Secret> password{}; ///< ends all sessions of the user, and the keys unless kept
  bool keep_keys{false};
};

/// Whether the files of a user who is removed go too.
enum class Purge { no, yes };

/// The users and their homes. For administrators but for `me` and `get` of oneself. Every change
/// writes its events: `user_created`, `user_updated`, `role_changed`, `user_enabled`,
/// `user_disabled`, `user_deleted`, `password_changed`. Safe from many threads.
class UserService {
 public:
  /// All references must outlive it.
  UserService(Database& database, AuditLog& audit, IdentityCache& identities,
              PasswordHasher& hasher, const Clock& clock);

  /// The user with an empty home. already_exists, invalid_request at "/password", forbidden.
  [[nodiscard]] Result<User> create(const Principal& principal, const CreateUser& request);

  /// The first administrator. conflict if there is an enabled one; already_exists: another user has
  /// the name.
  [[nodiscard]] Result<User> create_first_admin(const Username& name, const Secret& password);

  /// An enabled one.
  [[nodiscard]] Result<bool> has_admin();

  /// For the operator's programs.
  [[nodiscard]] Result<bool> exists(const Username& name);
  [[nodiscard]] Result<Page<User>> list(const Principal& principal, const PageRequest& page);

  /// The caller. not_found: a local operator has no account; token_revoked: it is gone.
  [[nodiscard]] Result<User> me(const Principal& principal);

  /// not_found also where the caller may not see it.
  [[nodiscard]] Result<User> get(const Principal& principal, const Username& name);

  /// conflict: the last enabled administrator, or one's own role. Disabling ends all sessions and
  /// keys of the user for good. forbidden: who came with a key changes the password or the state of
  /// the key's owner.
  [[nodiscard]] Result<User> update(const Principal& principal, const Username& name,
                                    const UpdateUser& request);

  /// With a purge the user's files go too, each with its `delete` event; without, conflict while
  /// the user owns any. conflict: the last enabled administrator. forbidden: the owner of the key
  /// that the caller came with.
  [[nodiscard]] Result<void> remove(const Principal& principal, const Username& name, Purge purge);

  /// Forgives the failed logins of an account.
  [[nodiscard]] Result<void> unlock(const Principal& principal, const Username& name);

 private:
  /// Makes `changes` of `before`, who is held, and what follows from them.
  Result<Recorded<User>> change(WriteTransaction& tx, const Principal& principal,
                                const User& before, const UserChanges& changes, bool keep_keys,
                                FunctionRef<NewAuditEvent(Action)> drafted);

  /// What is left of a home that was taken away.
  struct EmptiedHome {
    std::vector<NewAuditEvent> events;
    std::optional<TreeRemoval> pending;
  };

  /// conflict: files are there that are not purged.
  Result<EmptiedHome> remove_home(WriteTransaction& tx, const Principal& principal,
                                  const User& user, Purge purge);

  Database& database_;
  AuditLog& audit_log_;
  IdentityCache& identities_;
  PasswordHasher& hasher_;
  const Clock& clock_;
};

} // namespace baluhost
