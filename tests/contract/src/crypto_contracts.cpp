#include "baluhost/contract/digester_contract.hpp"
#include "baluhost/contract/password_hasher_contract.hpp"
#include "baluhost/contract/random_source_contract.hpp"
#include "baluhost/contract/seal_signer_contract.hpp"

#include "support.hpp"

#include <array>
#include <set>
#include <string>

namespace baluhost::contract {
namespace {

/// Digests of messages from the examples of NIST for FIPS 180-4.
struct Example {
  std::string message;
  std::string_view sha256;
  std::string_view sha1;
};

std::vector<Example> examples() {
  return {
      {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
       "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
      {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
       "a9993e364706816aba3e25717850c26c9cd0d89d"},
      {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
       "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
       "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
      {"abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmn"
       "opqrsmnopqrstnopqrst"
       "u",
       "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1",
       "a49b2446a02c645bf419f995b67091253a04a259"},
      {std::string(1'000'000, 'a'),
       "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
       "34aa973cd4c4daa4f61eeb2bdbad27316534016f"},
  };
}

std::string letters(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += static_cast<char>(i * 7 + 200);
  return text;
}

} // namespace

void digester_contract(const Digester& digester) {
  SECTION("the examples of NIST have their digests, at once and as streams") {
    for (const auto& [message, sha256, sha1] : examples()) {
      INFO("a message of " << message.size() << " bytes");
      CHECK(digester.sha256(message).hex() == sha256);
      const auto stream256 = digester.sha256_stream();
      const auto stream1 = digester.sha1_stream();
      for (std::size_t at = 0; at < message.size(); at += 997) {
        stream256->update(std::string_view{message}.substr(at, 997));
        stream1->update(std::string_view{message}.substr(at, 997));
      }
      CHECK(stream256->digest().hex() == sha256);
      CHECK(stream1->digest().hex() == sha1);
    }
  }

  SECTION("how a message is cut does not matter, around every border of a block") {
    for (std::size_t size = 0; size <= 130; ++size) {
      const auto message = letters(size);
      const auto whole = digester.sha1_stream();
      whole->update(message);
      for (const std::size_t cut :
           {size / 3, size / 2, size > 0 ? size - 1 : 0, std::min<std::size_t>(size, 64)}) {
        const auto stream256 = digester.sha256_stream();
        const auto stream1 = digester.sha1_stream();
        for (const auto part : {std::string_view{message}.substr(0, cut), std::string_view{},
                                std::string_view{message}.substr(cut)}) {
          stream256->update(part);
          stream1->update(part);
        }
        CHECK(stream256->digest() == digester.sha256(message));
        CHECK(stream1->digest() == whole->digest());
      }
    }
  }

  SECTION("a stream tells its digest as often as asked and goes on") {
    const auto stream = digester.sha256_stream();
    stream->update("ab");
    const auto first = stream->digest();
    CHECK(stream->digest() == first);
    CHECK(first == digester.sha256("ab"));
    stream->update("c");
    CHECK(stream->digest() == digester.sha256("abc"));
    const auto sha1 = digester.sha1_stream();
    sha1->update("a");
    static_cast<void>(sha1->digest());
    sha1->update("bc");
    CHECK(sha1->digest().hex() == "a9993e364706816aba3e25717850c26c9cd0d89d");
  }

  SECTION("one digester serves many threads") {
    std::vector<std::string> digests(6);
    together(6, [&](int i) {
      for (int k = 0; k < 200; ++k)
        digests[static_cast<std::size_t>(i)] = digester.sha256("abc").hex();
    });
    CHECK(count_of(digests, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad") ==
          6);
  }
}

void password_hasher_contract(PasswordHasher& hasher, PasswordHasher& other) {
  const Secret password{"correct horse \xC3\xA4 battery"};

  SECTION("a password fits its own hash and no other does") {
    const auto hash = must(hasher.hash(password));
    CHECK(must(hasher.verify(password, hash)));
    for (const auto* wrong : {"", "correct horse", "correct horse \xC3\xA4 batterY",
                              "correct horse \xC3\xA4 battery "}) {
      CHECK_FALSE(must(hasher.verify(Secret{wrong}, hash)));
    }
  }

  SECTION("bytes after a zero, and after any length, count") {
    const Secret zero{std::string{"abcdefgh\0one", 12}};
    const auto hash = must(hasher.hash(zero));
    CHECK(must(hasher.verify(zero, hash)));
    CHECK_FALSE(must(hasher.verify(Secret{std::string{"abcdefgh\0two", 12}}, hash)));
    CHECK_FALSE(must(hasher.verify(Secret{"abcdefgh"}, hash)));
    const std::string longest(1024, 'x');
    const auto long_hash = must(hasher.hash(Secret{longest}));
    CHECK(must(hasher.verify(Secret{longest}, long_hash)));
    CHECK_FALSE(must(hasher.verify(Secret{longest.substr(1)}, long_hash)));
    CHECK_FALSE(must(hasher.verify(Secret{longest.substr(1) + "y"}, long_hash)));
  }

  SECTION("every hash has a salt of its own and does not hold the password") {
    const auto first = must(hasher.hash(password));
    const auto second = must(hasher.hash(password));
    const bool differ = first.phc.reveal() != second.phc.reveal();
    CHECK(differ);
    const bool holds = first.phc.reveal().find(password.reveal()) != std::string_view::npos;
    CHECK_FALSE(holds);
    const bool is_phc = first.phc.reveal().starts_with('$');
    CHECK(is_phc);
  }

  SECTION("a hash made with other parameters is verified and wants to be renewed") {
    const auto old = must(other.hash(password));
    CHECK(must(hasher.verify(password, old)));
    CHECK_FALSE(must(hasher.verify(Secret{"wrong password"}, old)));
    CHECK(hasher.needs_rehash(old));
    CHECK_FALSE(other.needs_rehash(old));
    CHECK_FALSE(hasher.needs_rehash(must(hasher.hash(password))));
  }

  SECTION("what is no hash is internal") {
    for (const auto* text : {"", "$", "plain text", "$2b$12$abcdefghijklmnopqrstuv",
                             "$argon2id$v=19$m=19456,t=2,p=1$$"}) {
      CHECK(outcome(hasher.verify(password, PasswordHash{Secret{text}})) == "internal");
    }
    const auto hash = must(hasher.hash(password));
    CHECK(outcome(hasher.verify(
              password, PasswordHash{Secret{std::string{hash.phc.reveal().substr(0, 20)}}})) ==
          "internal");
  }

  SECTION("many threads hash and verify at the same time") {
    std::vector<std::string> outcomes(4);
    together(4, [&](int i) {
      const Secret own{"password of thread " + std::to_string(i)};
      outcomes[static_cast<std::size_t>(i)] = outcome([&]() -> Result<void> {
        BALUHOST_TRY(const auto hash, hasher.hash(own));
        BALUHOST_TRY(const auto fits, hasher.verify(own, hash));
        BALUHOST_TRY(const auto fits_other, hasher.verify(Secret{"password of thread 9"}, hash));
        if (!fits || fits_other) return Error{Errc::internal};
        return {};
      }());
    });
    CHECK(count_of(outcomes, "ok") == 4);
  }
}

void random_source_contract(RandomSource& random) {
  SECTION("as many bytes come as were asked for") {
    for (const std::size_t count : {0U, 1U, 16U, 32U, 1000U, 100'000U})
      CHECK(must(random.bytes(count)).size() == count);
  }

  SECTION("no two draws are alike, from many threads either") {
    std::vector<std::vector<std::string>> drawn(4);
    together(4, [&](int i) {
      for (int k = 0; k < 500; ++k) {
        if (auto bytes = random.bytes(16))
          drawn[static_cast<std::size_t>(i)].push_back(*std::move(bytes));
      }
    });
    std::set<std::string> distinct;
    for (const auto& draws : drawn) distinct.insert(draws.begin(), draws.end());
    CHECK(distinct.size() == 2000);
  }

  SECTION("every value of a byte comes about equally often") {
    std::array<int, 256> counts{};
    for (const char byte : must(random.bytes(256 * 1000)))
      ++counts[static_cast<unsigned char>(byte)];
    for (const int count : counts) {
      CHECK(count > 750);
      CHECK(count < 1250);
    }
  }
}

void seal_signer_contract(SealSigner& signer, SealSigner& stranger) {
  const std::string message = letters(300);
  const auto made = must(signer.sign(message));

  SECTION("a signature is 64 bytes by a key named by 16 hex digits, and verifies") {
    CHECK(made.signature.size() == 64);
    CHECK(made.key_id.size() == 16);
    CHECK(made.key_id.find_first_not_of("0123456789abcdef") == std::string::npos);
    CHECK(signer.knows(made.key_id));
    CHECK(signer.verify(made.key_id, message, made.signature));
    const auto of_nothing = must(signer.sign(""));
    CHECK(of_nothing.key_id == made.key_id);
    CHECK(signer.verify(of_nothing.key_id, "", of_nothing.signature));
  }

  SECTION("another message, or one bit of message or signature, does not verify") {
    CHECK_FALSE(signer.verify(made.key_id, "", made.signature));
    CHECK_FALSE(signer.verify(made.key_id, message + "x", made.signature));
    for (std::size_t i = 0; i < message.size(); i += 37) {
      auto altered = message;
      altered[i] = static_cast<char>(altered[i] ^ 1);
      CHECK_FALSE(signer.verify(made.key_id, altered, made.signature));
    }
    for (std::size_t bit = 0; bit < 512; bit += 5) {
      auto altered = made.signature;
      altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << (bit % 8)));
      CHECK_FALSE(signer.verify(made.key_id, message, altered));
    }
  }

  SECTION("what is no signature, or names no key, does not verify and does not fail") {
    for (const auto& wrong :
         {std::string{}, made.signature.substr(1), made.signature + "x", std::string(64, '\0'),
          std::string(64, '\xFF'), std::string(100'000, 'x')}) {
      CHECK_FALSE(signer.verify(made.key_id, message, wrong));
    }
    for (const auto& wrong : {std::string{}, std::string{"0000000000000000"}, made.key_id.substr(1),
                              made.key_id + "0", std::string(1000, 'f')}) {
      CHECK_FALSE(signer.knows(wrong));
      CHECK_FALSE(signer.verify(wrong, message, made.signature));
    }
  }

  SECTION("a stranger's key is not known, and its signatures do not verify under either name") {
    const auto strange = must(stranger.sign(message));
    CHECK(strange.key_id != made.key_id);
    CHECK_FALSE(signer.knows(strange.key_id));
    CHECK_FALSE(signer.verify(strange.key_id, message, strange.signature));
    CHECK_FALSE(signer.verify(made.key_id, message, strange.signature));
    CHECK_FALSE(stranger.verify(made.key_id, message, made.signature));
  }

  SECTION("the public key of a signature is PEM; a stranger's has none here") {
    const auto pem = signer.public_key(made.key_id);
    REQUIRE(pem);
    CHECK(pem->starts_with("-----BEGIN PUBLIC KEY-----\n"));
    CHECK(pem->ends_with("\n-----END PUBLIC KEY-----\n"));
    CHECK(pem == signer.public_key(made.key_id));
    CHECK_FALSE(signer.public_key(must(stranger.sign(message)).key_id));
    CHECK_FALSE(signer.public_key(""));
  }

  SECTION("a MAC fits its message and its signer's key alone") {
    const auto mac = must(signer.mac(message));
    CHECK(signer.verify_mac(message, mac) == true);
    CHECK(must(signer.mac(message)) == mac);
    CHECK(signer.verify_mac(message + "x", mac) == false);
    CHECK(signer.verify_mac("", mac) == false);
    for (std::size_t i = 0; i < mac.bytes.size(); ++i) {
      auto altered = mac;
      altered.bytes[i] ^= 1;
      CHECK(signer.verify_mac(message, altered) == false);
    }
    CHECK(stranger.verify_mac(message, mac) == false);
    CHECK(must(stranger.mac(message)) != mac);
  }

  SECTION("many threads sign and verify at the same time") {
    std::vector<std::string> outcomes(6);
    together(6, [&](int i) {
      outcomes[static_cast<std::size_t>(i)] = outcome([&]() -> Result<void> {
        for (int k = 0; k < 20; ++k) {
          const auto text = std::to_string(i * 100 + k);
          BALUHOST_TRY(const auto signature, signer.sign(text));
          if (!signer.verify(signature.key_id, text, signature.signature))
            return Error{Errc::internal};
        }
        return {};
      }());
    });
    CHECK(count_of(outcomes, "ok") == 6);
  }
}

} // namespace baluhost::contract
