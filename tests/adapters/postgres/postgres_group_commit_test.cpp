#include "postgres/own_database.hpp"
#include "sql/group_commit_cases.hpp"

#include <algorithm>
#include <future>
#include <memory>
#include <sstream>
#include <vector>

namespace baluhost::test {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line, ',');) lines.push_back(line);
  return lines;
}

UserId add_anna(Database& database) {
  UserId anna;
  value(database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_TRY(const auto user, tx.users().insert(user_named("anna")));
    anna = user.id;
    return AuditEvents{event_at(1)};
  }));
  return anna;
}

} // namespace

TEST_CASE("writes to PostgreSQL that wait share a transaction") {
  const auto own = own_database();
  if (!own) return;

  SECTION("and its commit") {
    HeldWriter held(own->options, 20, make_postgres_database);
    test_shared_commit(held);
    // One may come after the one too many, which then has its place.
    CHECK(std::stoi(own->execute("select max(n) from (select count(*) as n from audit_logs"
                                 " where action = 'logout' group by xmin::text) x")) >= 19);
  }

  SECTION("and one that fails takes back itself and no other") {
    HeldWriter held(own->options, 4, make_postgres_database);
    test_failures_in_a_group(held, [&] {
      return lines_of(
          own->execute("select string_agg(username, ',' order by username) from users"));
    });
  }

  SECTION("and an event that the database refuses takes no other write with it") {
    HeldWriter held(own->options, 4, make_postgres_database);
    own->execute("alter table audit_logs add constraint no_logout check (action <> 'logout')");
    test_refused_event_in_a_group(held);
  }

  SECTION("and a lock that was taken back is asked for again") {
    HeldWriter held(own->options, 2, make_postgres_database);
    const auto anna = add_anna(*held.database);
    const auto fails = [&](WriteTransaction& tx) -> Result<AuditEvents> {
      BALUHOST_CHECK(tx.files().lock_home(anna));
      return Error{Errc::conflict, "on purpose"};
    };
    bool is_locked = false;
    const auto looks = [&](WriteTransaction& tx) -> Result<AuditEvents> {
      BALUHOST_CHECK(tx.files().lock_home(anna));
      try {
        own->execute("select 1 from users for update nowait");
      } catch (const std::exception&) {
        is_locked = true;
      }
      return AuditEvents{event_at(2)};
    };
    // In whichever order: a lock that the first one kept would be one too.
    for (int round = 0; round < 2; ++round) {
      is_locked = false;
      const auto results = held.together({fails, looks});
      CHECK(results[0].error().code == Errc::conflict);
      value(results[1]);
      CHECK(is_locked);
    }
  }

  SECTION("but none waits there for a lock of another's, nor do many take all connections") {
    const auto database = value(make_postgres_database(own->options));
    const auto anna = add_anna(*database);
    const std::unique_ptr<PGconn, decltype(&PQfinish)> other(
        PQconnectdb(own->cluster.url(own->name).c_str()), PQfinish);
    PQclear(PQexec(other.get(), "begin; select 1 from users for update"));
    std::vector<std::future<Result<void>>> waiting;
    for (int i = 0; i < 12; ++i) {
      waiting.push_back(std::async(std::launch::async, [&] {
        return database->write([&](WriteTransaction& tx) -> Result<AuditEvents> {
          BALUHOST_CHECK(tx.files().lock_home(anna));
          return AuditEvents{event_at(2, Action::logout)};
        });
      }));
    }
    // All connections but those that wait serve others; who finds no place is told at its deadline.
    const auto is_told = [](const auto& each) {
      return each.wait_for(std::chrono::seconds{0}) == std::future_status::ready;
    };
    const int without_place = 12 - own->options.pool_size / 2;
    while (std::ranges::count_if(waiting, is_told) < without_place)
      value(record(*database, event_at(3)));
    PQclear(PQexec(other.get(), "commit"));
    int done = 0;
    for (auto& each : waiting) {
      const auto result = each.get();
      done += static_cast<bool>(result);
      if (!result) CHECK(result.error().code == Errc::unavailable);
    }
    CHECK(done == own->options.pool_size / 2);
    CHECK(count(*database, Action::logout) == static_cast<std::size_t>(done));
  }

  SECTION("and an account that is held elsewhere holds up its own events and no other's") {
    const auto database = value(make_postgres_database(own->options));
    const auto anna = add_anna(*database);
    const auto id = std::to_string(anna.value);
    const std::unique_ptr<PGconn, decltype(&PQfinish)> other(
        PQconnectdb(own->cluster.url(own->name).c_str()), PQfinish);
    const auto hold =
        "begin; select pg_advisory_xact_lock((1111575637::bigint << 32) # " + id + ")";
    PQclear(PQexec(other.get(), hold.c_str()));
    auto of_anna = event_at(2, Action::logout);
    of_anna.account = anna;
    of_anna.account_may_be_gone = true;
    auto waiting = std::async(std::launch::async, [&] { return record(*database, of_anna); });
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < 50; ++i) value(record(*database, event_at(3)));
    CHECK(std::chrono::steady_clock::now() - began < own->options.statement_timeout / 2);
    CHECK(waiting.wait_for(std::chrono::seconds{0}) == std::future_status::timeout);
    const auto remove = "update users set removed = true where id = " + id + "; commit";
    PQclear(PQexec(other.get(), remove.c_str()));
    value(waiting.get());
    CHECK(own->execute("select action from audit_logs join audit_former on id = event_id") ==
          "logout");
  }

  SECTION("and is committed before another one is tried after one that failed") {
    HeldWriter held(own->options, 3, make_postgres_database);
    std::atomic<int> before_a_commit{0};
    std::atomic<int> calls[3]{};
    const auto fails = [&](WriteTransaction& tx, std::atomic<int>& call) -> Result<AuditEvents> {
      if (call++ == 0) { // those after it are not among others
        const std::lock_guard lock(held.mutex);
        before_a_commit += held.groups.empty();
      }
      BALUHOST_CHECK(tx.sessions().insert({.id = SessionId{"s"},
                                           .user = UserId{4711},
                                           .created_at = {},
                                           .last_used_at = {},
                                           .expires_at = {},
                                           .revoked_at = {},
                                           .client = {}},
                                          {}));
      return AuditEvents{event_at(2)};
    };
    std::vector<std::function<Result<AuditEvents>(WriteTransaction&)>> works;
    for (auto& call : calls)
      works.emplace_back([&fails, &call](WriteTransaction& tx) { return fails(tx, call); });
    for (const auto& result : held.together(works)) CHECK_FALSE(result);
    value(held.first_result);
    CHECK(before_a_commit == 1);
  }

  SECTION("and one that goes on aside holds up no other") {
    const auto database = value(make_postgres_database(own->options));
    std::promise<void> begun, may_end;
    int calls = 0;
    auto aside = std::async(std::launch::async, [&] {
      return database->write_aside([&](WriteTransaction& tx) -> Result<AuditEvents> {
        ++calls;
        BALUHOST_CHECK(tx.users().insert(user_named("anna")));
        begun.set_value();
        may_end.get_future().wait_for(std::chrono::seconds{30});
        return AuditEvents{event_at(1, Action::logout)};
      });
    });
    begun.get_future().wait();
    value(record(*database, event_at(3)));
    may_end.set_value();
    value(aside.get());
    CHECK(calls == 1);
    CHECK(count(*database, Action::logout) == 1);
  }

  SECTION("and one that takes its time does so by itself") {
    const auto database = value(make_postgres_database(own->options));
    int calls = 0;
    value(database->write([&](WriteTransaction& tx) -> Result<AuditEvents> {
      ++calls;
      BALUHOST_CHECK(tx.users().insert(user_named("anna")));
      std::this_thread::sleep_for(std::chrono::milliseconds{300});
      BALUHOST_CHECK(tx.users().insert(user_named("bert")));
      return AuditEvents{event_at(1, Action::logout)};
    }));
    CHECK(calls == 2);
    CHECK(own->execute("select count(*) from users") == "2");
    CHECK(count(*database, Action::logout) == 1);
    // Nothing is missing before it, as an id that was given to an event and taken back would be.
    CHECK(own->execute("select max(id) from audit_logs") == "1");
  }
}

} // namespace baluhost::test
