#include "../../adapters/sqlite/src/schema.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"
#include "baluhost/test/temporary_directory.hpp"
#include "sql/sql_fixture.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <set>

namespace baluhost::test {
namespace {

using Rows = RawSqlite::Rows;

struct Opened {
  TemporaryDirectory directory;
  std::string path{directory / "baluhost.db"};
  std::unique_ptr<Database> database{value(make_sqlite_database({.path = path}))};
};

/// A database as a program that knew only `version` left it.
void make_old(const std::string& path, std::int64_t version) {
  RawSqlite raw(path);
  for (const auto& step : sqlite::schema_steps()) {
    if (step.version > version) break;
    raw.rows(std::string{step.sql});
    raw.rows("insert into schema_version values (" + std::to_string(step.version) + ")");
  }
}

/// The plan of a query over `audit_logs`, its steps joined.
std::string plan(RawSqlite& raw, const std::string& rest) {
  std::string steps;
  for (const auto& row : raw.rows("explain query plan select * from audit_logs " + rest))
    steps += row.at(3) + "; ";
  return steps;
}

mode_t mode_of(const std::string& path) {
  struct stat info {};
  REQUIRE(::stat(path.c_str(), &info) == 0);
  return info.st_mode & 0777;
}

} // namespace

TEST_CASE("audit_logs is there, with exactly its columns and types, on SQLite",
          "[spec-57][spec-58]") {
  Opened opened;
  RawSqlite raw(opened.path);
  CHECK(
      raw.rows("select name, lower(type), \"notnull\", pk from pragma_table_info('audit_logs')") ==
      Rows{{"id", "integer", "1", "1"},
           {"timestamp", "bigint", "1", "0"},
           {"event_type", "varchar(50)", "1", "0"},
           {"action", "varchar(100)", "1", "0"},
           {"user", "varchar(100)", "0", "0"},
           {"resource", "varchar(1000)", "0", "0"},
           {"success", "boolean", "1", "0"},
           {"error_message", "text", "0", "0"},
           {"details", "text", "1", "0"},
           {"ip_address", "varchar(45)", "0", "0"},
           {"user_agent", "varchar(500)", "0", "0"}});
}

TEST_CASE("audit_logs has the indexes of the specification and one of addresses, on SQLite",
          "[spec-59]") {
  Opened opened;
  RawSqlite raw(opened.path);
  std::set<std::string> indexes;
  for (const auto& index : raw.rows("select name from pragma_index_list('audit_logs')")) {
    std::string columns;
    for (const auto& column : raw.rows("select name from pragma_index_info('" + index.at(0) + "')"))
      columns += column.at(0) + " ";
    indexes.insert(columns);
  }
  CHECK(indexes == std::set<std::string>{"event_type timestamp ", "user timestamp ",
                                         "success timestamp ", "timestamp ", "action ", "resource ",
                                         "ip_address timestamp "});
}

TEST_CASE("the composite indexes give a page in its order, without a sort", "[spec-59]") {
  Opened opened;
  RawSqlite raw(opened.path);
  const std::string order = " order by timestamp desc, id desc limit 100";
  for (const std::string filter : {"event_type = 'SECURITY'", "\"user\" = 'anna'", "success = true",
                                   "ip_address = '192.0.2.1'"}) {
    const auto steps =
        plan(raw, "where " + filter + " and timestamp >= 1 and timestamp < 5" + order);
    INFO(steps);
    CHECK(steps.find("USING INDEX audit_logs_") != std::string::npos);
    CHECK(steps.find("_timestamp (") != std::string::npos);
    CHECK(steps.find("timestamp>? AND timestamp<?") != std::string::npos);
    CHECK(steps.find("TEMP B-TREE") == std::string::npos);
  }
  CHECK(plan(raw, "where timestamp >= 1" + order).find("TEMP B-TREE") == std::string::npos);
  for (const std::string column : {"action", "resource"}) {
    const auto steps = plan(raw, "indexed by audit_logs_" + column + " where " + column +
                                     " = 'x' order by id desc limit 100");
    INFO(steps);
    CHECK(steps.find("TEMP B-TREE") == std::string::npos);
  }
}

TEST_CASE("an event inserted by hand gets its id and counts, as one of ours") {
  Opened opened;
  value(record(*opened.database, event_at(1)));
  RawSqlite raw(opened.path);
  raw.rows(
      "insert into audit_logs (timestamp, event_type, action, \"user\", success, details) values"
      " (86400000001, 'FILE_ACCESS', 'upload', 'bert', 1, '{\"file_size\":77}')");
  const auto found = statistics_of(*opened.database);
  CHECK(found.total.succeeded == 2);
  CHECK(found.bytes_uploaded == 77);
  CHECK(found.by_day.at("1970-01-02").succeeded == 1);
  raw.rows("delete from audit_logs where action = 'upload'");
  CHECK(statistics_of(*opened.database).bytes_uploaded == 0);
}

TEST_CASE("the files are the owner's alone") {
  Opened opened;
  value(record(*opened.database, event_at(1)));
  for (const auto& entry : std::filesystem::directory_iterator(opened.directory.path())) {
    INFO(entry.path());
    CHECK(mode_of(entry.path()) == 0600);
  }
}

TEST_CASE("the shipped steps of SQLite's schema are as they were") {
  CHECK(digests_of(sqlite::schema_steps()) ==
        std::vector<std::string>{
            "20090cb1bcd69368", "774b0f8f7b770d4d", "7f71790eebcb5cbd", "1b85105d3ea76057",
            "e3b0c44298fc1c14", "dd2a18e66ff279e5", "089ea62805a0b0c6", "0d2d37e4db961be6",
            "4e27dae28e8bda3c", "f73123bc90dd1275", "f82cb7018cd381e0", "a289a5602a10c85d",
            "02e35ba5b0f34d03",

            "02f4dfd8b83e02b5", "330feab79cf45b69", "a478d31d07adf3fd", "69e693e54d0c6504",
            "0f5b4c4b6c9909cd", "6e94d530ff5edd3b", "bd68627317835700", "ece811c7fd0f7a6b"});
}

TEST_CASE("a database of any earlier version is upgraded to the tables and triggers of a new one") {
  TemporaryDirectory directory;
  const auto objects = [](const std::string& path) {
    return RawSqlite{path}.rows(
        "select type, name, sql from sqlite_master where name not like 'sqlite_%' order by type, "
        "name");
  };
  const std::string fresh = directory / "fresh.db";
  value(make_sqlite_database({.path = fresh}));
  for (std::int64_t version = 1; version < sqlite_schema_version(); ++version) {
    const std::string path = directory / ("old" + std::to_string(version) + ".db");
    make_old(path, version);
    value(make_sqlite_database({.path = path}));
    CHECK(objects(path) == objects(fresh));
  }
}

TEST_CASE("grants of any earlier version get their giver by the name, if the account is old enough",
          "[fault-07][fault-14]") {
  TemporaryDirectory directory;
  for (std::int64_t version = 1; version <= 5; ++version) {
    const std::string path = directory / ("old" + std::to_string(version) + ".db");
    make_old(path, version);
    RawSqlite(path).rows(kOldGrants);
    value(make_sqlite_database({.path = path}));
    RawSqlite raw(path);
    std::vector<std::string> found;
    for (const auto& row : raw.rows(kOldGrantsNow)) found.push_back(row.at(0));
    CHECK(found == kUpgradedGrants);
    CHECK(raw.rows("pragma foreign_key_check").empty());
    CHECK(raw.one("select count(*) from users where events_after = 0") == "5");
  }
}

TEST_CASE("an old schema is upgraded, and what it held is counted") {
  TemporaryDirectory directory;
  const std::string path = directory / "old.db";
  make_old(path, 1);
  {
    RawSqlite raw(path);
    CHECK(raw.rows("select name from sqlite_master where name = 'audit_daily'").empty());
    raw.rows(
        "insert into audit_logs (timestamp, event_type, action, \"user\", success, details) values"
        " (1, 'FILE_ACCESS', 'download', 'anna', 1, '{\"bytes_sent\":5}'), (-1, 'SECURITY', "
        "'login_failed', null, 0, '{}'),"
        " (500, 'SECURITY', 'login_success', 'anna', 1, 'not json')");
  }
  SECTION("unless that is not asked for") {
    const auto refused = make_sqlite_database({.path = path, .create = false});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::conflict);
    const auto read_only = make_sqlite_database({.path = path, .read_only = true});
    REQUIRE_FALSE(read_only);
    CHECK(read_only.error().code == Errc::conflict);
  }
  SECTION("once, and its caller is told") {
    std::vector<SchemaChange> changes;
    const SqliteOptions options{.path = path, .on_schema_change = [&](const SchemaChange& made) {
                                  changes.push_back(made);
                                }};
    auto database = value(make_sqlite_database(options));
    REQUIRE(changes.size() == 1);
    CHECK(changes.front().from == 1);
    CHECK(changes.front().to == sqlite_schema_version());
    const auto found = statistics_of(*database);
    CHECK(found.total.succeeded == 2);
    CHECK(found.total.failed == 1);
    CHECK(found.bytes_downloaded == 5);
    CHECK(found.by_day.at("1969-12-31").failed == 1);
    database.reset();
    database = value(make_sqlite_database(options));
    CHECK(changes.size() == 1);
    CHECK(value(database->status()).schema_version == sqlite_schema_version());
    CHECK(RawSqlite(path).one("select disorder from audit_order") == "2");
  }
}

