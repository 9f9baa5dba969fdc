#include "keys.hpp"

#include "backend.hpp"

#include "baluhost/crypto/ed25519_signer.hpp"
#include "baluhost/crypto/key_directory.hpp"
#include "baluhost/crypto/openssl_random.hpp"

#include <fstream>
#include <iterator>
#include <string>

namespace baluhost::migrate {
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
  std::optional<bool> verify_mac(std::string_view message, const Sha256Digest& mac) const override {
    return signer_->verify_mac(message, mac);
  }
  Result<SealSignature> sign(std::string_view message) override { return signer_->sign(message); }
  Result<Sha256Digest> mac(std::string_view message) override { return signer_->mac(message); }

 private:
  std::unique_ptr<RandomSource> random_ = make_openssl_random();
  std::unique_ptr<Clock> clock_ = baluhost::make_clock();
  std::unique_ptr<KeyDirectory> keys_;
  std::unique_ptr<SealSigner> signer_;
};

} // namespace

Result<std::unique_ptr<SealVerifier>> open_seal_keys(const Configuration& configuration) {
  const std::string path = configuration.server.keys_dir + "/audit-ed25519.pub.pem";
  std::ifstream file{path, std::ios::binary};
  if (!file)
    return Error{Errc::not_found, path +
                                      " is not there: name the data directory of the server with "
                                      "--data-dir, so that its seals can be verified"};
  auto keys = make_seal_verifier_from_pem(std::string{std::istreambuf_iterator<char>{file}, {}});
  if (!keys) return Error{Errc::invalid_request, path + " holds no public key of Ed25519"};
  return keys;
}

Result<std::unique_ptr<SealSigner>> open_seal_signer(const Configuration& configuration) {
  return OwningSigner::open(configuration.server.keys_dir);
}

} // namespace baluhost::migrate
