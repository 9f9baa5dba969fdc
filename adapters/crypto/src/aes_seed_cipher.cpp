#include "baluhost/crypto/aes_seed_cipher.hpp"

#include "baluhost/domain/digest.hpp"
#include "key_set.hpp"
#include "openssl_handles.hpp"

#include <algorithm>
#include <string>
#include <utility>

// A sealed seed is nonce, ciphertext and tag, in hex. Nonces are random: a key seals a seed for
// each enrolment and rotation, far fewer than the 2^32 that random nonces are good for.
namespace baluhost {
namespace {

constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kTagBytes = 16;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, OpensslFree<EVP_CIPHER_CTX_free>>;

/// What is authenticated with the seed.
std::string context_of(UserId user) { return "baluhost totp seed " + std::to_string(user.value); }

unsigned char* writable(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

int length(std::string_view text) { return static_cast<int>(text.size()); }

enum class Direction { encrypt, decrypt };

/// A context for one message under `key`; null where OpenSSL fails.
CipherContext begin(Direction direction, const Secret& key, std::string_view nonce,
                    std::string_view about) {
  CipherContext context(EVP_CIPHER_CTX_new());
  int ignored = 0;
  if (!context ||
      EVP_CipherInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, bytes_of(key.reveal()),
                        bytes_of(nonce), direction == Direction::encrypt ? 1 : 0) != 1 ||
      EVP_CipherUpdate(context.get(), nullptr, &ignored, bytes_of(about), length(about)) != 1)
    return nullptr;
  return context;
}

class AesSeedCipher final : public SeedCipher {
 public:
  AesSeedCipher(KeyDirectory& keys, RandomSource& random) : keys_(keys), random_(random) {}

  Result<SealedSeed> seal(const Secret& seed, UserId user) override {
    const auto keys = keys_.keys();
    if (keys->factor.empty()) return no_key();
    const auto& key = keys->factor.front();
    BALUHOST_TRY(auto sealed, random_.bytes(kNonceBytes));
    const auto context = begin(Direction::encrypt, key.secret, sealed, context_of(user));
    std::string text(seed.reveal().size(), '\0');
    std::string tag(kTagBytes, '\0');
    int written = 0;
    if (!context ||
        EVP_CipherUpdate(context.get(), writable(text), &written, bytes_of(seed.reveal()),
                         length(seed.reveal())) != 1 ||
        EVP_CipherFinal_ex(context.get(), writable(tag), &written) != 1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) != 1)
      return Error{Errc::unavailable, "cannot encrypt: " + openssl_error()};
    sealed += text + tag;
    return SealedSeed{.key_id = key.info.kid, .text = to_hex(sealed)};
  }

  Result<Secret> open(const SealedSeed& sealed, UserId user) override {
    auto keys = keys_.keys();
    const SecretKey* key = find(*keys, sealed.key_id);
    if (key == nullptr) { // another program may have made it a moment ago
      keys = keys_.refreshed_keys();
      key = find(*keys, sealed.key_id);
    }
    if (key == nullptr) {
      return Error{Errc::internal, "the factor key " + sealed.key_id +
                                       " is not among the keys: put it back from a backup"};
    }
    const auto bytes = from_hex(sealed.text);
    if (!bytes || bytes->size() < kNonceBytes + kTagBytes) return broken();
    const std::string_view all = *bytes;
    const auto text = all.substr(kNonceBytes, all.size() - kNonceBytes - kTagBytes);
    std::string tag{all.substr(all.size() - kTagBytes)};
    const auto context =
        begin(Direction::decrypt, key->secret, all.substr(0, kNonceBytes), context_of(user));
    std::string seed(text.size(), '\0');
    unsigned char rest[kTagBytes];
    int written = 0;
    if (!context ||
        EVP_CipherUpdate(context.get(), writable(seed), &written, bytes_of(text), length(text)) !=
            1 ||
        EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, tag.data()) != 1 ||
        EVP_CipherFinal_ex(context.get(), rest, &written) != 1) {
      ERR_clear_error();
      return broken();
    }
    return Secret{std::move(seed)};
  }

  Result<std::string> newest_key() override {
    const auto keys = keys_.refreshed_keys();
    if (keys->factor.empty()) return no_key();
    return keys->factor.front().info.kid;
  }

 private:
  static Error no_key() {
    return {Errc::unavailable, "there is no factor key: start baluhostd once"};
  }
  static Error broken() {
    return {Errc::internal, "the seed of a second factor is not what was stored for its user"};
  }

  static const SecretKey* find(const KeySet& keys, std::string_view key_id) {
    const auto found = std::ranges::find_if(
        keys.factor, [&](const SecretKey& key) { return key.info.kid == key_id; });
    return found == keys.factor.end() ? nullptr : &*found;
  }

  KeyDirectory& keys_;
  RandomSource& random_;
};

} // namespace

std::unique_ptr<SeedCipher> make_aes_seed_cipher(KeyDirectory& keys, RandomSource& random) {
  return std::make_unique<AesSeedCipher>(keys, random);
}

} // namespace baluhost
