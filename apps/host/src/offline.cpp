#include "baluhost/host/offline.hpp"

#include "baluhost/crypto/ed25519_signer.hpp"
#include "baluhost/crypto/key_directory.hpp"
#include "baluhost/crypto/openssl_digester.hpp"
#include "baluhost/crypto/openssl_random.hpp"
#include "baluhost/filesystem/anchor_file.hpp"
#include "baluhost/filesystem/system_clock.hpp"

namespace baluhost {
namespace {

/// A signer with the keys that it reads.
class OwningSigner final : public SealSigner {
 public:
  static Result<std::unique_ptr<SealSigner>> open(const std::string& directory) {
    auto made = std::make_unique<OwningSigner>();
    BALUHOST_TRY(made->keys_, KeyDirectory::open(directory, KeyDirectory::Missing::refuse,
                                                 *made->random_, *made->clock_));
    made->signer_ = make_ed25519_signer(*made->keys_);
    return std::unique_ptr<SealSigner>{std::move(made)};
  }

  bool knows(std::string_view key_id) const override { return signer_->knows(key_id); }
  bool verify(std::string_view key_id, std::string_view message,
              std::string_view signature) const override {
    return signer_->verify(key_id, message, signature);
  }
  std::optional<std::string> public_key(std::string_view key_id) const override {
    return signer_->public_key(key_id);
  }
  std::optional<bool> verify_mac(std::string_view message, const Sha256Digest& mac) const override {
    return signer_->verify_mac(message, mac);
  }
  Result<SealSignature> sign(std::string_view message) override { return signer_->sign(message); }
  Result<Sha256Digest> mac(std::string_view message) override { return signer_->mac(message); }

 private:
  std::unique_ptr<RandomSource> random_ = make_openssl_random();
  std::unique_ptr<Clock> clock_ = make_system_clock();
  std::unique_ptr<KeyDirectory> keys_;
  std::unique_ptr<SealSigner> signer_;
};

} // namespace

std::unique_ptr<Clock> make_clock() { return make_system_clock(); }

Timestamp system_now() { return make_system_clock()->now(); }

std::unique_ptr<Digester> make_digester() { return make_openssl_digester(); }

Result<std::unique_ptr<SealVerifier>> make_seal_verifier(std::string_view public_keys) {
  return make_seal_verifier_from_pem(public_keys);
}

Result<std::optional<Anchor>> newest_anchor(const std::string& file) {
  return make_anchor_file(file)->newest();
}

Result<std::unique_ptr<SealSigner>> open_seal_signer(const HostOptions& options) {
  return OwningSigner::open(options.keys_dir);
}

Result<InstanceId> make_instance_id() {
  BALUHOST_TRY(const std::string bytes, make_openssl_random()->bytes(InstanceId::kBytes));
  return InstanceId{to_hex(bytes)};
}

} // namespace baluhost
