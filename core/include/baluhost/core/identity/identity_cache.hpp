#pragma once

#include "baluhost/domain/identity/key.hpp"
#include "baluhost/domain/identity/session.hpp"
#include "baluhost/domain/identity/share.hpp"
#include "baluhost/ports/database.hpp"

#include <atomic>
#include <cstdint>
#include <memory>

namespace baluhost {

/// Sessions, keys and shares with their users as the database had them a moment ago, so that an
/// authenticated request needs no query. Changes made through this process show at once (`forget`),
/// those of other programs at the next `poll`. Bounded. Safe from many threads.
class IdentityCache {
 public:
  /// `capacity` sessions, keys and shares at most. `database` must outlive it.
  explicit IdentityCache(Database& database, std::size_t capacity = 65536);
  ~IdentityCache();

  /// The session and its user, from memory or the database; none if there is no such session.
  [[nodiscard]] Result<std::optional<SessionState>> find(const SessionId& id);

  /// The key with this secret and its user, likewise.
  [[nodiscard]] Result<std::optional<KeyState>> find(const KeyHash& secret);

  /// The share and its creator, likewise; an ended one too.
  [[nodiscard]] Result<std::optional<ShareState>> find(const ShareId& id);

  /// After a key was refused: the next look-up of it takes as long as that of an unknown one.
  void forget(const KeyHash& secret);

  /// After every change of a user, session, key, share or role, before it is answered.
  void forget();

  /// Forgets everything if users, grants, keys, shares or the end of a session changed since the
  /// last one; call it several times a second.
  [[nodiscard]] Result<void> poll();

 private:
  struct State;
  Database& database_;
  std::unique_ptr<State> state_;
};

} // namespace baluhost
