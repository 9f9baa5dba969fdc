#include "baluhost/postgres/postgres_database.hpp"
#include "../../adapters/postgres/src/schema.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"
#include "baluhost/test/postgres_cluster.hpp"
#include "baluhost/test/temporary_directory.hpp"
#include "sql/sql_fixture.hpp"

#include <atomic>
#include <future>
#include <set>
#include <thread>

// One case, so that one server serves all sections.
namespace baluhost::test {
namespace {

using Clock = std::chrono::steady_clock;

PostgresOptions options_for(const PostgresCluster& cluster, const std::string& name,
                            const std::string& user = "postgres") {
  PostgresOptions options;
  options.url = cluster.url(name, user);
  return options;
}

AuditStatistics statistics(Database& database) {
  AuditStatistics found;
  value(database.read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(found, tx.audit().statistics({}, {}, {}));
    return {};
  }));
  return found;
}

std::vector<std::int64_t> ids(Database& database) {
  std::vector<std::int64_t> found;
  for (const auto& event : trail(database)) found.push_back(event.id.value);
  return found;
}

UserId add_user(Database& database, const std::string& name) {
  UserId id;
  value(database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_TRY(const auto user, tx.users().insert(user_named(name)));
    id = user.id;
    return AuditEvents{event_at(1)};
  }));
  return id;
}

/// What the plan of a query names, on a table that is large enough to be worth an index.
std::string plan(const PostgresCluster& cluster, const std::string& name, const std::string& rest) {
  return cluster.execute(name, "explain (format json) select * from audit_logs a " + rest);
}

} // namespace

