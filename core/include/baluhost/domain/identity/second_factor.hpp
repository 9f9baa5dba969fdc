#pragma once

#include "baluhost/domain/digest.hpp"
#include "baluhost/domain/identity/session.hpp"
#include "baluhost/domain/identity/user.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace baluhost {

/// What a login was proved by.
enum class Factor { password, totp, recovery_code };

/// "password", "totp", "recovery_code"
std::string_view to_string(Factor factor) noexcept;

/// Whose accounts have to have a second factor.
enum class SecondFactorRule { none, admin, all };

/// A time step of TOTP (RFC 6238): how many 30 seconds have passed since 1970.
using TotpStep = NumericId<struct TotpStepTag>;

/// The step that `now` lies in.
[[nodiscard]] TotpStep totp_step(Timestamp now) noexcept;

/// How often a code may be tried.
struct SecondFactorLimits {
  static constexpr std::size_t seed_bytes = 20; ///< of an HMAC-SHA-1 key, RFC 4226 section 4
  static constexpr std::size_t digits = 6;
  static constexpr std::size_t recovery_codes = 10;
  static constexpr std::size_t recovery_code_bytes = 15;
  static constexpr int codes_of_challenge = 5;
  static constexpr std::size_t challenges_of_account = 5;
  static constexpr std::chrono::minutes challenge_ttl{5};
};

/// A seed as stored: encrypted, with the name of the key that it was encrypted with.
struct SealedSeed {
  std::string key_id; ///< the key's fingerprint
  std::string text;
  bool operator==(const SealedSeed&) const = default;
};

/// What an account proves itself by besides its password. Pending until its owner has shown that
/// the authenticator has it.
struct SecondFactor {
  UserId user;
  SealedSeed seed;
  Timestamp created_at;
  std::optional<Timestamp> confirmed_at;
};

/// The SHA-256 of a recovery code.
struct RecoveryCodeHash {
  Sha256Digest digest;
  auto operator<=>(const RecoveryCodeHash&) const = default;
};

/// The SHA-256 of a challenge.
struct ChallengeHash {
  Sha256Digest digest;
  auto operator<=>(const ChallengeHash&) const = default;
};

/// A login whose password was right and whose code is awaited.
struct Challenge {
  ChallengeHash hash;
  UserId user;
  Timestamp created_at;
  Timestamp expires_at;
  int tries{0}; ///< codes that were sent with it
};

} // namespace baluhost
