#include "baluhost/sqlite/sqlite_maintenance.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"
#include "baluhost/test/temporary_directory.hpp"
#include "sql/sql_fixture.hpp"
#include "sql/structure_cases.hpp"

#include <sys/stat.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

namespace baluhost::test {

TEST_CASE(
    "a backup of a database that is written to all the time holds everything committed before it") {
  TemporaryDirectory directory;
  const std::string path = directory / "baluhost.db", copy = directory / "copy.db";
  const auto database = value(make_sqlite_database({.path = path}));
  std::vector<NewAuditEvent> bulk(5000, event_at(1));
  value(database->write([&](WriteTransaction&) -> Result<AuditEvents> {
    return AuditEvents{event_at(1), bulk};
  }));
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    while (!stop) value(record(*database, event_at(2)));
  });
  while (trail(*database).size() < 5010) std::this_thread::yield();
  const auto committed = trail(*database);
  std::int64_t last = 0, total = 0;
  value(backup_sqlite(path, copy, [&](std::int64_t done, std::int64_t all) {
    CHECK(done >= last);
    last = done;
    total = all;
  }));
  stop = true;
  writer.join();
  CHECK(total > 0);
  CHECK(last == total);
  struct stat info {};
  REQUIRE(::stat(copy.c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  CHECK(value(check_sqlite(copy)).empty());

  const auto restored = value(make_sqlite_database({.path = copy, .create = false}));
  const auto held = trail(*restored);
  REQUIRE(held.size() >= committed.size());
  CHECK(std::equal(committed.begin(), committed.end(), held.begin()));
  value(record(*restored, event_at(3)));
}

TEST_CASE("a backup never overwrites and leaves nothing half") {
  TemporaryDirectory directory;
  const std::string path = directory / "baluhost.db", copy = directory / "copy.db";
  value(make_sqlite_database({.path = path}));
  std::ofstream(copy) << "precious";
  const auto refused = backup_sqlite(path, copy);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::already_exists);
  std::string text;
  std::ifstream(copy) >> text;
  CHECK(text == "precious");

  const auto missing = backup_sqlite(directory / "none.db", directory / "other.db");
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::not_found);
  CHECK_FALSE(std::filesystem::exists(directory / "other.db"));

  std::ofstream(directory / "junk.db") << std::string(20'000, 'j');
  CHECK_FALSE(backup_sqlite(directory / "junk.db", directory / "third.db"));
  CHECK_FALSE(std::filesystem::exists(directory / "third.db"));
}

TEST_CASE("a check names orphans and a damaged structure") {
  TemporaryDirectory directory;
  const std::string path = directory / "baluhost.db";
  value(make_sqlite_database({.path = path}));
  CHECK(value(check_sqlite(path)).empty());
  RawSqlite(path).rows(
      "pragma foreign_keys = off; insert into sessions values ('s', 42, 1, 1, 1, null, null, null, "
      "null);"
      " pragma wal_checkpoint(truncate)");
  const auto orphans = value(check_sqlite(path));
  REQUIRE(orphans.size() == 1);
  CHECK(orphans.front().find("sessions") != std::string::npos);

  RawSqlite raw(path);
  const auto page =
      std::stoll(raw.one("select rootpage from sqlite_master where name = 'audit_logs_action'"));
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp((page - 1) * 4096);
  file << std::string(64, '\x55');
  file.close();
  const auto damage = check_sqlite(path);
  CHECK((!damage || damage->size() > 1));
}

TEST_CASE("a check of all names tables and columns that are missing or unknown in SQLite") {
  TemporaryDirectory directory;
  const std::string path = directory / "baluhost.db";
  value(make_sqlite_database({.path = path}));
  const auto check = [&] { return value(check_sqlite(path, SqliteCheck::everything)); };
  check_structure([&](const std::string& sql) { RawSqlite(path).rows(sql); }, check);
  CHECK(value(check_sqlite(path)).empty());

  // Nothing is known of how another version describes them.
  RawSqlite(path).rows("insert into schema_version values (1000)");
  CHECK(check().empty());
}

} // namespace baluhost::test
