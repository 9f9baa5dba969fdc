#include "baluhost/contract/catch2.hpp"
#include "baluhost/contract/database_contract.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"

#include <catch2/catch.hpp>

#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>

namespace baluhost::contract {
namespace {

/// A directory for the databases of one test case.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "baluhost-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }

  std::unique_ptr<Database> make() {
    SqliteOptions options;
    options.path = path_ / (std::to_string(++count_) + ".db");
    auto database = make_sqlite_database(options);
    if (!database) FAIL("no database: " << database.error().detail);
    return *std::move(database);
  }

 private:
  std::filesystem::path path_;
  int count_{0};
};

void check_on_sqlite(void (*contract)(const MakeDatabase&)) {
  Folder folder;
  check([&] { contract([&] { return folder.make(); }); });
}

} // namespace

TEST_CASE("the sqlite database keeps the contract of transactions") {
  check_on_sqlite(database_contract);
}
TEST_CASE("the sqlite database keeps the contract of users") { check_on_sqlite(users_contract); }
TEST_CASE("the sqlite database keeps the contract of sessions") {
  check_on_sqlite(sessions_contract);
}
TEST_CASE("the sqlite database keeps the contract of keys") { check_on_sqlite(keys_contract); }

TEST_CASE("the sqlite database keeps the contract of second factors") {
  check_on_sqlite(second_factors_contract);
}

TEST_CASE("the sqlite database keeps the contract of challenges") {
  check_on_sqlite(challenges_contract);
}
TEST_CASE("the sqlite database keeps the contract of grants") { check_on_sqlite(grants_contract); }
TEST_CASE("the sqlite database keeps the contract of shares") { check_on_sqlite(shares_contract); }
TEST_CASE("the sqlite database keeps the contract of files") { check_on_sqlite(files_contract); }
TEST_CASE("the sqlite database keeps the contract of blobs and their files") {
  check_on_sqlite(blobs_contract);
}
TEST_CASE("the sqlite database keeps the contract of the trash") {
  check_on_sqlite(trash_contract);
}
TEST_CASE("the sqlite database keeps the contract of tree records") {
  check_on_sqlite(tree_records_contract);
}
TEST_CASE("the sqlite database keeps the contract of versions") {
  check_on_sqlite(versions_contract);
}
TEST_CASE("the sqlite database keeps the contract of uploads") {
  check_on_sqlite(uploads_contract);
}
TEST_CASE("the sqlite database keeps the contract of transfers") {
  check_on_sqlite(transfers_contract);
}
TEST_CASE("the sqlite database keeps the contract of archives") {
  check_on_sqlite(archives_contract);
}
TEST_CASE("the sqlite database keeps the contract of search") { check_on_sqlite(search_contract); }
TEST_CASE("the sqlite database keeps the contract of the audit trail") {
  check_on_sqlite(audit_contract);
}
TEST_CASE("the sqlite database keeps the contract of statistics") {
  check_on_sqlite(statistics_contract);
}
TEST_CASE("the sqlite database keeps the contract of seals") { check_on_sqlite(seals_contract); }

} // namespace baluhost::contract
