#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/core/identity/identity_cache.hpp"
#include "baluhost/core/identity/login_throttle.hpp"
#include "baluhost/domain/identity/second_factor.hpp"
#include "baluhost/domain/secret.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/password_hasher.hpp"
#include "baluhost/ports/random_source.hpp"
#include "baluhost/ports/seed_cipher.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace baluhost {

/// What an authenticator needs, shown this once.
struct NewSeed {
  Secret secret; ///< in base32, as people type it
  Secret uri;    ///< the same for a camera: `otpauth://totp/…`
};

/// What became of the seeds after a rotation of their keys.
struct ResealedSeeds {
  std::int64_t resealed{0};
  std::int64_t unreadable{0}; ///< their key is missing, or they were changed
};

/// A key that seeds are sealed with and that does not open them: it is missing, or they were
/// changed.
struct LostSeedKey {
  std::string key_id;
  std::int64_t seeds{0}; ///< sealed with it
};

/// The second factors of accounts: TOTP (RFC 6238; SHA-1, six digits, 30 seconds) and recovery
/// codes. One's own for who has a session, never for keys (forbidden). Every call writes its event,
/// failed ones too. Safe from many threads; `begin` and `remove` take the time of a password hash:
/// call them from threads that may be busy.
class SecondFactorService {
 public:
  /// What it works with; all must outlive it.
  struct Dependencies {
    Database& database;
    AuditLog& audit_log;
    IdentityCache& identities;
    LoginThrottle& throttle;
    PasswordHasher& hasher;
    SeedCipher& seeds;
    Digester& digester;
    RandomSource& random;
    const Clock& clock;
  };

  /// Keeps nothing between calls.
  explicit SecondFactorService(const Dependencies& deps);

  /// A seed that is pending until `confirm`, in place of one that is pending too.
  /// invalid_credentials, rate_limited; conflict: a second factor is on; not_found: a local
  /// operator has no account.
  [[nodiscard]] Result<NewSeed> begin(const Principal& principal, const Secret& current_password);

  /// Switches the pending factor on by a code of it; returns its recovery codes, which are shown
  /// this once. conflict: none is pending; invalid_credentials, rate_limited.
  [[nodiscard]] Result<std::vector<Secret>> confirm(const Principal& principal, const Secret& code);

  /// New recovery codes; the ones before are dead. conflict: no second factor is on;
  /// invalid_credentials, rate_limited.
  [[nodiscard]] Result<std::vector<Secret>> renew_recovery_codes(const Principal& principal,
                                                                 const Secret& code);

  /// Switches the factor off, by the password and a code or recovery code. not_found: none is on;
  /// invalid_credentials, rate_limited.
  [[nodiscard]] Result<void> remove(const Principal& principal, const Secret& current_password,
                                    const Secret& code);

  /// For administrators: takes another's factor away; the account is told at its next login or
  /// refresh. not_found: no such user, or none is on; conflict: it is one's own; forbidden.
  [[nodiscard]] Result<void> reset(const Principal& principal, const Username& user);

  /// Encrypts every seed with the newest key that is not. For the operator's programs. unavailable.
  [[nodiscard]] Result<ResealedSeeds> reseal();

  /// The keys that are needed and lost, by id: what logins with a code fail for. unavailable.
  [[nodiscard]] Result<std::vector<LostSeedKey>> lost_keys();

 private:
  struct Owner;
  struct Checked;
  Result<void> refuse_key(const Principal& principal, Operation operation);
  enum class Wanted { pending, on };
  Result<Owner> find_owner(const Principal& principal);
  Result<Owner> find_owner(const Principal& principal, const NewAuditEvent& event, Wanted wanted,
                           Error without);
  Result<Checked> check_code(const Principal& principal, const Owner& owner, const Secret& code);
  Error wrong_code(const Principal& principal, const Owner& owner, const LoginWait& waited);

  Dependencies deps_;
};

} // namespace baluhost
