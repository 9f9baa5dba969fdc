#include "baluhost/postgres/postgres_database.hpp"
#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/memory/manual_clock.hpp"
#include "baluhost/ports/transactions.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"
#include "baluhost/test/temporary_directory.hpp"
#include "postgres/own_database.hpp"
#include "sql/sql_fixture.hpp"

#include <atomic>
#include <future>
#include <set>
#include <thread>

// One case, so that one server serves all sections.
namespace baluhost::test {
namespace {

using Clock = std::chrono::steady_clock;

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

} // namespace

TEST_CASE("the postgres database", "[spec-57][spec-58][spec-59]") {
  const auto own = own_database();
  if (!own) return;
  PostgresCluster& cluster = own->cluster;
  const std::string& name = own->name;

  SECTION(
      "serves a role that may only read and write rows, and says what is wrong where that is not "
      "enough") {
    const std::string role = "server_" + name;
    cluster.execute("postgres", "create role " + role + " login");
    const auto without_schema = make_postgres_database(own->options_of(role));
    REQUIRE_FALSE(without_schema);
    CHECK(without_schema.error().detail.find("42501") != std::string::npos);

    value(make_postgres_database(own->options));
    cluster.execute(
        name, "grant usage on schema public to " + role +
                  "; grant select, insert, update, delete on all tables in schema public to " +
                  role + "; revoke insert, update, delete on schema_version from " + role +
                  "; revoke update on audit_logs, audit_leaves, audit_seals, audit_prunes from " +
                  role + "; grant usage, select on all sequences in schema public to " + role);
    const auto database = value(make_postgres_database(own->options_of(role)));
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
      BALUHOST_CHECK(tx.files().copy(docs.id, home.id, value(FileName::parse("more")), anna,
                                     Timestamp{1}, "anna"));
      BALUHOST_CHECK(tx.files().remove(docs.id, Timestamp{2}));
      return AuditEvents{event_at(1)};
    }));
    value(database->bookkeep([&](Bookkeeping& tx) -> Result<void> {
      BALUHOST_CHECK(tx.seals().lock_chain());
      const AuditLeaf leaf{1, EventId{1}, {}};
      BALUHOST_CHECK(tx.seals().append(
          Seal{.number = SealNumber{1}, .first_sequence = 1, .last_sequence = 1, .count = 1},
          {&leaf, 1}));
      BALUHOST_TRY(const auto removed, tx.seals().remove_events(1, 10));
      CHECK(removed == 1);
      return {};
    }));
    CHECK(statistics_of(*database).total.succeeded == 1);
    CHECK(value(database->status()).size_bytes > 0);
    CHECK_THROWS(cluster.execute(name, "update audit_logs set action = 'x'", role));
  }

  SECTION("takes a commit that the server turned into a rollback for what it is") {
    const auto database = value(make_postgres_database(own->options));
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
    auto options = own->options;
    std::atomic<int> retries{0};
    options.on_retry = [&] { ++retries; };
    const auto database = value(make_postgres_database(options));
    const UserId anna = add_user(*database, "anna"), bert = add_user(*database, "bert");
    std::atomic<int> holding{0};
    const auto lock_both = [&](UserId first, UserId second) {
      int attempt = 0;
      return database->write([&](WriteTransaction& tx) -> Result<AuditEvents> {
        ++attempt;
        BALUHOST_CHECK(tx.files().lock_home(first));
        // Among others it takes too long, and runs by itself.
        if (attempt == 1) std::this_thread::sleep_for(std::chrono::milliseconds{300});
        if (attempt == 2) ++holding;
        while (attempt == 2 && holding < 2) std::this_thread::yield();
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

  SECTION("lets the record of what an account did wait for whoever removes the account",
          "[fault-07]") {
    const auto database = value(make_postgres_database(own->options));
    const auto another = value(make_postgres_database(own->options));
    const ManualClock clock;
    AuditLog audit_log(*another, clock);
    const UserId anna = add_user(*database, "anna");
    std::future<void> late;
    value(database->write([&](WriteTransaction& tx) -> Result<AuditEvents> {
      BALUHOST_CHECK(tx.users().lock_accounts({.changes = anna}));
      BALUHOST_CHECK(tx.users().remove(anna));
      late = std::async(std::launch::async, [&] {
        auto event = event_at(3, Action::upload);
        event.account = anna;
        value(audit_log.record(std::move(event)));
      });
      const auto is_waiting = [&] {
        return cluster.execute(
                   name,
                   "select count(*) from pg_locks where not granted and database ="
                   " (select oid from pg_database where datname = current_database())") != "0";
      };
      while (late.wait_for(std::chrono::seconds{0}) != std::future_status::ready && !is_waiting()) {
      }
      return AuditEvents{event_at(2)};
    }));
    late.get();
    CHECK(cluster.execute(name, "select count(*) from audit_former") == "1");
  }

  SECTION("lets the loser of a race for a name see that it is taken") {
    const auto database = value(make_postgres_database(own->options));
    const auto another = value(make_postgres_database(own->options));
    const UserId anna = add_user(*database, "anna"), bert = add_user(*database, "bert");
    const auto email = value(Email::parse("one@example.org"));
    std::atomic<int> ready{0};
    const auto claim = [&](Database& by, UserId id) {
      return by.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
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
    auto first = std::async(std::launch::async, [&] { return claim(*another, anna); });
    const auto second = claim(*database, bert);
    const auto other = first.get();
    CHECK(static_cast<bool>(second) != static_cast<bool>(other));
    CHECK((second ? other : second).error().code == Errc::already_exists);
  }

  SECTION("never gives a follower of the trail an event before which another may still appear") {
    const auto database = value(make_postgres_database(own->options));
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
    const auto database = value(make_postgres_database(own->options));
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

  SECTION("refuses in time when every connection is in use") {
    auto options = own->options;
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
    CHECK(make_postgres_database(OwnDatabase{.cluster = cluster, .name = "nowhere"}.options)
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
    const auto database = value(make_postgres_database(own->options));
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
    auto options = own->options;
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

  SECTION("leaves no transaction open that only read") {
    const auto database = value(make_postgres_database(own->options));
    const auto look = [](ReadTransaction& tx) { return tx.audit().newest(); };
    value(query(*database, look));
    const auto open_ones = [&] {
      return own->execute("select count(*) from pg_stat_activity where datname = '" + own->name +
                          "' and state like 'idle in%'");
    };
    const auto deadline = Clock::now() + std::chrono::seconds{10};
    while (open_ones() != "0" && Clock::now() < deadline)
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    CHECK(open_ones() == "0");
    // What was left is over for a work that begins after it, whatever became of that.
    CHECK_FALSE(query(*database, [](ReadTransaction&) -> Result<EventId> {
      return Error{Errc::conflict, "on purpose"};
    }));
    value(record(*database, event_at(6)));
    CHECK(open_ones() == "0");
  }
}

} // namespace baluhost::test
