#include "files/free_name.hpp"

#include "baluhost/memory/memory_database.hpp"
#include "baluhost/ports/transactions.hpp"
#include "fixtures/files_fixture.hpp"

using namespace baluhost;
using files_test::path;
using files_test::World;

namespace {

std::string name_of(const std::string& name, std::int64_t number) {
  return numbered(path("/anna/" + name), number).value().name().str();
}

} // namespace

TEST_CASE("a number goes before the last extension, into a name that is not too long") {
  CHECK(name_of("a.tar.gz", 2) == "a.tar (2).gz");
  CHECK(name_of("plain", 10) == "plain (10)");
  CHECK(name_of(".profile", 2) == ".profile (2)");
  CHECK(name_of(std::string(255, 'x'), 2) == std::string(251, 'x') + " (2)");
  CHECK(name_of(std::string(250, 'x') + ".jpeg", 2) == std::string(246, 'x') + " (2).jpeg");
  // No character is cut in two.
  std::string umlauts;
  for (int i = 0; i < 127; ++i) umlauts += "\xC3\xA4";
  CHECK(name_of(umlauts, 2) == umlauts.substr(0, 250) + " (2)");
}

TEST_CASE("a free name is found beside those that are taken, with few looks") {
  World world;
  const auto anna = world.enter("anna");
  const auto find = [&] {
    return query(*world.inner,
                 [](ReadTransaction& tx) { return find_free_name(tx, path("/anna/a.txt")); })
        .value()
        .name()
        .str();
  };
  world.have(anna, "/anna/a.txt", "1");
  CHECK(find() == "a (2).txt");
  for (int i = 2; i <= 20; ++i) {
    CHECK(find() == "a (" + std::to_string(i) + ").txt");
    world.have(anna, "/anna/a (" + std::to_string(i) + ").txt", "1");
  }
}
