#pragma once

#include "baluhost/domain/identity/key.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"
#include "baluhost/ports/common/repository.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace baluhost {

/// Keys of accounts, by which programs act for them.
class KeyRepository : public Repository {
 public:
  /// The key with its user, in one query, whether it has expired or not.
  [[nodiscard]] virtual Result<std::optional<KeyState>> find(const KeyId& id) const = 0;

  /// The same by the hash of its secret.
  [[nodiscard]] virtual Result<std::optional<KeyState>> find(const KeyHash& secret) const = 0;

  /// Keys of `owner` by id, with where they are bound to, in one query.
  [[nodiscard]] virtual Result<std::vector<PlacedKey>> list(UserId owner,
                                                            const std::optional<KeyId>& after,
                                                            std::size_t limit) const = 0;

  /// How many keys `owner` has.
  [[nodiscard]] virtual Result<std::int64_t> count(UserId owner) const = 0;

  /// `key` with no use yet; what it is bound to need not be there any more.
  [[nodiscard]] virtual Result<void> insert(const Key& key, const KeyHash& secret) = 0;

  /// not_found.
  [[nodiscard]] virtual Result<void> remove(const KeyId& id) = 0;

  /// Removes all keys of `owner`; returns how many.
  [[nodiscard]] virtual Result<std::int64_t> remove_all(UserId owner) = 0;

  /// Sets when and from where keys were last used, unless a later use is known; passes over keys
  /// that are gone. Leaves `identity_version`.
  [[nodiscard]] virtual Result<void> note_uses(std::span<const KeyUse> uses) = 0;

  /// Forgets keys that expired before `before`, at most `limit`; returns how many.
  [[nodiscard]] virtual Result<std::int64_t> forget_expired(Timestamp before,
                                                            std::size_t limit) = 0;
};

} // namespace baluhost
