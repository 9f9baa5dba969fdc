#include "baluhost/memory/fake_seal_signer.hpp"

#include "sha.hpp"

#include <utility>

namespace baluhost {
namespace {

class FakeSealSigner final : public SealSigner {
 public:
  explicit FakeSealSigner(Secret key)
      : key_(std::move(key)), key_id_(to_hex(memory::sha256(key_.reveal()).view().substr(0, 8))) {}

  Result<SealSignature> sign(std::string_view message) override {
    if (key_.empty()) return Error{Errc::unavailable, "no key"};
    return SealSignature{key_id_, signature_of(message)};
  }

  Result<Sha256Digest> mac(std::string_view message) override {
    if (key_.empty()) return Error{Errc::unavailable, "no key"};
    return mac_of(message);
  }

  std::optional<bool> verify_mac(std::string_view message, const Sha256Digest& mac) const override {
    return !key_.empty() && equal_in_constant_time(mac.view(), mac_of(message).view());
  }

  bool knows(std::string_view key_id) const override { return !key_.empty() && key_id == key_id_; }

  std::optional<std::string> public_key(std::string_view key_id) const override {
    if (!knows(key_id)) return std::nullopt;
    return "-----BEGIN PUBLIC KEY-----\n" + key_id_ + "\n-----END PUBLIC KEY-----\n";
  }

  bool verify(std::string_view key_id, std::string_view message,
              std::string_view signature) const override {
    return knows(key_id) && equal_in_constant_time(signature, signature_of(message));
  }

 private:
  /// Two halves of 32 bytes, as long as one Ed25519 signature.
  std::string signature_of(std::string_view message) const {
    const auto first = memory::hmac_sha256(key_.reveal(), std::string{"1"}.append(message));
    const auto second = memory::hmac_sha256(key_.reveal(), std::string{"2"}.append(message));
    return std::string{first.view()}.append(second.view());
  }

  Sha256Digest mac_of(std::string_view message) const {
    return memory::hmac_sha256(key_.reveal(), std::string{"3"}.append(message));
  }

  Secret key_;
  std::string key_id_;
};

} // namespace

std::unique_ptr<SealSigner> make_fake_seal_signer(Secret key) {
  return std::make_unique<FakeSealSigner>(std::move(key));
}

} // namespace baluhost
