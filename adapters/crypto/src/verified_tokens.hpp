#pragma once

#include "baluhost/crypto/openssl_digester.hpp"
#include "baluhost/domain/digest.hpp"
#include "baluhost/domain/identity/session.hpp"
#include "jwt_signing.hpp"
#include "key_set.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string_view>
#include <unordered_map>

namespace baluhost {

/// A token whose form and signature hold. Whether it is valid now is another question.
struct SignedToken {
  TokenType type;
  TokenClaims claims;
  Timestamp not_before;
};

/// Remembers tokens whose signatures were verified, by their SHA-256, so that the next request with
/// one need not decode it again. What a set of keys verified is forgotten with that set. Bounded.
/// Safe from many threads.
class VerifiedTokens {
 public:
  /// `capacity` tokens at most.
  explicit VerifiedTokens(std::size_t capacity);

  /// The token, if it was remembered under these keys.
  [[nodiscard]] std::optional<SignedToken> find(const Sha256Digest& token,
                                                const std::shared_ptr<const KeySet>& keys) const;

  /// For a token that `keys` verified.
  void remember(const Sha256Digest& token, const std::shared_ptr<const KeySet>& keys,
                const SignedToken& verified);

 private:
  /// A digest is as random as any hash of it.
  struct Hash {
    std::size_t operator()(const Sha256Digest& token) const noexcept {
      return std::hash<std::string_view>{}(token.view());
    }
  };

  std::size_t capacity_;
  mutable std::shared_mutex mutex_;
  std::shared_ptr<const KeySet> keys_; ///< that verified what is remembered
  std::unordered_map<Sha256Digest, SignedToken, Hash> tokens_;
};

} // namespace baluhost
