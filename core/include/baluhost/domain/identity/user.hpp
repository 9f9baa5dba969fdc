#pragma once

#include "baluhost/domain/identity/username.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/secret.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace baluhost {

/// What an account may do beyond its own files.
enum class Role { admin, auditor, user };

/// "admin", "auditor", "user"
std::string_view to_string(Role role) noexcept;

/// "admin", "auditor" or "user"; else invalid_request.
Result<Role> parse_role(std::string_view text);

/// An account.
struct User {
  UserId id;
  Username username;
  std::optional<Email> email;
  Role role{Role::user};
  bool enabled{true};
  std::optional<std::int64_t> quota_bytes; ///< none: no limit
  std::int64_t used_bytes{};               ///< of all in the user's home, trash and versions too
  std::int64_t file_count{};               ///< in the home, without the trash
  std::int64_t trash_bytes{};              ///< of `used_bytes`: trashed files with their versions
  std::int64_t version_bytes{};            ///< of `used_bytes`: versions of files in the home

  /// Files and directories below the home, and what is left of removed trees.
  std::int64_t entry_count{};
  std::int64_t tree_version{}; ///< another one after each change of the home's tree
  Timestamp created_at;
  Timestamp updated_at;

  /// The newest event when the account was made: up to it, events of this name are another's.
  EventId events_after;
};

/// A password as stored: a PHC string (argon2id). Secret, since it can be attacked off line.
struct PasswordHash {
  Secret phc;
};

/// An account before it has an id.
struct NewUser {
  Username username;
  std::optional<Email> email;
  Role role{Role::user};
  bool enabled{true};
  std::optional<std::int64_t> quota_bytes;
  PasswordHash password;
  Timestamp created_at;
};

/// What `fresh` is once it has an id; `events_after` as of `User`.
[[nodiscard]] User as_user(const NewUser& fresh, UserId id, EventId events_after);

/// What a change of the tree adds to its owner's usage.
struct UsageChange {
  std::int64_t bytes{};
  std::int64_t files{};
  std::int64_t entries{};
  std::int64_t trash_bytes{};
  std::int64_t version_bytes{};
  std::int64_t most_entries{0}; ///< that there may be afterwards, where some are added; 0: no limit
};

/// What a change sets; members left out stay as they are.
struct UserChanges {
  std::optional<Role> role;
  std::optional<bool> enabled;
  std::optional<std::optional<Email>> email;
  std::optional<std::optional<std::int64_t>> quota_bytes;
  std::optional<PasswordHash> password;
};

/// An account with what its password is compared with.
struct Credentials {
  User user;
  PasswordHash password;

  /// Failures counted before this moment are forgiven (`user unlock`)
  std::optional<Timestamp> unlocked_at;
};

/// The accounts that a transaction's decisions rest on, and the one that it changes; they may be
/// the same.
struct AccountLocks {
  std::optional<UserId> relies_on;
  std::optional<UserId> changes;
};

} // namespace baluhost
