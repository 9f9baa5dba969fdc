#pragma once

#include "baluhost/domain/digest.hpp"
#include "baluhost/domain/result.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace baluhost {

/// The file in a directory of keys that has the public halves of all seal keys, PEM.
inline constexpr std::string_view kSealKeysFile = "audit-ed25519.pub.pem";

/// A signature with the key that made it.
struct SealSignature {
  std::string key_id;    ///< hex of the first 8 bytes of the SHA-256 of the raw public key
  std::string signature; ///< Ed25519 (RFC 8032), 64 raw bytes
};

/// Verifies signatures of seals; needs public keys only. With the private ones it verifies MACs of
/// tags as well. Safe from many threads.
class SealVerifier {
 public:
  virtual ~SealVerifier() = default;

  /// True if the key named `key_id` is known: a forged signature of a known key and one of a
  /// stranger's are different findings.
  [[nodiscard]] virtual bool knows(std::string_view key_id) const = 0;

  /// True if the key named `key_id` is known and made `signature` over `message`. Never fails
  /// otherwise.
  [[nodiscard]] virtual bool verify(std::string_view key_id, std::string_view message,
                                    std::string_view signature) const = 0;

  /// The public key named `key_id`, PEM; none if it is not known.
  [[nodiscard]] virtual std::optional<std::string> public_key(std::string_view key_id) const = 0;

  /// Whether one of the keys made `mac` over `message`. None: it has public keys only and cannot
  /// tell.
  [[nodiscard]] virtual std::optional<bool> verify_mac(std::string_view message,
                                                       const Sha256Digest& mac) const = 0;
};

/// Signs seals with the newest key. Safe from many threads.
class SealSigner : public SealVerifier {
 public:
  /// unavailable without a key.
  [[nodiscard]] virtual Result<SealSignature> sign(std::string_view message) = 0;

  /// HMAC-SHA-256 (RFC 2104) over `message`, by a key that follows from the newest private one and
  /// from nothing that is public. The messages of each kind begin with a line of their own.
  /// unavailable without a key.
  [[nodiscard]] virtual Result<Sha256Digest> mac(std::string_view message) = 0;
};

} // namespace baluhost
