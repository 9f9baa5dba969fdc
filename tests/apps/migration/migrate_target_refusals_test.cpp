// Every fault that a target may have: refused before anything is written.

#include "migration/migrate_refusals_fixture.hpp"

#include "baluhost/test/pgbouncer.hpp"

#include <functional>

using namespace baluhost::test;

TEST_CASE("Each fault of a target is refused before anything is written",
          "[migrate_target_refusals]") {
  struct Case {
    std::string name;
    std::function<std::string(const Copy&)> make; ///< gives the URL
    std::vector<Finding> findings;
    std::vector<std::string> more{};
  };
  const Copy moved;
  const std::string finished = make_postgres_database();
  REQUIRE(migrate({"--from", moved.from, "--to", finished, "--no-backup"}).exit_code == 0);
  const auto after = [&](const std::string& statements) {
    return [&finished, statements](const Copy&) {
      psql(finished, statements);
      return finished;
    };
  };
  const auto empty_but = [](const std::string& statements) {
    return [statements](const Copy&) {
      std::string url = make_postgres_database();
      psql(url, statements);
      return url;
    };
  };
  const std::string of_this = "update migration_runs set source = '" + moved.from + "'";
  for (const Case& c : std::vector<Case>{
           {"another program's tables",
            empty_but("create table users (id int)"),
            {{"", "", "", "the tables of another program"}}},
           {"another source's half-done run",
            after("update migration_runs set state = 'running', source = 'sqlite:/x'"),
            {{"", "", "", "a migration of another source: sqlite:/x"}}},
           {"another source's half-done run, to be resumed",
            after("update migration_runs set state = 'running', source = 'sqlite:/x'"),
            {{"", "", "", "a migration of another source: sqlite:/x"}},
            {"--resume"}},
           {"this source's half-done run",
            after(of_this + ", state = 'running'"),
            {{"", "", "", "--resume goes on with it"}}},
           {"this source's failed run",
            after(of_this + ", state = 'failed'"),
            {{"", "", "", "--resume goes on with it"}}},
           {"this source's finished run",
            after(of_this + ", state = 'done'"),
            {{"", "", "", "--verify-only compares"}}},
           {"this source's finished run, to be resumed",
            after(of_this + ", state = 'done'"),
            {{"", "", "", "--verify-only compares"}},
            {"--resume"}},
           {"a server's own",
            after("delete from migration_runs"),
            {{"", "", "", "holds a BaluHost already"}}},
           {"nothing, to be compared",
            empty_but("select 1"),
            {{"", "", "", "nothing to compare"}},
            {"--verify-only"}},
           {"no writes",
            empty_but("do $$ begin execute format('alter database %I set "
                      "default_transaction_read_only = on', current_database()); end $$"),
            {{"", "", "", "takes no writes"}}},
           {"another encoding",
            [](const Copy&) { return make_like("", "encoding 'LATIN1' locale 'C'"); },
            {{"", "", "", "the target's encoding is LATIN1"}}},
           {"no encoding",
            [](const Copy&) { return make_like("", "encoding 'SQL_ASCII' locale 'C'"); },
            {{"", "", "", "the target's encoding is SQL_ASCII"}}},
       }) {
    INFO(c.name);
    const std::string target = c.make(moved);
    const std::string before = dump(target);
    check_refused(moved, moved.from, target, c.findings, c.more);
    CHECK(dump(target) == before);
  }
  const std::string closed = make_postgres_database();
  const std::string before = dump(closed);
  check_refused(moved, moved.from, as_role(closed, stranger()),
                {{"", "", "", "may not create tables"}});
  CHECK(dump(closed) == before);
  check_refused(moved, moved.from, closed + "_none", {{"", "", "", "does not exist"}});
  check_refused(moved, moved.from, "postgresql://postgres@127.0.0.1:1/none",
                {{"", "", "", "the target cannot be reached"}});
}

TEST_CASE("A pooler that takes the server's process away is refused before anything is written",
          "[migrate_target_refusals][fault-09]") {
  if (!PgBouncer::is_installed()) {
    WARN("left out: PgBouncer is not installed");
    return;
  }
  const Copy moved;
  const std::string target = make_postgres_database();
  const std::string before = dump(target);
  const auto port = target.find(':', target.find('@')) + 1;
  for (const std::string mode : {"transaction", "statement"}) {
    INFO(mode);
    const PgBouncer pooler("127.0.0.1", mode, target.substr(port, target.find('/', port) - port));
    check_refused(moved, moved.from, pooler.url(target.substr(target.rfind('/') + 1)),
                  {{"", "", "", "pool_mode = session"}});
    CHECK(dump(target) == before);
  }
}

TEST_CASE("Each fault on the way to SQLite is refused before anything is written",
          "[migrate_target_refusals]") {
  const Copy moved;
  const std::string source = make_postgres_database();
  REQUIRE(migrate({"--from", moved.from, "--to", source, "--no-backup"}).exit_code == 0);
  const auto to = [](const Copy& there) { return "sqlite:" + there.database; };
  {
    const Copy occupied;
    check_refused(occupied, source, to(occupied), {{"", "", "", "holds a BaluHost already"}});
    occupied.sql("drop table schema_version");
    check_refused(occupied, source, to(occupied),
                  {{"", "", "", "the database of another program"}});
    write_file(occupied.database, std::string(8192, 'x'));
    check_refused(occupied, source, to(occupied), {{"", "", "", "the target cannot be reached"}});
  }
  const Copy free;
  std::filesystem::remove(free.database);
  check_refused(free, source, "sqlite:" + free.directory.path() + "/none/baluhost.db",
                {{"", "", "", "the target cannot be reached"}});
  check_refused(free, make_postgres_database(), to(free), {{"", "", "", "the source is empty"}});
  check_refused(free, as_role(source, stranger()), to(free), {{"", "", "", "permission denied"}});
  const std::string spoilt = make_like(source);
  psql(spoilt, "insert into schema_version values (99); create table extra (x int)");
  check_refused(free, spoilt, to(free), {{"schema_version", "version", "", "schema version 99"}});
  psql(spoilt,
       "delete from schema_version where version = 99; alter table users add column nickname text");
  check_refused(free, spoilt, to(free),
                {{"extra", "", "", "would be lost"}, {"users", "nickname", "", "would be lost"}});
}
