#include "baluhost/crypto/argon2_hasher.hpp"
#include "baluhost/crypto/openssl_digester.hpp"
#include "baluhost/crypto/openssl_random.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <thread>
#include <vector>

using namespace baluhost;

TEST_CASE("the digester computes the vectors of FIPS 180-4") {
  const auto digester = make_openssl_digester();
  CHECK(digester->sha256("").hex() ==
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(digester->sha256("abc").hex() ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(digester->sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq").hex() ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  auto sha1 = digester->sha1_stream();
  sha1->update("abc");
  CHECK(sha1->digest().hex() == "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST_CASE("a stream gives the digest of the bytes so far and goes on") {
  const auto digester = make_openssl_digester();
  auto stream = digester->sha256_stream();
  CHECK(stream->digest() == digester->sha256(""));
  stream->update("one ");
  CHECK(stream->digest() == digester->sha256("one "));
  CHECK(digester->sha256("something else, on the same thread").hex().size() == 64);
  stream->update("two");
  CHECK(stream->digest() == digester->sha256("one two"));
  CHECK(stream->digest() == digester->sha256("one two"));
}

TEST_CASE("the digester is safe from many threads") {
  const auto digester = make_openssl_digester();
  const auto expected = digester->sha256("shared");
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 2000; ++n) wrong += digester->sha256("shared") != expected;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("random bytes have the length asked for and do not repeat") {
  const auto random = make_openssl_random();
  CHECK(random->bytes(0).value().empty());
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(random->bytes(16).value());
  CHECK(seen.size() == 1000);
  CHECK(seen.begin()->size() == 16);
}

namespace {

std::unique_ptr<PasswordHasher> small_hasher(RandomSource& random,
                                             Argon2Options options = {7168, 1, 1}) {
  return make_argon2_hasher(options, random).value();
}
PasswordHash phc(std::string text) { return {Secret(std::move(text))}; }

} // namespace

TEST_CASE("argon2 makes PHC strings that only the password fits") {
  const auto random = make_openssl_random();
  const auto hasher = small_hasher(*random);
  const auto hash = hasher->hash(Secret("correct horse")).value();
  CHECK(std::string(hash.phc.reveal()).rfind("$argon2id$v=19$m=7168,t=1,p=1$", 0) == 0);
  CHECK(hash.phc.reveal().size() == 30 + 22 + 1 + 43);
  CHECK(hasher->verify(Secret("correct horse"), hash).value());
  CHECK_FALSE(hasher->verify(Secret("correct horsf"), hash).value());
  CHECK_FALSE(hasher->verify(Secret(""), hash).value());
  CHECK(hasher->hash(Secret("correct horse")).value().phc.reveal() != hash.phc.reveal());
}

TEST_CASE("argon2 agrees with hashes of the reference implementation") {
  // echo -n password | argon2 somesalt -id -t 2 -k 65536 -p 1 -l 24 -e, and with other parameters
  const auto random = make_openssl_random();
  const auto hasher = small_hasher(*random);
  CHECK(hasher
            ->verify(Secret("password"), phc("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$"
                                             "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"))
            .value());
  CHECK(hasher
            ->verify(Secret("password"), phc("$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/"
                                             "VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"))
            .value());
}

TEST_CASE("a hash with other parameters verifies and asks to be renewed") {
  const auto random = make_openssl_random();
  const auto old_hasher = small_hasher(*random, {8192, 2, 1});
  const auto hasher = small_hasher(*random);
  const auto old_hash = old_hasher->hash(Secret("password")).value();
  CHECK(hasher->verify(Secret("password"), old_hash).value());
  CHECK(hasher->needs_rehash(old_hash));
  CHECK_FALSE(old_hasher->needs_rehash(old_hash));
  CHECK_FALSE(hasher->needs_rehash(hasher->hash(Secret("password")).value()));
}

TEST_CASE("a stored hash that cannot be read, or that asks for absurd work, is internal") {
  const auto random = make_openssl_random();
  const auto hasher = small_hasher(*random);
  const std::string tail = "$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";
  const std::vector<std::string> unreadable{
      "",
      "password",
      "$argon2i$v=19$m=256,t=2,p=1" + tail,
      "$argon2id$v=16$m=256,t=2,p=1" + tail,
      "$argon2id$v=19$m=4294967295,t=2,p=1" + tail,
      "$argon2id$v=19$m=1048577,t=2,p=1" + tail,
      "$argon2id$v=19$m=256,t=65,p=1" + tail,
      "$argon2id$v=19$m=256,t=0,p=1" + tail,
      "$argon2id$v=19$m=256,t=2,p=17" + tail,
      "$argon2id$v=19$m=8,t=2,p=2" + tail,
      "$argon2id$v=19$m=0256,t=2,p=1" + tail,
      "$argon2id$v=19$m=-256,t=2,p=1" + tail,
      "$argon2id$v=19$m=99999999999,t=2,p=1" + tail,
      "$argon2id$v=19$t=2,m=256,p=1" + tail,
      "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ",
      "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$",
      "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ=" + tail.substr(12),
      "$argon2id$v=19$m=256,t=2,p=1$!!!!$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
      "$argon2id$v=19$m=256,t=2,p=1" + tail + "$",
      "$argon2id$v=19$m=256,t=2,p=1" + tail + std::string(1000, 'A'),
  };
  for (const auto& text : unreadable) {
    CAPTURE(text);
    const auto result = hasher->verify(Secret("password"), phc(text));
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Errc::internal);
    CHECK(hasher->needs_rehash(phc(text)));
  }
}

TEST_CASE("argon2 options below the floor or beyond the limits are refused") {
  const auto random = make_openssl_random();
  for (const auto& options :
       {Argon2Options{7167, 2, 1}, Argon2Options{19456, 0, 1}, Argon2Options{19456, 2, 0},
        Argon2Options{19456, 65, 1}, Argon2Options{19456, 2, 17}, Argon2Options{1048577, 2, 1}}) {
    const auto hasher = make_argon2_hasher(options, *random);
    REQUIRE_FALSE(hasher);
    CHECK(hasher.error().code == Errc::invalid_request);
  }
}

TEST_CASE("hashing from many threads gives right answers") {
  const auto random = make_openssl_random();
  const auto hasher = small_hasher(*random);
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      const Secret password("password " + std::to_string(i));
      for (int n = 0; n < 3; ++n) {
        const auto hash = hasher->hash(password).value();
        wrong += !hasher->verify(password, hash).value() ||
                 hasher->verify(Secret("password"), hash).value();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(wrong == 0);
}

namespace {

class EmptyRandom final : public RandomSource {
 public:
  Result<std::string> bytes(std::size_t) override { return Error{Errc::unavailable, "no entropy"}; }
};

} // namespace

TEST_CASE("without randomness there is no hash") {
  EmptyRandom random;
  const auto hasher = small_hasher(random);
  const auto hash = hasher->hash(Secret("password"));
  REQUIRE_FALSE(hash);
  CHECK(hash.error().code == Errc::unavailable);
}
