// Runs that are killed, or whose source goes on: the end is verified all the same.

#include "migration/migrate_fixture.hpp"

#include <catch2/catch.hpp>

#include <postgresql/libpq-fe.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <thread>

using namespace baluhost::test;

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// More events, as a server would write them: the day's figures go with them.
void write_events(const Source& source, int count) {
  sqlite(source.database,
         "insert into audit_logs (timestamp, event_type, action, user, success, details) select "
         "timestamp + " +
             std::to_string(count) +
             ", event_type, action, user, success, details from audit_logs limit " +
             std::to_string(count));
}

/// The same source with enough events for a run to be killed in the midst of.
struct LongSource : Source {
  LongSource() {
    while (std::stoi(sqlite(database, "select count(*) from audit_logs")) < 40'000)
      write_events(*this, 20'000);
  }
  static const LongSource& shared() {
    static const LongSource source;
    return source;
  }
  [[nodiscard]] std::vector<std::string> command(const std::string& target, bool resumes) const {
    std::vector<std::string> all{std::string{BALUHOST_TEST_BIN_DIR} + "/baluhost-migrate", "--yes",
                                 "--no-backup", "--batch", "500"};
    for (const auto& argument : arguments(*this, target)) all.push_back(argument);
    if (resumes) all.emplace_back("--resume");
    return all;
  }
  [[nodiscard]] std::unique_ptr<Process> start(const std::string& target) const {
    const std::string directory = server.data_dir() + "/..";
    return std::make_unique<Process>(command(target, !state_of(target).empty()), Environment{},
                                     directory + "/out", directory + "/err");
  }
};

const std::string kDaily =
    "select day, event_type, action, user_key, sum(events), sum(bytes) from audit_daily group by "
    "1, 2, 3, 4 order by 1, 2, 3, 4";

/// Every event of the source is in the target, and the days' figures fit them; the target's own
/// last word aside.
void check_moved(const Source& source, const std::string& target) {
  CHECK(psql(target, "select state from migration_runs") == "done");
  CHECK(psql(target, "select count(*) from audit_logs where action = 'database_migrated'") == "1");
  CHECK(psql(target, "select count(*) from audit_logs where action <> 'database_migrated'") ==
        sqlite(source.database, "select count(*) from audit_logs"));
  CHECK(psql(target, "select string_agg(d::text, ' ') from (" + kDaily +
                         ") d where action <> 'database_migrated'") ==
        psql(target,
             "select string_agg(d::text, ' ') from (select baluhost_day(timestamp), event_type, "
             "action, coalesce('=' || \"user\", ''), count(*)::numeric, "
             "sum(baluhost_event_bytes(action, success, details)) from audit_logs where action <> "
             "'database_migrated' group by 1, 2, 3, 4 order by 1, 2, 3, 4) d"));
  auto compare = arguments(source, target);
  compare.emplace_back("--verify-only");
  CHECK(migrate(compare).exit_code == 0);
}

bool comes(const std::function<bool()>& condition) {
  for (const auto deadline = std::chrono::steady_clock::now() + seconds{60}; !condition();
       std::this_thread::sleep_for(milliseconds{2})) {
    if (std::chrono::steady_clock::now() > deadline) return false;
  }
  return true;
}

/// A session on the target that looks, or stands in the way.
class Observer {
 public:
  explicit Observer(const std::string& url) : connection_(PQconnectdb(url.c_str()), PQfinish) {}
  std::string ask(const std::string& sql) const {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexec(connection_.get(), sql.c_str()), PQclear);
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
  }

 private:
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection_;
};

} // namespace