TEST_CASE("an old database's entries and unfinished uploads are counted by its upgrade",
          "[fault-11][fault-11b]") {
  TemporaryDirectory directory;
  const std::string path = directory / "old.db";
  make_old(path, 5);
  RawSqlite(path).rows(
      "insert into users (id, username, role, enabled, used_bytes, file_count, password_hash, "
      "created_at, updated_at)"
      " values (1, 'anna', 'user', 1, 0, 0, '', 1, 1), (2, 'bert', 'user', 1, 0, 0, '', 1, 1);"
      "insert into files (id, parent_id, name, kind, owner_id, created_at, modified_at) values (1, "
      "null, 'anna', 'directory', 1, 1, 1),"
      " (2, 1, 'a', 'directory', 1, 1, 1), (3, 2, 'b', 'directory', 1, 1, 1), (4, null, 'bert', "
      "'directory', 2, 1, 1);"
      "insert into uploads values ('u1', 1, 'anna', '/anna/x', 100, 0, 0, 0, null, 1, 2), ('u2', "
      "2, 'anna', '/anna/y', 20, 19, 0, 0, null, 1, 2),"
      " ('u3', 2, 'anna', '/anna/z', 7, 7, 0, 0, null, 1, 2), ('u4', 1, 'bert', '/bert/z', "
      "9223372036854775807, 1, 0, 0, null, 1, 2)");
  value(make_sqlite_database({.path = path}));
  RawSqlite raw(path);
  CHECK(raw.rows("select entry_count, tree_version, removed from users order by id") ==
        Rows{{"2", "0", "0"}, {"0", "0", "0"}});
  CHECK(raw.rows("select kind, key, uploads, bytes from upload_totals order by kind, key") ==
        Rows{{"creator", "1", "2", "70368744177764"},
             {"creator", "2", "1", "20"},
             {"home", "anna", "2", "120"},
             {"home", "bert", "1", "70368744177664"}});
}

