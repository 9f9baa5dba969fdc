#include "baluhost/contract/catch2.hpp"
#include "baluhost/contract/digester_contract.hpp"
#include "baluhost/contract/password_hasher_contract.hpp"
#include "baluhost/contract/random_source_contract.hpp"
#include "baluhost/contract/seal_signer_contract.hpp"
#include "baluhost/contract/seed_cipher_contract.hpp"
#include "baluhost/contract/token_codec_contract.hpp"
#include "baluhost/crypto/aes_seed_cipher.hpp"
#include "baluhost/crypto/argon2_hasher.hpp"
#include "baluhost/crypto/ed25519_signer.hpp"
#include "baluhost/crypto/jwt_codec.hpp"
#include "baluhost/crypto/openssl_digester.hpp"
#include "baluhost/crypto/openssl_random.hpp"
#include "baluhost/memory/manual_clock.hpp"
#include "baluhost/test/temporary_directory.hpp"

#include <catch2/catch.hpp>

namespace baluhost::contract {
namespace {

struct TwoKeyDirectories {
  test::TemporaryDirectory parent;
  ManualClock clock;
  std::unique_ptr<RandomSource> random = make_openssl_random();
  std::unique_ptr<KeyDirectory> ours = open("ours");
  std::unique_ptr<KeyDirectory> strangers = open("strangers");

  std::unique_ptr<KeyDirectory> open(std::string_view name) {
    return KeyDirectory::open(parent / name, KeyDirectory::Missing::create, *random, clock).value();
  }
};

} // namespace

TEST_CASE("OpenSSL's digester keeps the contract of digesters") {
  check([&] { digester_contract(*make_openssl_digester()); });
}

TEST_CASE("OpenSSL's random source keeps the contract of random sources") {
  check([&] { random_source_contract(*make_openssl_random()); });
}

TEST_CASE("argon2 keeps the contract of password hashers") {
  const auto random = make_openssl_random();
  check([&] {
    password_hasher_contract(*make_argon2_hasher({7168, 1, 1}, *random).value(),
                             *make_argon2_hasher({8192, 1, 1}, *random).value());
  });
}

TEST_CASE("the JWT codec keeps the contract of token codecs") {
  TwoKeyDirectories keys;
  check(
      [&] { token_codec_contract(*make_jwt_codec(*keys.ours), *make_jwt_codec(*keys.strangers)); });
}

TEST_CASE("AES-256-GCM keeps the contract of seed ciphers") {
  TwoKeyDirectories keys;
  check([&] {
    seed_cipher_contract(*make_aes_seed_cipher(*keys.ours, *keys.random),
                         *make_aes_seed_cipher(*keys.strangers, *keys.random));
  });
}

TEST_CASE("the Ed25519 signer keeps the contract of seal signers") {
  TwoKeyDirectories keys;
  check([&] {
    seal_signer_contract(*make_ed25519_signer(*keys.ours), *make_ed25519_signer(*keys.strangers));
  });
}

} // namespace baluhost::contract
