#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/core/identity/identity_cache.hpp"
#include "baluhost/core/keys/key_uses.hpp"
#include "baluhost/core/page.hpp"
#include "baluhost/domain/identity/key.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/random_source.hpp"

#include <optional>
#include <string>
#include <vector>

namespace baluhost {

/// The request for a key.
struct NewKey {
  std::string name;
  Scopes scopes;

  /// What the key is bound to: the file or directory that lies there now; none: nothing.
  std::optional<FilePath> path{};
  KeyProtocols protocols{KeyProtocols::all()};

  /// None: from anywhere.
  std::vector<IpNetwork> allow_from{};
  std::optional<Timestamp> expires_at{};
};

/// The only time that the secret is known.
struct MadeKey {
  PlacedKey placed;
  Secret secret;
};

/// Keys, by which programs act for an account. Every change writes its event, failed ones too. Safe
/// from many threads.
class KeyService {
 public:
  /// What it works with; all must outlive it.
  struct Dependencies {
    Database& database;
    AuditLog& audit_log;
    IdentityCache& identities;
    KeyUses& uses;
    Digester& digester;
    RandomSource& random;
    const Clock& clock;
  };

  /// Keeps nothing between calls.
  explicit KeyService(const Dependencies& deps);

  /// A key of the caller's. forbidden: the caller came with a key; not_found: nothing is at the
  /// path, or a local operator has no account; invalid_request at the member that breaks a rule;
  /// conflict: the account has as many keys as it may (`KeyLimits`).
  [[nodiscard]] Result<MadeKey> create(const Principal& principal, const NewKey& request);

  /// The caller's keys, by id, also those that have expired and are not forgotten yet. not_found: a
  /// local operator has none.
  [[nodiscard]] Result<Page<PlacedKey>> list(const Principal& principal, const PageRequest& page);

  /// Ends a key of the caller's. not_found unless it is one.
  [[nodiscard]] Result<void> revoke(const Principal& principal, const KeyId& id);

  /// For administrators: the keys of `user`. not_found, forbidden.
  [[nodiscard]] Result<Page<PlacedKey>> list_of(const Principal& principal, const Username& user,
                                                const PageRequest& page);

  /// For administrators: ends a key of `user`. not_found, forbidden.
  [[nodiscard]] Result<void> revoke_of(const Principal& principal, const Username& user,
                                       const KeyId& id);

  /// For administrators: ends anybody's key. not_found, forbidden.
  [[nodiscard]] Result<void> revoke_any(const Principal& principal, const KeyId& id);

 private:
  Result<Page<PlacedKey>> page_of(UserId owner, const PageRequest& page);

  Dependencies deps_;
};

} // namespace baluhost
