#include "baluhost/memory/insecure_seed_cipher.hpp"

#include "sha.hpp"

#include <utility>

namespace baluhost {
namespace {

constexpr std::size_t kDigestDigits = 64;

class InsecureSeedCipher final : public SeedCipher {
 public:
  explicit InsecureSeedCipher(std::string key_id) : key_id_(std::move(key_id)) {}

  Result<SealedSeed> seal(const Secret& seed, UserId user) override {
    return SealedSeed{.key_id = key_id_,
                      .text = digest(seed.reveal(), user) + to_hex(seed.reveal())};
  }

  Result<Secret> open(const SealedSeed& sealed, UserId user) override {
    const Error broken{Errc::internal, "no seed of that user by that key"};
    if (sealed.key_id != key_id_ || sealed.text.size() < kDigestDigits) return broken;
    auto seed = from_hex(std::string_view{sealed.text}.substr(kDigestDigits));
    if (!seed || !sealed.text.starts_with(digest(*seed, user))) return broken;
    return Secret{*std::move(seed)};
  }

  Result<std::string> newest_key() override { return key_id_; }

 private:
  [[nodiscard]] std::string digest(std::string_view seed, UserId user) const {
    return memory::hmac_sha256(key_id_ + std::to_string(user.value), seed).hex();
  }

  std::string key_id_;
};

} // namespace

std::unique_ptr<SeedCipher> make_insecure_seed_cipher(std::string key_id) {
  return std::make_unique<InsecureSeedCipher>(std::move(key_id));
}

} // namespace baluhost
