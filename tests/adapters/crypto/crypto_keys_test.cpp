#include "key_directory_fixture.hpp"

#include "baluhost/crypto/ed25519_signer.hpp"
#include "baluhost/crypto/jwt_codec.hpp"
#include "baluhost/crypto/key_directory.hpp"
#include "baluhost/crypto/openssl_random.hpp"
#include "baluhost/domain/digest.hpp"
#include "baluhost/memory/manual_clock.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>
#include <thread>

using namespace baluhost;
using namespace baluhost::key_test;
using namespace std::chrono_literals;

namespace {

TokenClaims claims_at(Timestamp now) {
  const Timestamp whole{now.seconds() * 1'000'000};
  return {UserId{7}, SessionId{std::string(32, 'a')}, std::string(32, 'b'), whole, whole + 900s};
}

} // namespace

TEST_CASE("the first opening makes one key of each kind, private to the owner") {
  Keys at;
  const auto keys = at.open();
  REQUIRE(keys);
  CHECK((*keys)->list().size() == 5);
  CHECK(mode_of(at.path) == 0700);
  for (const auto* prefix : {"access-", "refresh-", "seal-", "factor-", "content-"}) {
    const auto files = at.files(prefix);
    REQUIRE(files.size() == 1);
    CHECK(mode_of(files[0]) == 0600);
  }
  CHECK(contents(at.files("access-")[0]).size() == 65);
  CHECK(contents(at.files("access-")[0]) != contents(at.files("refresh-")[0]));
  for (const auto& key : (*keys)->list()) {
    CHECK(key.current);
    CHECK(key.created_at == at.clock.now());
    CHECK(key.kid.size() == 16);
  }
  CHECK(contents(fs::path(at.path) / "audit-ed25519.pub.pem") == (*keys)->public_keys_pem());
}

TEST_CASE("a second opening finds the same keys and makes none") {
  Keys at;
  const auto first = at.open().value()->list();
  const auto again = at.open().value()->list();
  REQUIRE(again.size() == first.size());
  for (std::size_t i = 0; i < first.size(); ++i) CHECK(again[i].kid == first[i].kid);
  CHECK(at.open(KeyDirectory::Missing::refuse));
}

TEST_CASE("who may not create finds nothing and creates nothing") {
  Keys at;
  auto keys = at.open(KeyDirectory::Missing::refuse);
  REQUIRE_FALSE(keys);
  CHECK(keys.error().code == Errc::not_found);
  CHECK_FALSE(fs::exists(at.path));
  REQUIRE(at.open());
  fs::remove(at.files("refresh-")[0]);
  keys = at.open(KeyDirectory::Missing::refuse);
  REQUIRE_FALSE(keys);
  CHECK(keys.error().code == Errc::not_found);
  CHECK(at.files("refresh-").empty());
}

