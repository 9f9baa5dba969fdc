#include "baluhost/contract/seed_cipher_contract.hpp"

#include "support.hpp"

namespace baluhost::contract {
namespace {

const std::string kSeed{"\0\x01seed of 20 bytes\xff", 20};
constexpr UserId kAnna{1};

std::string opened(SeedCipher& cipher, const SealedSeed& sealed, UserId user = kAnna) {
  const auto seed = cipher.open(sealed, user);
  return seed ? std::string{seed->reveal()} : std::string{code_of(seed.error().code)};
}

} // namespace

void seed_cipher_contract(SeedCipher& cipher, SeedCipher& other) {
  SECTION("what was sealed for a user opens for that user, and names the newest key") {
    const auto sealed = must(cipher.seal(Secret{kSeed}, kAnna));
    CHECK(opened(cipher, sealed) == kSeed);
    CHECK(sealed.key_id == must(cipher.newest_key()));
    CHECK_FALSE(sealed.key_id.empty());
  }

  SECTION("it opens for nobody else") {
    const auto sealed = must(cipher.seal(Secret{kSeed}, kAnna));
    CHECK(opened(cipher, sealed, UserId{2}) == "internal");
  }

  SECTION("it opens by no other key, whatever name that bears") {
    auto sealed = must(cipher.seal(Secret{kSeed}, kAnna));
    CHECK(opened(other, sealed) == "internal");
    CHECK(sealed.key_id != must(other.newest_key()));
    sealed.key_id = must(other.newest_key());
    CHECK(opened(other, sealed) == "internal");
    sealed.key_id.clear();
    CHECK(opened(cipher, sealed) == "internal");
  }

  SECTION("what was changed in any place, cut or emptied does not open") {
    const auto sealed = must(cipher.seal(Secret{kSeed}, kAnna));
    for (std::size_t i = 0; i < sealed.text.size(); ++i) {
      auto changed = sealed;
      changed.text[i] = changed.text[i] == '0' ? '1' : '0';
      CHECK(opened(cipher, changed) == "internal");
    }
    for (const std::size_t length : {std::size_t{0}, std::size_t{2}, sealed.text.size() - 2}) {
      CHECK(opened(cipher, {sealed.key_id, sealed.text.substr(0, length)}) == "internal");
    }
    CHECK(opened(cipher, {sealed.key_id, sealed.text + "00"}) == "internal");
    CHECK(opened(cipher, {sealed.key_id, "no hex"}) == "internal");
  }
}

} // namespace baluhost::contract