TEST_CASE("downloads that were under way before an upgrade are still on record after it") {
  TemporaryDirectory directory;
  for (const std::int64_t version : {6, 13, 20}) {
    const std::string path = directory / ("old" + std::to_string(version) + ".db");
    make_old(path, version);
    RawSqlite(path).rows(kOldTransfers);
    value(make_sqlite_database({.path = path}));
    RawSqlite raw(path);
    CHECK(raw.rows("select instance_id, first_id, downloads, since_id, mac from transfer_groups "
                   "order by first_id") ==
          Rows{{"dead", "7", "1", "7", "NULL"}, {"dead", "9", "1", "9", "NULL"}});
    std::vector<std::string> events;
    for (const auto& row : raw.rows("select events from transfer_groups order by first_id"))
      events.push_back(row.at(0));
    CHECK(events == kUpgradedTransfers);
    CHECK(raw.rows("select * from instances") == Rows{{"dead", "1", "2", "0", "", "NULL"}});
  }
}

TEST_CASE("a newer schema is refused and left as it is") {
  TemporaryDirectory directory;
  const std::string path = directory / "new.db";
  value(make_sqlite_database({.path = path}));
  RawSqlite(path).rows("insert into schema_version values (99)");
  const auto refused = make_sqlite_database({.path = path});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::conflict);
  CHECK(refused.error().detail.find("99") != std::string::npos);
  CHECK(RawSqlite(path).one("select max(version) from schema_version") == "99");
}

TEST_CASE("another program's database, a half-done migration and a missing file are refused") {
  TemporaryDirectory directory;
  const std::string path = directory / "some.db";
  SECTION("another program's database") {
    RawSqlite(path).rows("create table recipes (name text)");
    for (const bool create : {true, false}) {
      const auto refused = make_sqlite_database({.path = path, .create = create});
      REQUIRE_FALSE(refused);
      CHECK(refused.error().code == Errc::conflict);
    }
    CHECK(RawSqlite(path).rows("select name from sqlite_master").size() == 1);
    CHECK(RawSqlite(path).one("pragma journal_mode") == "delete");
  }
  SECTION("a half-done migration") {
    value(make_sqlite_database({.path = path}));
    RawSqlite(path).rows(
        "insert into migration_runs values ('1', 'elsewhere', 'running', 1, null, null)");
    const auto refused = make_sqlite_database({.path = path});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::conflict);
  }
  SECTION("a missing file, which is not made") {
    const auto refused = make_sqlite_database({.path = path, .create = false});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::not_found);
    CHECK_FALSE(std::filesystem::exists(path));
  }
}

TEST_CASE("a database that is read only refuses writes and gives what it holds") {
  Opened opened;
  value(record(*opened.database, event_at(1)));
  const auto reading = value(make_sqlite_database({.path = opened.path, .read_only = true}));
  CHECK(trail(*reading).size() == 1);
  const auto refused = record(*reading, event_at(2));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::forbidden);
}

TEST_CASE("a path with anything in it is a path") {
  TemporaryDirectory directory;
  const std::string path = directory / "a b?mode=ro&x=%41#\"'.db";
  const auto database = value(make_sqlite_database({.path = path}));
  value(record(*database, event_at(1)));
  CHECK(std::filesystem::exists(path));
}

} // namespace baluhost::test
