#pragma once

#include "baluhost/domain/identity/key.hpp"
#include "baluhost/ports/database.hpp"

#include <cstddef>
#include <memory>
#include <optional>

namespace baluhost {

/// When and from where keys were last used. A request notes its use in memory; the database learns
/// of it soon, of one key once a minute at most. Bounded. Safe from many threads.
class KeyUses {
 public:
  /// `capacity` keys at most. `database` must outlive it.
  explicit KeyUses(Database& database, std::size_t capacity = 65536);
  ~KeyUses();

  /// Returns at once. Beyond the capacity a use is not noted.
  void note(KeyUse use);

  /// The last use that was noted here and may not be in the database yet.
  [[nodiscard]] std::optional<KeyUse> latest(const KeyId& key) const;

  /// Writes what is due at `now`; call it every few seconds. unavailable: it is due again.
  [[nodiscard]] Result<void> write(Timestamp now);

 private:
  struct State;
  Database& database_;
  std::unique_ptr<State> state_;
};

} // namespace baluhost
