#include "verified_tokens.hpp"

#include <mutex>

namespace baluhost {

VerifiedTokens::VerifiedTokens(std::size_t capacity) : capacity_(capacity) {}

std::optional<SignedToken> VerifiedTokens::find(const Sha256Digest& token,
                                                const std::shared_ptr<const KeySet>& keys) const {
  const std::shared_lock lock(mutex_);
  if (keys_ != keys) return std::nullopt;
  const auto found = tokens_.find(token);
  return found == tokens_.end() ? std::nullopt : std::optional{found->second};
}

void VerifiedTokens::remember(const Sha256Digest& token, const std::shared_ptr<const KeySet>& keys,
                              const SignedToken& verified) {
  const std::lock_guard lock(mutex_);
  if (keys_ != keys) {
    tokens_.clear();
    keys_ = keys;
  }
  if (tokens_.size() >= capacity_) tokens_.erase(tokens_.begin());
  tokens_.emplace(token, verified);
}

} // namespace baluhost