TEST_CASE("a key that others may read, a short one, a link and a wrong one are refused by name") {
  Keys at;
  REQUIRE(at.open());
  const auto access = at.files("access-")[0];
  const auto seal = at.files("seal-")[0];
  const auto is_refused = [&](const fs::path& culprit, const std::string& advice) {
    for (const auto missing : {KeyDirectory::Missing::create, KeyDirectory::Missing::refuse}) {
      const auto keys = at.open(missing);
      REQUIRE_FALSE(keys);
      CHECK(keys.error().code == Errc::conflict);
      CHECK_THAT(keys.error().detail,
                 Catch::Contains(culprit.filename().string()) && Catch::Contains(advice));
    }
  };
  SECTION("readable by the group") {
    fs::permissions(access, fs::perms(0640));
    is_refused(access, "chmod 600");
  }
  SECTION("readable by everybody") {
    fs::permissions(seal, fs::perms(0604));
    is_refused(seal, "chmod 600");
  }
  SECTION("248 bits") {
    overwrite(access, std::string(62, 'a') + "\n");
    is_refused(access, "256 bits");
  }
  SECTION("empty") {
    overwrite(access, "");
    is_refused(access, "256 bits");
  }
  SECTION("not hex") {
    overwrite(access, std::string(64, 'x') + "\n");
    is_refused(access, "256 bits");
  }
  SECTION("far too long") {
    overwrite(access, std::string(20'000, 'a'));
    is_refused(access, "too long");
  }
  SECTION("a symbolic link") {
    fs::rename(access, at.directory / "elsewhere");
    fs::create_symlink(at.directory / "elsewhere", access);
    is_refused(access, "symbolic link");
  }
  SECTION("a directory") {
    fs::remove(access);
    fs::create_directory(access);
    fs::permissions(access, fs::perms(0700));
    is_refused(access, "not a regular file");
  }
  SECTION("a FIFO does not hang") {
    fs::remove(access);
    REQUIRE(::mkfifo(access.c_str(), 0600) == 0);
    is_refused(access, "not a regular file");
  }
  SECTION("a seal key that is none") {
    overwrite(seal, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n");
    is_refused(seal, "Ed25519");
  }
  SECTION("another seal key under this name") {
    Keys other;
    REQUIRE(other.open());
    overwrite(seal, contents(other.files("seal-")[0]));
    is_refused(seal, "another key");
  }
  SECTION("a directory that others may change") {
    fs::permissions(at.path, fs::perms(0770));
    is_refused(at.path, "chmod 700");
  }
}

TEST_CASE("other files in the directory are left alone") {
  Keys at;
  REQUIRE(at.open());
  overwrite(fs::path(at.path) / "README", "mine");
  overwrite(fs::path(at.path) / "access-99999999T999999.999999Z-0000000000000000.key",
            "not a time");
  overwrite(fs::path(at.path) / "access-20261124T025431.123456Z-000000000000000G.key",
            "not a key id");
  REQUIRE(at.open());
  CHECK(at.open().value()->list().size() == 5);
  CHECK(contents(fs::path(at.path) / "README") == "mine");
}

TEST_CASE("rotation makes new current keys and keeps the old ones for verification") {
  Keys at;
  const auto keys = at.open().value();
  const auto codec = make_jwt_codec(*keys);
  const auto signer = make_ed25519_signer(*keys);
  const auto token = codec->sign_access(claims_at(at.clock.now())).value();
  const auto seal = signer->sign("head").value();
  const auto before = keys->list();

  at.clock.advance(1s);
  const auto made = keys->rotate();
  REQUIRE(made);
  CHECK(made->size() == 5);
  CHECK(keys->list().size() == 10);
  CHECK(kids(*keys, KeyKind::access) == std::vector<std::string>{(*made)[0].kid, before[0].kid});
  CHECK(codec->verify_access(token.text.reveal(), at.clock.now()));
  CHECK(signer->verify(seal.key_id, "head", seal.signature));
  const auto fresh_seal = signer->sign("head").value();
  CHECK(fresh_seal.key_id != seal.key_id);

  const auto offline =
      make_seal_verifier_from_pem(contents(fs::path(at.path) / "audit-ed25519.pub.pem")).value();
  CHECK(offline->verify(seal.key_id, "head", seal.signature));
  CHECK(offline->verify(fresh_seal.key_id, "head", fresh_seal.signature));
  CHECK_FALSE(offline->verify(fresh_seal.key_id, "head", seal.signature));
}

TEST_CASE("a rotation is newer than the keys before it, even when the clock stepped back") {
  Keys at;
  const auto keys = at.open().value();
  at.clock.step_to({1'000'000'000'000'000});
  const auto made = keys->rotate().value();
  for (const auto kind :
       {KeyKind::access, KeyKind::refresh, KeyKind::seal, KeyKind::factor, KeyKind::content}) {
    CHECK(kids(*keys, kind).front() == made[static_cast<std::size_t>(kind)].kid);
  }
}

TEST_CASE("a rotation by another program is seen within a second, and at once by its key id") {
  Keys at;
  const auto server = at.open().value();
  const auto codec = make_jwt_codec(*server);
  const auto old_token = codec->sign_access(claims_at(at.clock.now())).value();
  at.clock.advance(200ms);

  const auto tool = at.open().value();
  const auto made = tool->rotate().value();
  const auto foreign = make_jwt_codec(*tool)->sign_access(claims_at(at.clock.now())).value();
  CHECK(kids(*server, KeyKind::access).size() == 1);
  SECTION("an unknown key id looks at once") {
    CHECK(codec->verify_access(foreign.text.reveal(), at.clock.now()));
    CHECK(codec->verify_access(old_token.text.reveal(), at.clock.now()));
    // A second rotation, no time after that look.
    const auto seen = fs::last_write_time(at.path);
    do { // within one tick of the file system's clock it could not be told from the first
      REQUIRE(tool->rotate());
    } while (fs::last_write_time(at.path) == seen);
    const auto newest = make_jwt_codec(*tool)->sign_access(claims_at(at.clock.now())).value();
    CHECK(codec->verify_access(newest.text.reveal(), at.clock.now()));
  }
  SECTION("signing moves on after a second") {
    at.clock.advance(1s);
    (void)codec->sign_access(claims_at(at.clock.now()));
    CHECK(kids(*server, KeyKind::access).front() == made[0].kid);
  }
}

TEST_CASE("a change that cannot be loaded leaves the keys as they were") {
  Keys at;
  const auto keys = at.open().value();
  const auto codec = make_jwt_codec(*keys);
  const auto token = codec->sign_access(claims_at(at.clock.now())).value();
  fs::remove(at.files("access-")[0]);
  at.clock.advance(2s);
  CHECK(codec->verify_access(token.text.reveal(), at.clock.now()));
  CHECK_FALSE(keys->reload());
  CHECK(codec->verify_access(token.text.reveal(), at.clock.now()));
}

TEST_CASE("replaced token keys can be deleted once nothing signed by them lives") {
  Keys at;
  const auto keys = at.open().value();
  const auto codec = make_jwt_codec(*keys);
  const auto first = codec->sign_access(claims_at(at.clock.now())).value();
  at.clock.advance(10min);
  const auto rotated_at = at.clock.now();
  REQUIRE(keys->rotate());

  CHECK(keys->remove_replaced(KeyKind::access, rotated_at).value().empty());
  CHECK(codec->verify_access(first.text.reveal(), at.clock.now()));
  const auto removed = keys->remove_replaced(KeyKind::access, rotated_at + 1us).value();
  REQUIRE(removed.size() == 1);
  CHECK(kids(*keys, KeyKind::access).size() == 1);
  CHECK(kids(*keys, KeyKind::refresh).size() == 2);
  CHECK(at.files("access-").size() == 1);
  const auto refused = codec->verify_access(first.text.reveal(), at.clock.now());
  REQUIRE_FALSE(refused);
  CHECK(refused.error().detail == "unknown_key");
  const auto seal = keys->remove_replaced(KeyKind::seal, at.clock.now() + 1h);
  REQUIRE_FALSE(seal);
  CHECK(seal.error().code == Errc::invalid_request);
}

TEST_CASE("a crash between a seal key and the public file is repaired by the next opening") {
  Keys at;
  const auto pem = at.open().value()->public_keys_pem();
  fs::remove(fs::path(at.path) / "audit-ed25519.pub.pem");
  REQUIRE(at.open(KeyDirectory::Missing::refuse));
  CHECK_FALSE(fs::exists(fs::path(at.path) / "audit-ed25519.pub.pem"));
  REQUIRE(at.open());
  CHECK(contents(fs::path(at.path) / "audit-ed25519.pub.pem") == pem);
}

TEST_CASE("a key that encrypts is never said to be deleted where it is damaged") {
  Keys at;
  for (const auto& key : at.open().value()->list()) {
    if (key.kind == KeyKind::seal) continue;
    for (const auto& entry : fs::directory_iterator(at.path)) {
      if (entry.path().string().find(key.kid) == std::string::npos) continue;
      const auto good = contents(entry.path());
      std::ofstream(entry.path()) << "00\n";
      const auto detail = at.open(KeyDirectory::Missing::refuse).error().detail;
      INFO(detail);
      const bool encrypts = key.kind == KeyKind::factor || key.kind == KeyKind::content;
      CHECK((detail.find("delete") == std::string::npos) == encrypts);
      std::ofstream(entry.path()) << good;
    }
  }
}

TEST_CASE("where the public keys cannot be written a rotation makes no key") {
  Keys at;
  const auto keys = at.open().value();
  const auto file = fs::path(at.path) / "audit-ed25519.pub.pem";
  fs::permissions(file, fs::perms::group_write, fs::perm_options::add);
  const auto refused = keys->rotate();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::conflict);
  CHECK(at.open(KeyDirectory::Missing::refuse).value()->list().size() == 5);
  fs::permissions(file, fs::perms::group_write, fs::perm_options::remove);
  REQUIRE(keys->rotate());
}

TEST_CASE("public keys of very many rotations are read whole, and so not written anew") {
  Keys at;
  const auto keys = at.open().value();
  for (int i = 0; i < 150; ++i) {
    at.clock.advance(1s);
    REQUIRE(keys->rotate());
  }
  const auto file = fs::path(at.path) / "audit-ed25519.pub.pem";
  CHECK(fs::file_size(file) > 16 * 1024);
  CHECK(contents(file) == keys->public_keys_pem());
  const auto written = fs::file_time_type{} - 1h;
  fs::last_write_time(file, written);
  REQUIRE(at.open());
  CHECK(fs::last_write_time(file) == written);
}

TEST_CASE("servers that start at once on one directory agree on its keys") {
  Keys at;
  std::vector<std::thread> threads;
  std::vector<std::vector<KeyInfo>> seen(4);
  for (auto& list : seen) {
    threads.emplace_back([&at, &list] { list = at.open().value()->list(); });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& list : seen) {
    REQUIRE(list.size() == 5);
    CHECK(list[0].kid == seen[0][0].kid);
  }
}

TEST_CASE("a seal's signature fits its key and message alone") {
  Keys at;
  const auto keys = at.open().value();
  const auto signer = make_ed25519_signer(*keys);
  const auto seal = signer->sign("message").value();
  CHECK(seal.signature.size() == 64);
  CHECK(seal.key_id == kids(*keys, KeyKind::seal).front());
  CHECK(signer->verify(seal.key_id, "message", seal.signature));
  CHECK_FALSE(signer->verify(seal.key_id, "messagf", seal.signature));
  CHECK_FALSE(signer->verify("0000000000000000", "message", seal.signature));
  CHECK_FALSE(signer->verify("", "message", seal.signature));
  for (std::size_t i = 0; i < 64; ++i) {
    auto forged = seal.signature;
    forged[i] = static_cast<char>(forged[i] ^ 1);
    CHECK_FALSE(signer->verify(seal.key_id, "message", forged));
  }
  CHECK_FALSE(signer->verify(seal.key_id, "message", seal.signature.substr(0, 63)));
  CHECK_FALSE(signer->verify(seal.key_id, "message", seal.signature + '\0'));
  CHECK_FALSE(signer->verify(seal.key_id, "message", ""));
}

TEST_CASE("a verifier takes Ed25519 public keys and nothing else") {
  // RFC 8032 section 7.1, test 2, as RFC 8410 wraps it.
  const std::string pem =
      "-----BEGIN PUBLIC KEY-----\n"
      "MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=\n"
      "-----END PUBLIC KEY-----\n";
  const auto signature = from_hex(
                             "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                             "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
                             .value();
  const auto verifier = make_seal_verifier_from_pem(pem);
  REQUIRE(verifier);
  CHECK((*verifier)->verify("39f713d0a644253f", "\x72", signature));
  CHECK_FALSE((*verifier)->verify("39f713d0a644253f", "\x73", signature));
  Keys at;
  const auto twice = make_seal_verifier_from_pem(at.open().value()->public_keys_pem() + pem);
  REQUIRE(twice);
  CHECK((*twice)->verify("39f713d0a644253f", "\x72", signature));

  const std::string rsa =
      "-----BEGIN PUBLIC KEY-----\n"
      "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDH+Z51/ErLO+fncRawjcFF5p3t\n"
      "8gcgQsJC4mZuJf25bYAsmo/D8h01fGWoEBeIgQTWi5JHqTAOKQ1gir8wjVWEJDbI\n"
      "QrbqdkHfTqHiunBk5KEhKo9J9HVw5EqAKu5JZ8M60RkItZVnzbXWDSapNftlDlRE\n"
      "Wad2HIs4+OqmJwG0twIDAQAB\n"
      "-----END PUBLIC KEY-----\n";
  for (const auto& text : {std::string(), std::string("no key"), rsa, pem + rsa, pem.substr(0, 60),
                           pem + pem.substr(0, 70)}) {
    CAPTURE(text);
    const auto refused = make_seal_verifier_from_pem(text);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::invalid_request);
  }
}
