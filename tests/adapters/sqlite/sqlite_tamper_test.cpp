#include "sql/crash_cases.hpp"
#include "sql/tamper_cases.hpp"

#include "baluhost/sqlite/sqlite_database.hpp"

#include <sqlite3.h>

namespace baluhost::test {
namespace {

class SqliteStore final : public TamperedStore {
 public:
  explicit SqliteStore(const std::filesystem::path& directory)
      : path_((directory / "baluhost.db").string()) {}

  std::unique_ptr<Database> open() override {
    return make_sqlite_database({.path = path_, .readers = 2}).value();
  }
  void edit(const std::string& sql) override {
    sqlite3* db = nullptr;
    REQUIRE(sqlite3_open(path_.c_str(), &db) == SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    char* message = nullptr;
    const int result = sqlite3_exec(db, ("pragma ignore_check_constraints = 1;" + sql).c_str(),
                                    nullptr, nullptr, &message);
    INFO(sql << ": " << (message ? message : ""));
    REQUIRE(result == SQLITE_OK);
    sqlite3_close(db);
  }
  void keep() override { std::filesystem::copy_file(path_, path_ + ".kept"); }
  void put_back() override {
    std::filesystem::copy_file(path_ + ".kept", path_,
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::remove(path_ + "-wal");
    std::filesystem::remove(path_ + "-shm");
  }
  void settle() override {}

 private:
  std::string path_;
};

/// SQLite keeps in nearly every column what it is given, and gives it out as whatever it is asked
/// for: a blob reads like the text of its bytes, but no filter finds it; 1.5 reads like 1, and so
/// does '1x'.
std::vector<Tampering> disguises() {
  const std::string at_15 = " where id = 15";
  std::vector<Tampering> all{
      {"the time, with a fraction",
       "update audit_logs set timestamp = timestamp + 0.5" + at_15,
       {"event_changed 2/15"}},
      {"the time, as a text",
       "update audit_logs set timestamp = timestamp || 'x'" + at_15,
       {"event_changed 2/15"}},
      {"the success, as another truth",
       "update audit_logs set success = 2" + at_15,
       {"event_changed 2/15"}},
      {"the success, with a fraction",
       "update audit_logs set success = 1.5" + at_15,
       {"event_changed 2/15"}},
      {"the success, as a text",
       "update audit_logs set success = '1x'" + at_15,
       {"event_changed 2/15"}},
      {"a row slipped in with a time that is a text",
       "drop trigger audit_logs_added;" + slipped_in("500", "'1764000000000000x'"),
       {"event_unsealed -/500"}},
  };
  for (const char* column : {"event_type", "action", "\"user\"", "resource", "error_message",
                             "details", "ip_address", "user_agent"}) {
    all.push_back(
        {column,
         std::string("update audit_logs set ") + column + " = cast(" + column + " as blob)" + at_15,
         {"event_changed 2/15"}});
    all.push_back({column,
                   std::string("update audit_logs set ") + column + " = x''" + at_15,
                   {"event_changed 2/15"}});
  }
  return all;
}

const MakeStore make_store = [](const std::filesystem::path& directory) {
  return std::make_unique<SqliteStore>(directory);
};

} // namespace

TEST_CASE("an untouched database verifies, on SQLite") { untouched_verifies(make_store); }
TEST_CASE("every kind of change to a stopped database is found and named, on SQLite") {
  every_change_is_found(make_store);
}
TEST_CASE("a value in the guise of another type is found and named, on SQLite") {
  every_change_is_found(make_store, disguises());
}
TEST_CASE("a prune stops at a row that is none of an event, and says which") {
  FilledInstallation home(make_store);
  home.edit("update audit_logs set timestamp = timestamp + 0.5 where id = 15");
  Installation::Running server(home);
  const auto result = prune_trail(*server.database, server.audit_log, *home.signer, home.clock,
                                  nullptr, home.clock.now());
  REQUIRE_FALSE(result);
  CHECK(result.error().detail.find("event 15") != std::string::npos);
}
TEST_CASE(
    "an event changed with its leaf and everything signed again with another key is found, on "
    "SQLite") {
  another_key_is_found(make_store);
}
TEST_CASE("yesterday's copy put back is found, also when it went on since, on SQLite") {
  old_copy_is_found(make_store);
}
TEST_CASE("a lost anchor is a finding, on SQLite") { lost_anchor_is_found(make_store); }
TEST_CASE("a row changed behind a running server gets no seal that fits it, on SQLite") {
  change_behind_a_running_server_is_found(make_store);
}
TEST_CASE(
    "an event that was sealed once is not sealed again when its leaf is gone, nor one slipped in "
    "among them, on SQLite") {
  sealed_once_is_not_sealed_again(make_store);
}
TEST_CASE("what was altered after a crash is found and not sealed, on SQLite",
          "[fault-05][fault-04]") {
  altered_behind_a_crash_is_found(make_store);
}
TEST_CASE("what was altered after a crash in a transaction of several events is found, on SQLite",
          "[fault-05][fault-04]") {
  altered_in_a_batch_behind_a_crash_is_found(make_store);
}
TEST_CASE("rows in the way of a seal are found and stop nothing, on SQLite", "[fault-43]") {
  rows_in_the_way_are_found(make_store);
}
TEST_CASE("a tag in the way of an event is replaced, on SQLite", "[fault-43]") {
  tag_in_the_way_is_replaced(make_store);
}
TEST_CASE("a key rotated in between changes nothing for the verifier, on SQLite") {
  rotated_key_verifies(make_store);
}
TEST_CASE("what a prune leaves verifies, on SQLite") { pruned_verifies(make_store); }
TEST_CASE(
    "a server killed while it seals leaves a trail that verifies after recovery, with every event "
    "that it answered for, on SQLite") {
  killed_while_sealing_verifies(make_store);
}

} // namespace baluhost::test
