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

void check(void (*contract)(const MakeDatabase&)) {
  Folder folder;
  contract([&] { return folder.make(); });
}

} // namespace

TEST_CASE("the sqlite database keeps the contract of transactions") { check(database_contract); }
TEST_CASE("the sqlite database keeps the contract of users") { check(users_contract); }
TEST_CASE("the sqlite database keeps the contract of sessions") { check(sessions_contract); }
TEST_CASE("the sqlite database keeps the contract of grants") { check(grants_contract); }
TEST_CASE("the sqlite database keeps the contract of files") { check(files_contract); }
TEST_CASE("the sqlite database keeps the contract of blobs and their files") {
  check(blobs_contract);
}
TEST_CASE("the sqlite database keeps the contract of uploads") { check(uploads_contract); }
TEST_CASE("the sqlite database keeps the contract of transfers") { check(transfers_contract); }
TEST_CASE("the sqlite database keeps the contract of the audit trail") { check(audit_contract); }
TEST_CASE("the sqlite database keeps the contract of statistics") { check(statistics_contract); }
TEST_CASE("the sqlite database keeps the contract of seals") { check(seals_contract); }

} // namespace baluhost::contract