TEST_CASE("the postgres database", "[spec-57][spec-58][spec-59]") {
  PostgresCluster* const shared = PostgresCluster::shared();
  if (shared == nullptr) {
    WARN("left out: PostgreSQL is not installed");
    return;
  }
  PostgresCluster& cluster = *shared;
  const std::string name = cluster.make_database();

  SECTION(
      "makes its schema once and says so; audit_logs has exactly its columns, types and indexes") {
    std::vector<PostgresSchemaChange> changes;
    auto options = options_for(cluster, name);
    options.on_schema_change = [&](const PostgresSchemaChange& made) { changes.push_back(made); };
    value(make_postgres_database(options));
    value(make_postgres_database(options));
    REQUIRE(changes.size() == 1);
    CHECK(changes.front().from == 0);
    CHECK(changes.front().to == postgres_schema_version());
    CHECK(postgres_schema_version() == sqlite_schema_version());
    CHECK(cluster.execute(
              name,
              "select string_agg(format('%s %s %s %s', column_name, data_type, "
              "coalesce(character_maximum_length, 0),"
              " is_nullable), ', ' order by ordinal_position) from information_schema.columns"
              " where table_name = 'audit_logs'") ==
          "id bigint 0 NO, timestamp bigint 0 NO, event_type character varying 50 NO, action "
          "character varying 100 NO, "
          "user character varying 100 YES, resource character varying 1000 YES, success boolean 0 "
          "NO, error_message text 0 YES, "
          "details text 0 NO, ip_address character varying 45 YES, user_agent character varying "
          "500 YES");
    CHECK(cluster.execute(name,
                          "select string_agg(substring(indexdef from '\\(.*\\)'), ' ' order by "
                          "indexname) from pg_indexes"
                          " where tablename = 'audit_logs'") ==
          "(action) (event_type, \"timestamp\") (ip_address, \"timestamp\") WHERE (ip_address IS "
          "NOT NULL) (\"left\"((resource)::text, 600)) WHERE (octet_length((resource)::text) > "
          "2600) (id) (resource) WHERE (octet_length((resource)::text) <= 2600) (success, "
          "\"timestamp\") (\"timestamp\") (\"user\", \"timestamp\")");

    cluster.execute(name,
                    "insert into audit_logs (timestamp, event_type, action, \"user\", resource, "
                    "success, ip_address) select i * 1000,"
                    " case when i % 1000 = 0 then 'SYSTEM' else 'FILE_ACCESS' end, 'action' || i % "
                    "1000, 'user' || i % 3000, '/r/' || i % 5000,"
                    " i % 1000 <> 0, '192.0.2.' || i % 200 from generate_series(1, 30000) i; "
                    "analyze audit_logs");
    const std::string order = " order by a.timestamp desc, a.id desc limit 100";
    const std::vector<std::pair<std::string, std::string>> filters{
        {"event_type = 'SYSTEM'", "audit_logs_event_type_timestamp"},
        {"\"user\" = 'user7'", "audit_logs_user_timestamp"},
        {"success = false", "audit_logs_success_timestamp"},
        {"action = 'action7'", "audit_logs_action"},
        {"ip_address = '192.0.2.7'", "audit_logs_ip_address_timestamp"},
        {"resource = '/r/77' and octet_length(resource) <= 2600", "audit_logs_resource"},
        {"resource >= '/r/77' and resource < '/r/78' and octet_length(resource) <= 2600",
         "audit_logs_resource"}};
    for (const auto& [filter, index] : filters) {
      for (const std::string range : {"", " and timestamp >= 5000000 and timestamp < 25000000"}) {
        INFO(filter << range);
        CHECK(plan(cluster, name, "where " + filter + range + order).find(index) !=
              std::string::npos);
      }
    }
    CHECK(plan(cluster, name, "where timestamp > 5" + order).find("audit_logs_timestamp") !=
          std::string::npos);
  }

  SECTION("has the tables and columns of the sqlite database") {
    value(make_postgres_database(options_for(cluster, name)));
    TemporaryDirectory directory;
    value(make_sqlite_database({.path = directory / "baluhost.db"}));
    std::set<std::string> columns;
    RawSqlite raw(directory / "baluhost.db");
    // audit_order belongs to SQLite's way through its indexes alone.
    for (const auto& row : raw.rows(
             "select m.name || '.' || c.name from sqlite_master m join pragma_table_info(m.name) c"
             " where m.type = 'table' and m.name not like 'sqlite_%' and m.name <> "
             "'audit_order'")) {
      columns.insert(row.at(0));
    }
    std::string joined;
    for (const auto& column : columns) joined += column + " ";
    CHECK(cluster.execute(
              name,
              "select string_agg(table_name || '.' || column_name || ' ', '' order by (table_name "
              "|| '.' || column_name)"
              " collate \"C\") from information_schema.columns where table_schema = 'public'") ==
          joined);
  }

  SECTION("has the shipped steps of its schema as they were") {
    CHECK(digests_of(postgres::schema_steps()) ==
          std::vector<std::string>{"eecae313591c7061", "66729948e78fe8a9", "ab40192f2e6d9fe6",
                                   "5bed8247c4bfa055", "520b1166e3a42a24", "3a6cf9d6ee211803",
                                   "48c638e552dc2bf8", "0d2d37e4db961be6", "24775bd5d5d604ec",
                                   "5f14524d7fa5690b"});
  }

  SECTION("upgrades an old schema and counts what it held") {
    cluster.execute(name,
                    std::string{postgres::schema_steps().front().sql} +
                        "; insert into schema_version values (1);"
                        " insert into audit_logs (timestamp, event_type, action, \"user\", "
                        "success, details) values"
                        " (1, 'FILE_ACCESS', 'download', 'anna', true, '{\"bytes_sent\":5}'), (-1, "
                        "'SECURITY', 'login_failed', null, false, '{}'),"
                        " (5, 'SECURITY', 'login_success', 'anna', true, 'not json')");
    auto options = options_for(cluster, name);
    options.create = false;
    const auto refused = make_postgres_database(options);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::conflict);
    const auto database = value(make_postgres_database(options_for(cluster, name)));
    const auto found = statistics(*database);
    CHECK(found.total.succeeded == 2);
    CHECK(found.total.failed == 1);
    CHECK(found.bytes_downloaded == 5);
  }

  SECTION(
      "gives grants of any earlier version their giver by the name, if the account is old enough") {
    for (std::size_t version = 1; version <= 5; ++version) {
      const std::string old = cluster.make_database();
      std::string script;
      for (const auto& step : std::span(postgres::schema_steps()).first(version)) {
        script += std::string{step.sql} + "; insert into schema_version values (" +
                  std::to_string(step.version) + ");";
      }
      cluster.execute(old, script + kOldGrants);
      value(make_postgres_database(options_for(cluster, old)));
      std::string wanted;
      for (const auto& line : kUpgradedGrants) wanted += (wanted.empty() ? "" : ";") + line;
      CHECK(cluster.execute(old, std::string{"select string_agg(line, ';') from ("} +
                                     kOldGrantsNow + ") l") == wanted);
    }
  }

  SECTION("counts the entries and unfinished uploads of an old database when it upgrades it") {
    for (const auto& step : postgres::schema_steps()) {
      if (step.version > 5) break;
      cluster.execute(name, std::string{step.sql} + "; insert into schema_version values (" +
                                std::to_string(step.version) + ")");
    }
    cluster.execute(name,
                    "insert into users (id, username, role, enabled, used_bytes, file_count, "
                    "password_hash, created_at, updated_at)"
                    " values (1, 'anna', 'user', true, 0, 0, '', 1, 1), (2, 'bert', 'user', true, "
                    "0, 0, '', 1, 1);"
                    "insert into files (id, parent_id, name, kind, owner_id, created_at, "
                    "modified_at) values (1, null, 'anna', 'directory', 1, 1, 1),"
                    " (2, 1, 'a', 'directory', 1, 1, 1), (3, 2, 'b', 'directory', 1, 1, 1), (4, "
                    "null, 'bert', 'directory', 2, 1, 1);"
                    "insert into uploads values ('u1', 1, 'anna', '/anna/x', 100, 0, false, false, "
                    "null, 1, 2), ('u2', 2, 'anna', '/anna/y', 20, 19, false, false, null, 1, 2),"
                    " ('u3', 2, 'anna', '/anna/z', 7, 7, false, false, null, 1, 2), ('u4', 1, "
                    "'bert', '/bert/z', 9223372036854775807, 1, false, false, null, 1, 2)");
    value(make_postgres_database(options_for(cluster, name)));
    CHECK(cluster.execute(name,
                          "select string_agg(entry_count || '/' || tree_version || '/' || removed, "
                          "' ' order by id) from users") == "2/0/false 0/0/false");
    CHECK(
        cluster.execute(name,
                        "select string_agg(kind || ' ' || key || ' ' || uploads || ' ' || bytes, "
                        "', ' order by kind, key) from upload_totals") ==
        "creator 1 2 70368744177764, creator 2 1 20, home anna 2 120, home bert 1 70368744177664");
  }

  SECTION("refuses a newer schema, another program's tables and a half-done migration") {
    value(make_postgres_database(options_for(cluster, name)));
    cluster.execute(
        name, "insert into migration_runs values ('1', 'elsewhere', 'running', 1, null, null)");
    CHECK(make_postgres_database(options_for(cluster, name)).error().code == Errc::conflict);
    cluster.execute(name, "delete from migration_runs; insert into schema_version values (99)");
    CHECK(make_postgres_database(options_for(cluster, name)).error().code == Errc::conflict);
    const std::string other = cluster.make_database();
    cluster.execute(other, "create table users (name text)");
    CHECK(make_postgres_database(options_for(cluster, other)).error().code == Errc::conflict);
  }

  SECTION(
      "serves a role that may only read and write rows, and says what is wrong where that is not "
      "enough") {
    const std::string role = "server_" + name;
    cluster.execute("postgres", "create role " + role + " login");
    const auto without_schema = make_postgres_database(options_for(cluster, name, role));
    REQUIRE_FALSE(without_schema);
    CHECK(without_schema.error().detail.find("42501") != std::string::npos);

    value(make_postgres_database(options_for(cluster, name)));
    cluster.execute(
        name, "grant usage on schema public to " + role +
                  "; grant select, insert, update, delete on all tables in schema public to " +
                  role + "; revoke insert, update, delete on schema_version from " + role +
                  "; revoke update on audit_logs, audit_leaves, audit_seals, audit_prunes from " +
                  role + "; grant usage, select on all sequences in schema public to " + role);
    const auto database = value(make_postgres_database(options_for(cluster, name, role)));
    const UserId anna = add_user(*database, "anna");
    value(database->write([&](WriteTransaction& tx) -> Result<AuditEvents> {
      BALUHOST_CHECK(tx.users().lock_roles());
      BALUHOST_CHECK(tx.files().lock_home(anna));
      BALUHOST_TRY(const auto home, tx.files().insert({.parent = {},
                                                       .name = value(FileName::parse("anna")),
                                                       .kind = FileKind::directory,
                                                       .content = {},
                                                       .owner = anna,
                                                       .created_at = {},
                                                       .modified_at = {}}));
      BALUHOST_TRY(const auto docs, tx.files().insert({.parent = home.id,
                                                       .name = value(FileName::parse("docs")),
                                                       .kind = FileKind::directory,
                                                       .content = {},
                                                       .owner = anna,
                                                       .created_at = {},
                                                       .modified_at = {}}));
      BALUHOST_CHECK(
          tx.files().copy(docs.id, home.id, value(FileName::parse("more")), anna, Timestamp{1}));
      BALUHOST_CHECK(tx.files().remove(docs.id, Timestamp{2}));
      return AuditEvents{event_at(1)};
    }));
    value(database->bookkeep([&](Bookkeeping& books) -> Result<void> {
      BALUHOST_CHECK(books.seals().lock_chain());
      const AuditLeaf leaf{1, EventId{1}, {}};
      BALUHOST_CHECK(books.seals().append(
          Seal{.number = SealNumber{1}, .first_sequence = 1, .last_sequence = 1, .count = 1},
          {&leaf, 1}));
      BALUHOST_TRY(const auto removed, books.seals().remove_events(1, 10));
      CHECK(removed == 1);
      return {};
    }));
    CHECK(statistics(*database).total.succeeded == 1);
    CHECK(value(database->status()).size_bytes > 0);
    CHECK_THROWS(cluster.execute(name, "update audit_logs set action = 'x'", role));
  }

  SECTION("takes a commit that the server turned into a rollback for what it is") {
    const auto database = value(make_postgres_database(options_for(cluster, name)));
    const auto result = database->write([&](WriteTransaction& tx) -> Result<AuditEvents> {
      BALUHOST_CHECK(tx.users().insert(user_named("anna")));
      // Fails in the database, since there is no such user; a careless work goes on.
      const Session session{.id = SessionId{"s"},
                            .user = UserId{4711},
                            .created_at = {},
                            .last_used_at = {},
                            .expires_at = {},
                            .revoked_at = {},
                            .client = {}};
      CHECK_FALSE(tx.sessions().insert(session, {}));
      return AuditEvents{event_at(1)};
    });
    CHECK_FALSE(result);
    CHECK(cluster.execute(name, "select count(*) from users") == "0");
    CHECK(trail(*database).empty());
  }

  SECTION("runs the loser of a deadlock again, and counts it") {
    auto options = options_for(cluster, name);
    std::atomic<int> retries{0};
    options.on_retry = [&] { ++retries; };
    const auto database = value(make_postgres_database(options));
    const UserId anna = add_user(*database, "anna"), bert = add_user(*database, "bert");
    std::atomic<int> holding{0};
    const auto lock_both = [&](UserId first, UserId second) {
      return database->write([&](WriteTransaction& tx) -> Result<AuditEvents> {
        BALUHOST_CHECK(tx.files().lock_home(first));
        ++holding;
        while (holding < 2) std::this_thread::yield();
        BALUHOST_CHECK(tx.files().lock_home(second));
        return AuditEvents{event_at(2, Action::logout)};
      });
    };
    std::thread other([&] { value(lock_both(bert, anna)); });
    value(lock_both(anna, bert));
    other.join();
    CHECK(retries >= 1);
    CHECK(trail(*database).size() == 4);
  }

  SECTION("lets the loser of a race for a name see that it is taken") {
    const auto database = value(make_postgres_database(options_for(cluster, name)));
    const UserId anna = add_user(*database, "anna"), bert = add_user(*database, "bert");
    const auto email = value(Email::parse("one@example.org"));
    std::atomic<int> ready{0};
    const auto claim = [&](UserId id) {
      return database->write([&](WriteTransaction& tx) -> Result<AuditEvents> {
        ++ready;
        while (ready < 2) std::this_thread::yield();
        BALUHOST_CHECK(tx.users().update(id,
                                         {.role = {},
                                          .enabled = {},
                                          .email = std::optional{email},
                                          .quota_bytes = {},
                                          .password = {}},
                                         Timestamp{5}));
        return AuditEvents{event_at(2)};
      });
    };
    auto first = std::async(std::launch::async, [&] { return claim(anna); });
    const auto second = claim(bert);
    const auto other = first.get();
    CHECK(static_cast<bool>(second) != static_cast<bool>(other));
    CHECK((second ? other : second).error().code == Errc::already_exists);
  }

  SECTION("never gives a follower of the trail an event before which another may still appear") {
    const auto database = value(make_postgres_database(options_for(cluster, name)));
    const auto now = std::chrono::duration_cast<std::chrono::microseconds>(
                         std::chrono::system_clock::now().time_since_epoch())
                         .count();
    value(record(*database, event_at(now)));
    const std::unique_ptr<PGconn, decltype(&PQfinish)> slow(PQconnectdb(cluster.url(name).c_str()),
                                                            PQfinish);
    const auto run = [&](const std::string& sql) { PQclear(PQexec(slow.get(), sql.c_str())); };
    run("begin; select pg_current_xact_id(); insert into audit_logs (timestamp, event_type, "
        "action, success) values (" +
        std::to_string(now) + ", 'SECURITY', 'logout', true)");
    value(record(*database, event_at(now)));
    CHECK(ids(*database) == std::vector<std::int64_t>{1});
    run("commit");
    CHECK(ids(*database) == std::vector<std::int64_t>{1, 2, 3});

    // Whoever began first may take the later id and commit before the other.
    const std::unique_ptr<PGconn, decltype(&PQfinish)> early(PQconnectdb(cluster.url(name).c_str()),
                                                             PQfinish);
    const std::string insert =
        "insert into audit_logs (timestamp, event_type, action, success) values (" +
        std::to_string(now) + ", 'SECURITY', 'logout', true)";
    PQclear(PQexec(early.get(), "begin; select pg_current_xact_id()"));
    run("begin; " + insert);
    PQclear(PQexec(early.get(), (insert + "; commit").c_str()));
    CHECK(ids(*database) == std::vector<std::int64_t>{1, 2, 3});
    run("rollback");
    CHECK(ids(*database) == std::vector<std::int64_t>{1, 2, 3});
    cluster.execute(
        name,
        "update audit_logs set timestamp = timestamp - 46000000 where id = 5"); // as if so much
                                                                                // time had passed
    CHECK(ids(*database) == std::vector<std::int64_t>{1, 2, 3, 5});
  }

  SECTION("stores no text cut at a NUL, and no value of a statement in an error") {
    const auto database = value(make_postgres_database(options_for(cluster, name)));
    auto user = user_named("anna");
    user.password = PasswordHash{Secret{std::string("secret\0value", 12)}};
    const auto result = database->write([&](WriteTransaction& tx) -> Result<AuditEvents> {
      BALUHOST_CHECK(tx.users().insert(user));
      return AuditEvents{event_at(1)};
    });
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Errc::internal);
    user.password = PasswordHash{Secret{"secret\xFFvalue"}};
    const auto invalid_utf8 = database->write([&](WriteTransaction& tx) -> Result<AuditEvents> {
      BALUHOST_CHECK(tx.users().insert(user));
      return AuditEvents{event_at(1)};
    });
    REQUIRE_FALSE(invalid_utf8);
    CHECK(invalid_utf8.error().detail.find("secret") == std::string::npos);
    CHECK(cluster.execute(name, "select count(*) from users") == "0");
  }

  SECTION("refuses in time when every session is in use") {
    auto options = options_for(cluster, name);
    options.pool_size = 1;
    options.deadline = std::chrono::milliseconds{200};
    const auto database = value(make_postgres_database(options));
    std::promise<void> started, release;
    std::thread holder([&] {
      value(database->read([&](ReadTransaction&) -> Result<void> {
        started.set_value();
        release.get_future().wait();
        return {};
      }));
    });
    started.get_future().wait();
    const auto refused = record(*database, event_at(1));
    release.set_value();
    holder.join();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::unavailable);
    CHECK(refused.error().retry_after.count() > 0);
    value(record(*database, event_at(1)));
  }

  SECTION("says what the server or libpq says when it cannot connect") {
    CHECK(make_postgres_database(options_for(cluster, "nowhere"))
              .error()
              .detail.find("database \"nowhere\" does not exist") != std::string::npos);
    PostgresOptions options;
    options.url = "postgresql://bob:s3cret@127.0.0.1:1/balu";
    const auto refused = make_postgres_database(options);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::unavailable);
    CHECK(refused.error().detail.find("Connection refused") != std::string::npos);
    CHECK(refused.error().detail.find("s3cret") == std::string::npos);
  }

  SECTION("lets a statement take its time as long as the server answers others") {
    const auto database = value(make_postgres_database(options_for(cluster, name)));
    value(record(*database, event_at(1)));
    while (cluster.execute(
               name, "select count(*) from pg_stat_activity where datname = current_database()") !=
           "3") { // the one that is asked
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    const std::unique_ptr<PGconn, decltype(&PQfinish)> other(PQconnectdb(cluster.url(name).c_str()),
                                                             PQfinish);
    PQclear(PQexec(other.get(), "begin; lock table audit_logs in access exclusive mode"));
    auto waiting = std::async(std::launch::async, [&] { return record(*database, event_at(2)); });
    CHECK(waiting.wait_for(std::chrono::milliseconds{1800}) == std::future_status::timeout);
    PQclear(PQexec(other.get(), "commit"));
    value(waiting.get());
  }

  SECTION("comes back after a restart of the server, and says so while it is down or frozen") {
    auto options = options_for(cluster, name);
    options.pool_size = 3;
    const auto database = value(make_postgres_database(options));
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        for (int k = 0; k < 5; ++k) value(record(*database, event_at(1)));
      });
    }
    for (auto& thread : threads) thread.join();

    cluster.stop();
    CHECK(record(*database, event_at(2)).error().code == Errc::unavailable);
    CHECK(make_postgres_database(options).error().code == Errc::unavailable);
    cluster.start();
    value(record(*database, event_at(3)));

    cluster.freeze();
    const auto asked = Clock::now();
    const auto frozen = record(*database, event_at(4));
    const auto waited = Clock::now() - asked;
    cluster.thaw();
    REQUIRE_FALSE(frozen);
    CHECK(frozen.error().code == Errc::unavailable);
    CHECK(waited < std::chrono::seconds{10}); // the deadline of 2 s; the rest is the machine's load
    for (;;) {
      // Whoever was frozen may first answer for what it was asked before.
      if (record(*database, event_at(5))) break;
    }
    CHECK(trail(*database).size() >= 17);
  }
}

