#include "baluhost/crypto/ed25519_signer.hpp"

#include "ed25519.hpp"
#include "key_set.hpp"

#include <algorithm>

namespace baluhost {
namespace {

const SealKey* find_key(const KeySet& keys, std::string_view key_id) {
  const auto found = std::find_if(keys.seal.begin(), keys.seal.end(),
                                  [&](const SealKey& key) { return key.info.kid == key_id; });
  return found == keys.seal.end() ? nullptr : &*found;
}

class Ed25519Signer final : public SealSigner {
 public:
  explicit Ed25519Signer(KeyDirectory& keys) : keys_(keys) {}

  Result<SealSignature> sign(std::string_view message) override {
    const auto keys = keys_.keys();
    if (keys->seal.empty()) return Error{Errc::unavailable, "there is no seal key"};
    const auto& newest = keys->seal.front();
    BALUHOST_TRY(auto signature, ed25519::sign(newest.key.get(), message));
    return SealSignature{newest.info.kid, std::move(signature)};
  }

  Result<Sha256Digest> mac(std::string_view message) override {
    const auto keys = keys_.keys();
    if (keys->seal.empty()) return Error{Errc::unavailable, "there is no seal key"};
    return ed25519::hmac(keys->seal.front().mac_key, message);
  }

  /// A key that another program made a moment ago is looked for once.
  std::optional<bool> verify_mac(std::string_view message, const Sha256Digest& mac) const override {
    const auto fits = [&](const KeySet& keys) {
      return std::ranges::any_of(keys.seal, [&](const SealKey& key) {
        return equal_in_constant_time(ed25519::hmac(key.mac_key, message).view(), mac.view());
      });
    };
    return fits(*keys_.keys()) || fits(*keys_.refreshed_keys());
  }

  bool knows(std::string_view key_id) const override {
    return find_key(*keys_.keys(), key_id) || find_key(*keys_.refreshed_keys(), key_id);
  }

  std::optional<std::string> public_key(std::string_view key_id) const override {
    auto keys = keys_.keys();
    const auto* key = find_key(*keys, key_id);
    if (!key) {
      keys = keys_.refreshed_keys();
      key = find_key(*keys, key_id);
    }
    return key ? std::optional{ed25519::public_pem(key->key.get())} : std::nullopt;
  }

  bool verify(std::string_view key_id, std::string_view message,
              std::string_view signature) const override {
    auto keys = keys_.keys();
    const auto* key = find_key(*keys, key_id);
    if (!key) {
      keys = keys_.refreshed_keys();
      key = find_key(*keys, key_id);
    }
    return key && ed25519::verify(key->key.get(), message, signature);
  }

 private:
  KeyDirectory& keys_;
};

class PemVerifier final : public SealVerifier {
 public:
  explicit PemVerifier(std::vector<PkeyPtr> keys) {
    for (auto& key : keys) {
      auto id = ed25519::key_id(key.get());
      keys_.push_back({std::move(id), std::move(key)});
    }
  }

  bool knows(std::string_view key_id) const override { return find(key_id) != keys_.end(); }

  std::optional<std::string> public_key(std::string_view key_id) const override {
    const auto found = find(key_id);
    if (found == keys_.end()) return std::nullopt;
    return ed25519::public_pem(found->second.get());
  }

  bool verify(std::string_view key_id, std::string_view message,
              std::string_view signature) const override {
    const auto found = find(key_id);
    return found != keys_.end() && ed25519::verify(found->second.get(), message, signature);
  }

  std::optional<bool> verify_mac(std::string_view, const Sha256Digest&) const override {
    return std::nullopt;
  }

 private:
  using Keys = std::vector<std::pair<std::string, PkeyPtr>>;
  Keys::const_iterator find(std::string_view key_id) const {
    return std::find_if(keys_.begin(), keys_.end(),
                        [&](const auto& key) { return key.first == key_id; });
  }

  Keys keys_;
};

} // namespace

std::unique_ptr<SealSigner> make_ed25519_signer(KeyDirectory& keys) {
  return std::make_unique<Ed25519Signer>(keys);
}

Result<std::unique_ptr<SealVerifier>> make_seal_verifier_from_pem(std::string_view pem) {
  BALUHOST_TRY(auto keys, ed25519::parse_public_pems(pem));
  return std::unique_ptr<SealVerifier>(std::make_unique<PemVerifier>(std::move(keys)));
}

} // namespace baluhost
