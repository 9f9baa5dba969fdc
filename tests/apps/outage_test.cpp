// PostgreSQL stopped hard below a running server, in a cluster of the test's own.

#include "baluhost/test/pgbouncer.hpp"
#include "baluhost/test/postgres_cluster.hpp"
#include "baluhost/test/server.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <mutex>
#include <thread>

using namespace baluhost::test;

namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::seconds;

std::string files(const std::string& path) { return "/api/v1/files" + percent_encode(path); }

/// Users who write and read for as long as the test lets them, and what became of their requests.
class Load {
 public:
  Load(const Server& server, int users) {
    for (int i = 0; i < users; ++i) users_.push_back(std::make_unique<Api>(new_user(server)));
    for (const auto& user : users_) threads_.emplace_back([this, &user = *user] { run(user); });
  }
  ~Load() { stop(); }
  void stop() {
    running_ = false;
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

  std::atomic<int> uploads{0};        ///< 201
  std::atomic<int> downloads{0};      ///< 200
  std::atomic<int> unavailable{0};    ///< 503
  std::atomic<int> without_advice{0}; ///< 503 without Retry-After
  std::atomic<int> other{0};          ///< anything else
  std::atomic<std::int64_t> slowest_refusal_ms{0};
  std::vector<std::string> stored; ///< paths that were acknowledged
  std::mutex mutex;

 private:
  void run(Api& user) {
    for (int i = 0; running_; ++i) {
      const std::string path = "/" + user.username + "/" + std::to_string(i);
      const auto asked = Clock::now();
      const Response put = user.put(files(path), "content of " + path);
      count(put, 201, asked);
      if (put.status == 201) {
        {
          const std::lock_guard lock{mutex};
          stored.push_back(path);
        }
        const auto asked_again = Clock::now();
        count(user.get(files(path)), 200, asked_again);
      }
      if (put.status == 503) std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
  }
  void count(const Response& response, int wanted, Clock::time_point asked) {
    if (response.status == wanted) {
      ++(wanted == 201 ? uploads : downloads);
    } else if (response.status == 503) {
      ++unavailable;
      if (!response.header("Retry-After")) ++without_advice;
      const std::int64_t took =
          std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - asked).count();
      for (auto seen = slowest_refusal_ms.load();
           seen < took && !slowest_refusal_ms.compare_exchange_weak(seen, took);) {
      }
    } else {
      ++other;
    }
  }

  std::atomic<bool> running_{true};
  std::vector<std::unique_ptr<Api>> users_;
  std::vector<std::thread> threads_;
};

bool reaches(const std::atomic<int>& number, int at_least, seconds within) {
  for (const auto deadline = Clock::now() + within; number < at_least;
       std::this_thread::sleep_for(std::chrono::milliseconds{5})) {
    if (Clock::now() > deadline) return false;
  }
  return true;
}

/// PostgreSQL is there again.
void goes_on(Load& load, const Server& server) {
  // Stored as well as downloaded: ends that could not be recorded come first, and until then no
  // download begins.
  const int stored_before = load.uploads, read_before = load.downloads;
  CHECK(reaches(load.uploads, stored_before + 1, seconds{5}));
  CHECK(reaches(load.downloads, read_before + 1, seconds{5}));
  CHECK(reaches(load.downloads, read_before + 50, seconds{60}));
  load.stop();
  CHECK(load.without_advice == 0);
  CHECK(load.other == 0);
  CHECK(load.slowest_refusal_ms < 2000);

  Api root = admin(server);
  for (const std::string& path : load.stored) {
    INFO(path);
    CHECK(root.get(files(path)).body == "content of " + path);
  }
}

/// A server on a database that the test takes away from it.
struct Outage {
  PostgresCluster cluster;
  std::string database{cluster.make_database()};
  Server server{{.database_url = cluster.url(database)}};
};

/// The same with users who go on storing and reading.
struct OutageUnderLoad : Outage {
  OutageUnderLoad() { REQUIRE(reaches(load.downloads, 50, seconds{60})); }

  Load load{server, 4};
};

void stops_and_verifies(Server& server) {
  CHECK(server.stop() == 0);
  const auto verified = server.ctl({"audit", "verify"});
  INFO(verified.out << verified.err);
  CHECK(verified.exit_code == 0);
}

} // namespace

TEST_CASE(
    "While PostgreSQL is gone every request is refused in time, and what was acknowledged before "
    "is there after",
    "[outage]") {
  OutageUnderLoad scene;
  auto& [cluster, database, server] = static_cast<Outage&>(scene);
  Load& load = scene.load;

  cluster.stop();
  const int refused_before = load.unavailable;
  REQUIRE(reaches(load.unavailable, refused_before + 40, seconds{60}));
  Api anyone{server};
  CHECK(anyone.get("/readyz").status == 503);
  CHECK(anyone.get("/livez").status == 200);
  CHECK(anyone.login("admin", kAdminPassword).status == 503);

  cluster.start();
  goes_on(load, server);
  CHECK(
      std::stoul(cluster.execute(
          database,
          "select count(distinct resource) from audit_logs where action = 'upload' and success")) >=
      load.stored.size());
  CHECK(cluster.execute(database,
                        "select count(*) from audit_logs where action = 'upload' and success") ==
        cluster.execute(database, "select count(*) from files where kind = 'file'"));
  stops_and_verifies(server);
}