TEST_CASE(
    "Killed at any moment it resumes to a verified end, with what the source wrote meanwhile, and "
    "until then no server starts on the target",
    "[migrate_resume]") {
  const LongSource& source = LongSource::shared();
  const std::string target = make_postgres_database();
  int killed = 0;
  bool refused = false, written = false;
  for (int attempt = 0; attempt < 6; ++attempt) {
    const auto process = source.start(target);
    if (process->wait(milliseconds{150 + 130 * attempt})) break;
    process->signal(SIGKILL);
    process->wait(seconds{10});
    ++killed;
    if (state_of(target) != "running") continue;
    if (!refused)
      CHECK_THROWS_WITH(Server({.data_dir = source.server.data_dir(), .database_url = target}),
                        Catch::Contains("migration"));
    refused = true;
    write_events(source, 3);
    written = true;
  }
  CHECK(killed >= 1);
  const bool is_done = state_of(target) == "done";
  if (!is_done) {
    write_events(source, 1000);
    written = true;
  }
  // Done, and yet without its last word: the last kill came between the two.
  if (!is_done ||
      psql(target, "select count(*) from audit_logs where action = 'database_migrated'") == "0") {
    const auto done = run(source.command(target, !state_of(target).empty()));
    INFO(done.err);
    REQUIRE(done.exit_code == 0);
  }
  CHECK(written);
  check_moved(source, target);
}

TEST_CASE(
    "What the source writes while rows are copied is caught up with, the days' figures included",
    "[migrate_resume]") {
  const LongSource& source = LongSource::shared();
  const std::string target = make_postgres_database();
  const auto process = source.start(target);
  const Observer observer{target};
  REQUIRE(comes([&] {
    return observer.ask("select to_regclass('audit_logs') is not null") == "t" &&
           observer.ask("select 1 from audit_logs limit 1") == "1";
  }));
  process->signal(SIGSTOP);
  write_events(source, 1000);
  process->signal(SIGCONT);
  CHECK(process->wait(seconds{60}) == 0);
  bool caught_up = false;
  const Json report = report_of(source);
  for (std::size_t i = 0; i < report["steps"].size(); ++i)
    caught_up = caught_up || report["steps"][i]["step"].text() == "catch up 1";
  INFO(report.dump());
  CHECK(caught_up);
  check_moved(source, target);
}

TEST_CASE(
    "Killed before the first row, while indexes are made, and before its last word, it resumes to "
    "a verified end",
    "[migrate_resume]") {
  const LongSource& source = LongSource::shared();
  const std::string target = make_postgres_database();
  const Observer observer{target}, obstacle{target};
  const auto waits_for_lock = [&](const std::string& what) {
    return observer.ask(
               "select 1 from pg_stat_activity where datname = current_database() and "
               "wait_event_type = 'Lock' and query ~* '" +
               what + "'") == "1";
  };
  const auto kill = [](Process& process) {
    process.signal(SIGKILL);
    REQUIRE(process.wait(seconds{10}) == 137);
  };

  // In the transaction that makes the schema; nothing is there afterwards, so it begins anew.
  obstacle.ask("begin; create table migration_runs (x int)");
  {
    const auto process = source.start(target);
    REQUIRE(comes([&] { return waits_for_lock("create table"); }));
    kill(*process);
  }
  obstacle.ask("rollback");
  REQUIRE(comes([&] {
    return observer.ask(
               "select count(*) from pg_stat_activity where datname = current_database()") == "2";
  }));
  CHECK(state_of(target).empty());

  // About the first row, as soon as there are tables; then before it for certain, since a table is
  // held.
  {
    const auto process = source.start(target);
    REQUIRE(comes([&] { return observer.ask("select to_regclass('users') is not null") == "t"; }));
    kill(*process);
  }
  CHECK(state_of(target) == "running");
  obstacle.ask("begin; lock table sessions in share mode");
  {
    const auto process = source.start(target);
    REQUIRE(comes([&] { return waits_for_lock("sessions|truncate"); }));
    kill(*process);
  }
  obstacle.ask("rollback");
  write_events(source, 10);

  // While indexes are made: who writes to a table keeps them from being made, not rows from being
  // copied.
  obstacle.ask("begin; lock table audit_logs in row exclusive mode");
  {
    const auto process = source.start(target);
    REQUIRE(comes([&] { return waits_for_lock("create.*index|alter table"); }));
    kill(*process);
  }
  obstacle.ask("rollback");
  CHECK(state_of(target) == "running");
  write_events(source, 10);
  REQUIRE(run(source.command(target, true)).exit_code == 0);
  check_moved(source, target);

  // Before its last word: as above, without the event and its seal.
  const std::string last = sqlite(source.database, "select max(id) from audit_logs");
  const std::string last_seal = sqlite(source.database, "select max(number) from audit_seals");
  observer.ask("delete from audit_seals where number > " + last_seal +
               "; delete from audit_leaves where event_id > " + last +
               "; delete from audit_logs where id > " + last);
  CHECK(psql(target, "select count(*) from audit_logs where action = 'database_migrated'") == "0");
  const auto done = run(source.command(target, true));
  INFO(done.err);
  CHECK(done.exit_code == 0);
  check_moved(source, target);
  CHECK(run(source.command(target, true)).exit_code == 1); // there is nothing left to do
}

