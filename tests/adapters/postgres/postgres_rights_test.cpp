#include "baluhost/postgres/postgres_database.hpp"
#include "baluhost/test/postgres_cluster.hpp"
#include "postgres/own_database.hpp"
#include "sql/rights_cases.hpp"

#include <algorithm>
#include <atomic>
#include <fstream>

namespace baluhost::test {
namespace {

/// A database of its own, and another connection that gets in the way.
class Blocked {
 public:
  explicit Blocked(PostgresCluster& cluster) : cluster_(cluster), name_(cluster.make_database()) {
    PostgresOptions options;
    options.url = cluster.url(name_);
    options.pool_size = 6;
    database = value(make_postgres_database(options));
    other_.reset(PQconnectdb(cluster.url(name_).c_str()));
    observer_.reset(PQconnectdb(cluster.url(name_).c_str()));
    std::ifstream log(cluster.log_file(), std::ios::ate);
    log_start_ = log.tellg();
  }

  void run(const std::string& sql) { execute(other_, sql); }
  [[nodiscard]] int waiting() {
    return std::stoi(
        execute(observer_,
                "select count(*) from pg_stat_activity where datname = current_database()"
                " and wait_event_type = 'Lock'"));
  }
  /// What the server wrote of deadlocks; empty if there was none.
  [[nodiscard]] std::string deadlocks() const {
    std::ifstream log(cluster_.log_file());
    log.seekg(log_start_);
    std::string found;
    int wanted = 0;
    for (std::string line; std::getline(log, line);) {
      if (line.find("deadlock detected") != std::string::npos) wanted = 12;
      if (wanted-- > 0) found += line + '\n';
    }
    return found;
  }

  std::unique_ptr<Database> database;

 private:
  using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;

  static std::string execute(const Connection& connection, const std::string& sql) {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(
        PQexec(connection.get(), sql.c_str()), PQclear);
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
      throw std::runtime_error(PQerrorMessage(connection.get()));
    }
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
  }

  PostgresCluster& cluster_;
  std::string name_;
  std::streamoff log_start_{0};
  Connection other_{nullptr, PQfinish};
  Connection observer_{nullptr, PQfinish};
};

const UseCase& named(const std::vector<UseCase>& uses, const std::string& name) {
  const auto found = std::ranges::find(uses, name, &UseCase::name);
  if (found == uses.end()) throw std::runtime_error("no use case " + name);
  return *found;
}

} // namespace

TEST_CASE("no use case on PostgreSQL goes on with what another has ended",
          "[fault-12][fault-12b][fault-44]") {
  PostgresCluster* const cluster = shared_cluster();
  if (cluster == nullptr) return;
  Blocked blocked(*cluster);

  SECTION("in a race of each pair, without a deadlock") {
    race_each_pair(*blocked.database);
    CHECK(blocked.deadlocks() == "");
  }

  // The first is let in and waits for a row; the second comes, and ends what the first was let in
  // by; the row is free.
  SECTION("in the order that a lock from outside makes certain") {
    Host host(*blocked.database);
    const auto uses = use_cases();
    const auto guests = {"put",
                         "replace",
                         "move",
                         "copy",
                         "take away",
                         "delete",
                         "make a directory",
                         "share",
                         "finish a resumable upload"};
    const auto admins = {"put as admin", "move as admin", "delete as admin", "grant as admin",
                         "finish a resumable upload as admin"};
    const auto guests_ends = {
        "disable",          "set a password", "end a session",      "end all sessions",
        "delete the guest", "log out",        "log out everywhere", "change the password elsewhere",
        "revoke",           "lower"};
    const auto admins_ends = {"demote", "disable the admin", "delete the admin"};
    int number = 0;
    const auto meet = [&](const UseCase& use, const UseCase& end) {
      Scene scene(host, ++number);
      if (use.prepare) use.prepare(scene);
      const auto before = trail(*blocked.database).back().id;
      blocked.run("begin; select 1 from files where owner_id = " +
                  std::to_string(scene.owner.id.value) + " for update");
      std::thread first([&] { (void)use.run(scene); });
      while (blocked.waiting() < 1) std::this_thread::yield();
      std::atomic<bool> ended{false};
      std::thread second([&] {
        (void)end.run(scene);
        ended = true;
      });
      while (blocked.waiting() < 2 && !ended) std::this_thread::yield();
      blocked.run("commit");
      first.join();
      second.join();
      INFO(use.name << ", then " << end.name);
      const auto events = events_after(*blocked.database, before);
      CHECK(success_of(end, scene, events) != nullptr);
      CHECK(verdict(use, end, scene, events) == "");
    };
    for (const auto* use : guests) {
      for (const auto* end : guests_ends) meet(named(uses, use), named(uses, end));
    }
    for (const auto* use : admins) {
      for (const auto* end : admins_ends) meet(named(uses, use), named(uses, end));
    }
    CHECK(blocked.deadlocks() == "");
  }

  // As the first, the other way round: what ends a session or an account waits, and who relies on
  // it comes second.
  SECTION("in the order that a locked account makes certain") {
    Host host(*blocked.database);
    const auto uses = use_cases();
    int number = 0;
    for (const auto* end :
         {"disable", "set a password", "change the password", "change the password elsewhere"}) {
      for (const auto* use : {"log in", "refresh", "change the password", "put at home", "put"}) {
        if (std::string{end} == use) continue;
        Scene scene(host, ++number);
        const auto before = trail(*blocked.database).back().id;
        blocked.run("begin; select 1 from users where id = " +
                    std::to_string(scene.guest.id.value) + " for update");
        std::thread first([&] { (void)named(uses, end).run(scene); });
        while (blocked.waiting() < 1) std::this_thread::yield();
        std::atomic<bool> ended{false};
        std::thread second([&] {
          (void)named(uses, use).run(scene);
          ended = true;
        });
        while (blocked.waiting() < 2 && !ended) std::this_thread::yield();
        blocked.run("commit");
        first.join();
        second.join();
        INFO(end << ", then " << use);
        CHECK(verdict(named(uses, use), named(uses, end), scene,
                      events_after(*blocked.database, before)) == "");
      }
    }
    CHECK(blocked.deadlocks() == "");
  }
}

} // namespace baluhost::test
