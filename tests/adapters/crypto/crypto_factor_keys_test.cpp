#include "key_directory_fixture.hpp"

#include "baluhost/crypto/aes_seed_cipher.hpp"
#include "baluhost/domain/digest.hpp"

using namespace baluhost;
using namespace baluhost::key_test;
using namespace std::chrono_literals;

TEST_CASE("what a replaced factor key sealed opens until that key is deleted") {
  Keys at;
  const auto keys = at.open().value();
  const auto cipher = make_aes_seed_cipher(*keys, *at.random);
  const auto old = cipher->seal(Secret{"seed"}, UserId{1}).value();
  CHECK(old.key_id == kids(*keys, KeyKind::factor).front());
  at.clock.advance(10min);
  REQUIRE(keys->rotate());
  CHECK(cipher->open(old, UserId{1})->reveal() == "seed");
  const auto fresh = cipher->seal(Secret{"seed"}, UserId{1}).value();
  CHECK(fresh.key_id == cipher->newest_key().value());
  CHECK(fresh.key_id != old.key_id);
  REQUIRE(keys->remove_replaced(KeyKind::factor, at.clock.now() + 1us).value().size() == 1);
  CHECK(at.files("factor-").size() == 1);
  REQUIRE_FALSE(cipher->open(old, UserId{1}));
  CHECK(cipher->open(old, UserId{1}).error().code == Errc::internal);
  CHECK(cipher->open(fresh, UserId{1})->reveal() == "seed");
}

TEST_CASE("two seals of one seed have nothing in common") {
  Keys at;
  const auto keys = at.open().value();
  const auto cipher = make_aes_seed_cipher(*keys, *at.random);
  const auto one = cipher->seal(Secret{std::string(20, 's')}, UserId{1}).value();
  const auto two = cipher->seal(Secret{std::string(20, 's')}, UserId{1}).value();
  CHECK(one.text.size() == 2 * (12 + 20 + 16));
  CHECK(one.text.substr(0, 24) != two.text.substr(0, 24));
  CHECK(one.text.substr(24, 40) != two.text.substr(24, 40));
  CHECK(one.text.find(to_hex(std::string(20, 's'))) == std::string::npos);
}

TEST_CASE("a factor key under another's name is refused, and one that lacks is made at a start") {
  Keys at;
  REQUIRE(at.open());
  const auto file = at.files("factor-")[0];
  REQUIRE(at.open().value()->rotate());
  const auto other =
      at.files("factor-")[1] == file ? at.files("factor-")[0] : at.files("factor-")[1];
  fs::copy_file(file, other, fs::copy_options::overwrite_existing);
  const auto refused = at.open();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::conflict);
  for (const auto& key : at.files("factor-")) fs::remove(key);
  const auto without = at.open(KeyDirectory::Missing::refuse);
  REQUIRE(without); // as an older backup has it
  CHECK(kids(**without, KeyKind::factor).empty());
  CHECK(make_aes_seed_cipher(**without, *at.random)->seal(Secret{"s"}, UserId{1}).error().code ==
        Errc::unavailable);
  REQUIRE(at.open());
  CHECK(at.files("factor-").size() == 1);
}