TEST_CASE("a PostgreSQL URL is printed without its password") {
  CHECK(redacted_postgres_url(
            "postgresql://bo%40b:s3cret@db.example:5433/balu?sslmode=verify-full") ==
        "postgresql://bo%40b@db.example:5433/balu?password=***&sslmode=verify-full");
  CHECK(redacted_postgres_url("host=db user=bob password='a b' dbname=balu sslpassword=xyz")
            .find("a b") == std::string::npos);
  CHECK(redacted_postgres_url("host=db user=bob password='a b' dbname=balu sslpassword=xyz")
            .find("xyz") == std::string::npos);
  CHECK(redacted_postgres_url("postgresql://bob:s3cret@[broken").find("s3cret") ==
        std::string::npos);
}

TEST_CASE("No spelling of a PostgreSQL URL gives a part of its password away", "[fault-06]") {
  const auto hides = [](const std::string& url) {
    const std::string shown = redacted_postgres_url(url);
    const auto refused = check_postgres_url(url);
    std::string said = shown;
    if (!refused) {
      CHECK(shown == "postgresql://…");
      said += refused.error().detail;
      for (const auto& field : refused.error().fields) said += field.detail;
      PostgresOptions options;
      options.url = url;
      CHECK(postgres_connection_url(options).error().code == Errc::invalid_request);
      CHECK(postgres_tool_access(options).error().code == Errc::invalid_request);
    }
    INFO(url << " is shown as " << said);
    CHECK(said.find("S3cr") == std::string::npos);
    CHECK(said.find("etPw") == std::string::npos);
    return refused.has_value();
  };
  for (const char* url :
       {"postgresql://u:S3cretPw@h/db", "postgres://u:S3cretPw@h/db",
        "postgresql://u:S3cr%2FetPw@h/db", "postgresql://u:S3cr%40etPw@h/db",
        "postgresql://u:S3cr:etPw@h/db", "postgresql://u:S3cr?etPw@h/db",
        "postgresql://u@h/db?password=S3cretPw", "postgresql:///db?user=a@b&password=S3cr@etPw",
        "postgresql://u@h/db?sslmode=require&sslpassword=S3cretPw", "postgresql://:S3cretPw@",
        "host=h user=u password=S3cretPw", "host=h user=u password='S3cr etPw' dbname=db",
        "password = S3cretPw", "postgresql://u:S3cretPw@[::1]:5432,h2:5433/db"}) {
    INFO(url);
    CHECK(hides(url));
  }
  for (const char* url :
       {"postgresql://u:S3cr/etPw@h/db", "postgresql://u:1/S3cretPw@h/db",
        "postgresql://u:S3cr@etPw@127.0.0.1:1/db", "postgresql://u:x@S3cr/etPw@h/db",
        "postgresql://u:x@S3cr:etPw@h/db", "postgresql://u:S3cretPw@[broken",
        "postgresql://u:x?host=S3cr/etPw@h/db", "postgresql://u:S3cretPw%zz@h/db",
        "POSTGRESQL://u:S3cretPw@h/db", "mysql://u:S3cretPw@h/db",
        "host=h user=u password=S3cr etPw", "host=h password='S3cretPw",
        "host=x@S3cretPw dbname=db", "postgresql://h:S3cretPw/db", "S3cretPw"}) {
    INFO(url);
    CHECK_FALSE(hides(url));
  }
  CHECK(redacted_postgres_url("service=balu passfile=/etc/pass") ==
        "postgresql:///?service=balu&passfile=%2Fetc%2Fpass");
  CHECK(check_postgres_url("postgresql:///db?host=/run/a@b"));
}

