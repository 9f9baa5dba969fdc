#include "baluhost/contract/bulk_store_contract.hpp"
#include "baluhost/contract/catch2.hpp"
#include "baluhost/sqlite/sqlite_bulk_store.hpp"
#include "baluhost/test/temporary_directory.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <string>

namespace baluhost::contract {

TEST_CASE("the sqlite bulk store keeps the contract of bulk stores") {
  const test::TemporaryDirectory directory;
  int count = 0;
  check([&] {
    bulk_store_contract(
        [&] { return make_sqlite_bulk_store(directory / (std::to_string(++count) + ".db")); });
  });
}

TEST_CASE("a SQLite file that no rows came into is not left behind, and none is read") {
  const test::TemporaryDirectory directory;
  const std::string path = directory / "none.db";
  const auto store = make_sqlite_bulk_store(path);
  CHECK(store->open_reader().error().code == Errc::not_found);
  {
    const auto writer = store->open_writer();
    REQUIRE(writer);
    CHECK(std::filesystem::exists(path));
  }
  CHECK_FALSE(std::filesystem::exists(path));
}

TEST_CASE("a frozen SQLite file takes no writer") {
  const test::TemporaryDirectory directory;
  const auto store = make_sqlite_bulk_store(directory / "frozen.db", SqliteFile::frozen);
  CHECK(store->open_writer().error().code == Errc::forbidden);
}

} // namespace baluhost::contract