TEST_CASE(
    "What an idle server writes when it is stopped after the migration is moved by --resume, until "
    "the target is used",
    "[migrate_resume]") {
  Source source;
  const std::string target = make_postgres_database();
  source.server.start();
  const auto first = migrate(arguments(source, target));
  INFO(first.err);
  REQUIRE(first.exit_code == 0);
  CHECK(first.err.find("a server runs on the source") != std::string::npos);
  REQUIRE(source.server.stop() == 0);
  auto again = arguments(source, target);
  again.emplace_back("--resume");
  const auto second = migrate(again);
  INFO(second.err);
  REQUIRE(second.exit_code == 0);
  CHECK(second.err.find("a server runs on the source") == std::string::npos);
  check_moved(source, target);
  CHECK(migrate(again).exit_code == 1); // nothing is left to do

  {
    Server server{{.data_dir = source.server.data_dir(), .database_url = target}};
    CHECK(server.stop() == 0);
    const auto verified = server.ctl({"audit", "verify"}); // the anchor too
    INFO(verified.out);
    CHECK(verified.exit_code == 0);
  }
  write_events(source, 1);
  const std::string events = psql(target, "select count(*) from audit_logs");
  const auto refused = migrate(again);
  CHECK(refused.exit_code == 1);
  CHECK(refused.err.find("both went on") != std::string::npos);
  CHECK(psql(target, "select count(*) from audit_logs") == events);
}

TEST_CASE("--resume of a run that was killed before its first row begins",
          "[migrate_resume][fault-34]") {
  Source source;
  const std::string target = make_postgres_database();
  auto resumed = arguments(source, target);
  resumed.emplace_back("--resume");
  const auto done = migrate(resumed);
  INFO(done.err);
  REQUIRE(done.exit_code == 0);
  check_moved(source, target);
}

TEST_CASE("--verify-only sees an event that was added to the target, an end of a migration too",
          "[migrate_resume][fault-34][fault-44]") {
  Source source;
  const std::string target = make_postgres_database();
  REQUIRE(migrate(arguments(source, target)).exit_code == 0);
  auto compare = arguments(source, target);
  compare.emplace_back("--verify-only");
  REQUIRE(migrate(compare).exit_code == 0);
  for (const std::string action : {"upload", "database_migrated"}) {
    INFO(action);
    const std::string id = psql(
        target,
        "insert into audit_logs (id, timestamp, event_type, action, \"user\", resource, success, "
        "error_message, details, ip_address, user_agent) "
        "select max(id) + 1, max(timestamp) + 1, 'SYSTEM', '" +
            action + "', null, null, true, null, '{}', null, null from audit_logs returning id");
    const auto found = migrate(compare);
    CHECK(found.exit_code == 3);
    CHECK(found.err.find("event " + id.substr(0, id.find('\n'))) != std::string::npos);
    psql(target, "delete from audit_logs where id = (select max(id) from audit_logs)");
    CHECK(migrate(compare).exit_code == 0);
  }
}