TEST_CASE("A program of PostgreSQL's is given no secret in its arguments", "[fault-42]") {
  const auto access_of = [](const std::string& url, std::optional<Secret> password = std::nullopt) {
    PostgresOptions options;
    options.url = url;
    options.password = std::move(password);
    return postgres_tool_access(options);
  };
  for (const char* url :
       {"postgresql://u:S3cr%2FetPw@h:5433/db", "postgresql://u@h:5433/db?password=S3cr%2FetPw",
        "host=h port=5433 user=u dbname=db password=S3cr/etPw"}) {
    const auto access = value(access_of(url));
    CHECK(access.url.find("S3cr") == std::string::npos);
    CHECK(access.url.find("host=h") != std::string::npos);
    CHECK(access.url.find("port=5433") != std::string::npos);
    REQUIRE(access.password);
    CHECK(access.password->reveal() == "S3cr/etPw");
  }
  CHECK(value(access_of("postgresql://u:old@h/db", Secret{"new"})).password->reveal() == "new");
  CHECK_FALSE(value(access_of("postgresql://u@h/db")).password);
  CHECK(access_of("postgresql://u@h/db?sslpassword=S3cretPw").error().code ==
        Errc::invalid_request);
}

TEST_CASE("the password of a file comes before the URL's, and may be any text") {
  PostgresOptions options;
  options.url = "postgresql://bob:old@db/balu?connect_timeout=9";
  options.password = Secret{"a b&c=d'\"%\xC3\xA4"};
  const auto url = value(postgres_connection_url(options));
  CHECK(url.reveal().find("old") == std::string_view::npos);
  CHECK(url.reveal().find("password=a%20b%26c%3Dd%27%22%25%C3%A4") != std::string_view::npos);
  CHECK(url.reveal().find(' ') == std::string_view::npos);
  CHECK(url.reveal().find("connect_timeout=9") != std::string_view::npos);
  CHECK(url.reveal().find("tcp_user_timeout=") != std::string_view::npos);
  options.url = "postgresql://bob:geheim@[broken";
  const auto refused = postgres_connection_url(options);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::invalid_request);
  CHECK(refused.error().detail.find("geheim") == std::string::npos);
}

} // namespace baluhost::test