TEST_CASE(
    "While PostgreSQL is frozen, and closes no connection, every request is refused in time too",
    "[outage]") {
  OutageUnderLoad scene;
  auto& [cluster, database, server] = static_cast<Outage&>(scene);
  Load& load = scene.load;
  const auto deadline = Clock::now() + seconds{60};
  // The connection on which the server asks whether PostgreSQL is there never does anything else.
  const std::string probes =
      " from pg_stat_activity where datname = current_database() and query = ''";
  while (cluster.execute(database, "select count(*)" + probes) != "1") {
    REQUIRE(Clock::now() < deadline);
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  const bool lost_it = GENERATE(false, true);
  INFO((lost_it ? "it was ended before" : "it is open"));
  // Returns once it is gone.
  if (lost_it) cluster.execute(database, "select pg_terminate_backend(pid, 10000)" + probes);

  cluster.freeze();
  const int refused_before = load.unavailable;
  REQUIRE(reaches(load.unavailable, refused_before + 40, seconds{60}));
  Api anyone{server};
  const auto asked = Clock::now();
  CHECK(anyone.get("/readyz").status == 503);
  CHECK(anyone.login("admin", kAdminPassword).status == 503);
  CHECK(Clock::now() - asked < seconds{1}); // nobody waits for what is known

  cluster.thaw();
  goes_on(load, server);
  stops_and_verifies(server);
}

TEST_CASE("What fails while PostgreSQL is read-only is on record after it, and readiness follows",
          "[outage][fault-11-2]") {
  Outage scene;
  auto& [cluster, database, server] = scene;
  Api anna = new_user(server);
  const auto becomes = [&](int status) {
    const auto deadline = Clock::now() + seconds{60};
    while (anna.get("/readyz").status != status) {
      if (Clock::now() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    return true;
  };
  const auto make_read_only = [&](bool is_read_only) {
    scene.cluster.execute(
        "postgres", "alter database " + scene.database +
                        " set default_transaction_read_only = " + (is_read_only ? "on" : "off"));
  };
  make_read_only(true);
  cluster.execute(
      "postgres",
      "select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = '" + database +
          "'");
  const std::string home = "/" + anna.username;
  CHECK(anna.put(files(home + "/a"), "hello").status == 503);
  CHECK(anna.get(files(home + "/none")).status == 503);
  CHECK(becomes(503));

  make_read_only(false); // the connections of the server were begun before
  CHECK(becomes(200));
  const auto uploads = anna.events("action=upload&resource=" + percent_encode(home + "/a"));
  REQUIRE(uploads.size() == 1);
  CHECK_FALSE(uploads[0]["success"].flag());
  CHECK(uploads[0]["error_message"].text() == "unavailable");
  CHECK(uploads[0]["details"]["occurred_at"].text() < uploads[0]["timestamp"].text());
  CHECK(anna.events("action=download&resource=" + percent_encode(home + "/none")).size() == 1);
  CHECK(anna.put(files(home + "/a"), "hello").status == 201);
  stops_and_verifies(server);
}

TEST_CASE("A start whose role may only read says what the role needs", "[outage][fault-11-9]") {
  Outage scene;
  auto& [cluster, database, server] = scene;
  REQUIRE(server.stop() == 0);
  cluster.execute(
      database, "create role reader login; grant select on all tables in schema public to reader");
  const auto refused =
      run({std::string{BALUHOST_TEST_BIN_DIR} + "/baluhostd", "--data-dir", server.data_dir(),
           "--database-url", cluster.url(database, "reader"), "--listen", "127.0.0.1:0"});
  INFO(refused.out << refused.err);
  CHECK(refused.exit_code == 1);
  CHECK(refused.err.find("permission denied") != std::string::npos);
  CHECK(refused.err.find("needs every right on BaluHost's tables") != std::string::npos);
}

TEST_CASE(
    "A server that is stopped while PostgreSQL is gone stops in time, and the next start records "
    "what it could not",
    "[outage]") {
  Outage scene;
  auto& [cluster, database, server] = scene;
  Api anna = new_user(server);
  const std::string file = files("/" + anna.username + "/big");
  REQUIRE(anna.put(file, std::string(32 << 20, 'x')).status == 201);
  {
    HttpClient reader = server.client();
    reader.connect();
    REQUIRE(reader.send("GET " + file + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                        anna.access_token + "\r\n\r\n"));
    REQUIRE(reader.read_some(1).starts_with("H"));
    cluster.stop();
  } // the download ends here, and cannot be recorded
  const auto asked = Clock::now();
  CHECK(server.stop() == 1);
  CHECK(Clock::now() - asked < seconds{20});
  CHECK(server.stderr_text().find("could not be recorded") != std::string::npos);

  cluster.start();
  cluster.execute(database, "update instances set seen_at = seen_at - 60000000");
  server.start();
  Api root = admin(server);
  CHECK(root.events("action=download&success=false").size() == 1);
  CHECK(root.events("action=recovery_completed").size() == 1);
  CHECK(server.ctl({"audit", "verify"}).exit_code == 0);
}

TEST_CASE(
    "While a pooler shares processes among connections requests are refused, never mixed up, and "
    "after it they go on",
    "[outage][fault-09]") {
  if (!PgBouncer::is_installed()) {
    WARN("left out: PgBouncer is not installed");
    return;
  }
  PostgresCluster cluster;
  const std::string database = cluster.make_database();
  const PgBouncer pooler(cluster.directory(), "session");
  Server server{{.database_url = pooler.url(database)}};
  Load load{server, 4};
  REQUIRE(reaches(load.downloads, 50, seconds{60}));

  pooler.set_pool_mode("transaction");
  REQUIRE(reaches(load.unavailable, 200, seconds{60}));
  pooler.set_pool_mode("session");
  goes_on(load, server);
  stops_and_verifies(server);
  // Each event tells of the file that was stored, whoever's session recorded it.
  CHECK(cluster.execute(database,
                        "select count(*) from audit_logs a where action = 'upload' and success and "
                        "not exists (select 1 from files f where a.details::json ->> 'sha256' = "
                        "f.sha256 and a.resource like '%/' || f.name)") == "0");
}
