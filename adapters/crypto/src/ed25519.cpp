#include "ed25519.hpp"

#include "baluhost/crypto/openssl_digester.hpp"

#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <algorithm>
#include <array>
#include <cstdlib>

namespace baluhost::ed25519 {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kSignatureBytes = 64;

/// No passphrase, and no question for one on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

BioPtr reading(std::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string_view contents(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

using OpensslBytes = std::unique_ptr<void, decltype([](void* bytes) { OPENSSL_free(bytes); })>;

bool is_ed25519(const PkeyPtr& key) {
  return key && EVP_PKEY_get_id(key.get()) == EVP_PKEY_ED25519;
}

} // namespace

Result<PkeyPtr> from_raw_private(const Secret& raw) {
  PkeyPtr key(EVP_PKEY_new_raw_private_key_ex(nullptr, "ED25519", nullptr, bytes_of(raw.reveal()),
                                              raw.reveal().size()));
  if (!key) return Error{Errc::unavailable, "cannot make an Ed25519 key: " + openssl_error()};
  return key;
}

Result<PkeyPtr> parse_private_pem(const Secret& pem, const std::string& name) {
  const auto bio = reading(pem.reveal());
  PkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  if (is_ed25519(key)) return key;
  ERR_clear_error();
  return Error{
      Errc::conflict,
      name +
          " is not an unencrypted Ed25519 private key (PKCS #8, PEM): put it back from a backup"};
}

Result<Secret> private_pem(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio ||
      PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return Error{Errc::unavailable, "cannot write an Ed25519 key: " + openssl_error()};
  }
  const auto text = contents(bio.get());
  Secret pem{std::string(text)};
  OPENSSL_cleanse(const_cast<char*>(text.data()), text.size());
  return pem;
}

std::string public_pem(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  if (!bio || PEM_write_bio_PUBKEY(bio.get(), key) != 1) return {};
  return std::string(contents(bio.get()));
}

Result<std::vector<PkeyPtr>> parse_public_pems(std::string_view pems) {
  const auto bio = reading(pems);
  std::vector<PkeyPtr> keys;
  ERR_clear_error();
  for (;;) {
    char* name = nullptr;
    char* header = nullptr;
    unsigned char* data = nullptr;
    long size = 0;
    if (PEM_read_bio(bio.get(), &name, &header, &data, &size) != 1) break;
    const OpensslBytes owned[] = {OpensslBytes(name), OpensslBytes(header), OpensslBytes(data)};
    const unsigned char* der = data;
    PkeyPtr key(std::string_view(name) == PEM_STRING_PUBLIC ? d2i_PUBKEY(nullptr, &der, size)
                                                            : nullptr);
    if (!is_ed25519(key) || der != data + size) {
      ERR_clear_error();
      return invalid("holds something else than Ed25519 public keys");
    }
    keys.push_back(std::move(key));
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ERR_clear_error();
  if (keys.empty() || !at_end) return invalid("is not a PEM file of Ed25519 public keys");
  return keys;
}

std::string key_id(EVP_PKEY* key) {
  std::array<unsigned char, kKeyBytes> raw{};
  std::size_t size = raw.size();
  if (EVP_PKEY_get_raw_public_key(key, raw.data(), &size) != 1) return {};
  const std::string_view bytes(reinterpret_cast<const char*>(raw.data()), size);
  return to_hex(make_openssl_digester()->sha256(bytes).view().substr(0, 8));
}

/// By hand over a digest that is fetched once: the library's own call fetches it anew each time,
/// which takes four times as long as the MAC of a tag.
Sha256Digest hmac(const Secret& key, std::string_view message) noexcept {
  constexpr std::size_t kBlock = 64;
  static const auto digester = make_openssl_digester();
  std::array<char, kBlock + Sha256Digest{}.bytes.size()> outer{};
  thread_local std::string inner;
  inner.assign(kBlock, '\x36');
  std::fill_n(outer.begin(), kBlock, '\x5c');
  const auto bytes = key.reveal();
  if (bytes.size() > kBlock) std::abort(); // every key here has 32 bytes
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    inner[i] = static_cast<char>(inner[i] ^ bytes[i]);
    outer[i] = static_cast<char>(outer[i] ^ bytes[i]);
  }
  inner.append(message);
  const auto digest = digester->sha256(inner);
  std::ranges::copy(digest.view(), outer.begin() + kBlock);
  const auto mac = digester->sha256({outer.data(), outer.size()});
  OPENSSL_cleanse(inner.data(), kBlock);
  OPENSSL_cleanse(outer.data(), kBlock);
  return mac;
}

Result<Secret> mac_key(EVP_PKEY* key) {
  std::string raw(kKeyBytes, '\0');
  std::size_t size = raw.size();
  const bool known =
      EVP_PKEY_get_raw_private_key(key, reinterpret_cast<unsigned char*>(raw.data()), &size) == 1;
  const Secret private_half(std::move(raw));
  if (!known || size != kKeyBytes) {
    return Error{Errc::unavailable, "cannot read an Ed25519 key: " + openssl_error()};
  }
  return Secret(std::string(hmac(private_half, "BaluHost key of tags v1\n").view()));
}

Result<std::string> sign(EVP_PKEY* key, std::string_view message) {
  const MdContextPtr context(EVP_MD_CTX_new());
  std::string signature(kSignatureBytes, '\0');
  std::size_t size = signature.size();
  if (!context ||
      EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key, nullptr) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     bytes_of(message), message.size()) != 1 ||
      size != kSignatureBytes) {
    return Error{Errc::unavailable, "cannot sign: " + openssl_error()};
  }
  return signature;
}

bool verify(EVP_PKEY* key, std::string_view message, std::string_view signature) noexcept {
  if (signature.size() != kSignatureBytes) return false;
  const MdContextPtr context(EVP_MD_CTX_new());
  const bool good = context &&
                    EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key,
                                            nullptr) == 1 &&
                    EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(),
                                     bytes_of(message), message.size()) == 1;
  ERR_clear_error();
  return good;
}

} // namespace baluhost::ed25519
