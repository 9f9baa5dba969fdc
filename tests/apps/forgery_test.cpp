#include "migration/migrate_fixture.hpp"

#include "baluhost/test/server.hpp"

#include <catch2/catch.hpp>

#include <chrono>
#include <filesystem>
#include <thread>

// What somebody with the rights of the database writes into it while no server runs, and what a
// crash leaves there, as operators meet them: by the programs.

using namespace baluhost::test;

namespace {

/// A server on one of the databases, and somebody who may write to that database.
struct Forged {
  explicit Forged(bool on_postgres)
      : postgres(on_postgres),
        server({.database_url = on_postgres ? make_postgres_database() : ""}) {}

  std::string ask(const std::string& sql) const {
    const std::string url = server.database_url();
    return postgres ? psql(url, sql) : sqlite(url.substr(std::string{"sqlite:"}.size()), sql);
  }
  /// A copy of the newest event, two minutes old.
  std::string forge(const std::string& id) const {
    ask("insert into audit_logs (id, timestamp, event_type, action, \"user\", success, details) "
        "select " +
        id +
        ", timestamp - 120000000, event_type, action, \"user\", success, details from audit_logs"
        " where id = (select max(id) from audit_logs)");
    return ask(
        "select min(id) from audit_logs where id not in (select event_id from audit_leaves)"
        " and id not in (select event_id from audit_tags)");
  }
  Json verify(int exit_code) const {
    const auto verified = server.ctl({"audit", "verify", "--json"});
    INFO(verified.out << verified.err);
    CHECK(verified.exit_code == exit_code);
    return Json::parse(verified.out);
  }

  bool postgres;
  Server server;
};

} // namespace

TEST_CASE("A forged event is found at once, never sealed, and on record after the next start",
          "[forgery][fault-05]") {
  for (const bool postgres : {false, true}) {
    for (const auto& id :
         std::vector<std::string>{"(select max(id) + 1 from audit_logs)", "0", "-5"}) {
      INFO((postgres ? "postgresql, " : "sqlite, ") << id);
      Forged forged{postgres};
      REQUIRE(forged.server.stop() == 0);
      CHECK(forged.verify(0)["unsealed"].integer() == 0);
      const std::string event = forged.forge(id);
      const Json found = forged.verify(3);
      REQUIRE(found["problems"].size() == 1);
      CHECK(found["problems"][0]["kind"].text() == "event_unsealed");
      CHECK(std::to_string(found["problems"][0]["event"].integer()) == event);

      forged.server.start();
      CHECK(forged.ask("select count(*) from audit_leaves where event_id = " + event) == "0");
      CHECK(forged.ask("select count(*) from audit_seals where recovered") == "0");
      const auto recorded = admin(forged.server).events("action=recovery_completed&success=false");
      REQUIRE(recorded.size() == 1);
      CHECK(recorded[0]["details"]["recovered_events"].integer() == 0);
      CHECK(std::to_string(recorded[0]["details"]["findings"][0]["event"].integer()) == event);
      CHECK(forged.verify(3)["problems"].size() == 1);
    }
  }
}

TEST_CASE("A crashed database verifies however old it is, and its copy by the public key alone",
          "[forgery][fault-04]") {
  for (const bool postgres : {false, true}) {
    INFO((postgres ? "postgresql" : "sqlite"));
    Server server{{.extra_toml = "audit.seal_interval = \"1h\"\n",
                   .database_url = postgres ? make_postgres_database() : ""}};
    Api root = admin(server);
    for (int i = 0; i < 20; ++i) CHECK(root.get("/api/v1/files/admin/none").status == 404);
    server.kill();
    const std::string key = server.data_dir() + "/keys/audit-ed25519.pub.pem";
    const auto verified =
        server.ctl({"audit", "verify", "--json", "--public-key", key, "--no-anchor"});
    INFO(verified.out << verified.err);
    CHECK(verified.exit_code == 0);
    CHECK(Json::parse(verified.out)["unsealed"].integer() > 0);
    CHECK(Json::parse(verified.out)["problems"].size() == 0);
    CHECK(server.ctl({"audit", "verify"}).exit_code == 0);
    server.start();
    // Of several servers on one PostgreSQL another may live, and seal its own within half a minute.
    const std::size_t recoveries = postgres ? 0 : 1;
    CHECK(admin(server).events("action=recovery_completed&success=true").size() == recoveries);
    CHECK(server.ctl({"audit", "verify"}).exit_code == 0);
  }
}

TEST_CASE("A prune after a crash takes no event that waits for its seal for one that was pruned",
          "[forgery][fault-04]") {
  for (const bool postgres : {false, true}) {
    INFO((postgres ? "postgresql" : "sqlite"));
    Server server{{.extra_toml = "audit.seal_interval = \"1h\"\n",
                   .database_url = postgres ? make_postgres_database() : ""}};
    REQUIRE(server.stop() == 0); // seals
    server.start();
    CHECK(admin(server).get("/api/v1/files/admin/none").status == 404);
    server.kill();
    const auto verified = [&] {
      const auto report = server.ctl({"audit", "verify", "--json"});
      INFO(report.out << report.err);
      CHECK(report.exit_code == 0);
      return Json::parse(report.out);
    };
    const auto unsealed = verified()["unsealed"].integer();
    CHECK(unsealed > 0);
    const auto pruned = server.ctl({"audit", "prune", "--keep-days", "0"});
    CHECK(pruned.exit_code == 0);
    CHECK(pruned.out.find("up to seal") != std::string::npos);
    CHECK(verified()["unsealed"].integer() == unsealed);
    // The prune's own event is sealed, after what waits was made: it stays.
    CHECK(server.ctl({"audit", "prune", "--keep-days", "0"}).exit_code == 0);
    CHECK(verified()["unsealed"].integer() == unsealed);
    server.start();
    CHECK(verified()["problems"].size() == 0);
    CHECK(admin(server).events("action=recovery_completed&success=false").empty());
  }
}

TEST_CASE("A forged row where the next seal would stand stops no start", "[forgery][fault-43]") {
  const std::string zeros(64, '0');
  for (const bool postgres : {false, true}) {
    for (const auto& row : std::vector<std::string>{
             "insert into audit_leaves select max(sequence) + 1, max(event_id) + 1, '" + zeros +
                 "' from audit_leaves",
             "insert into audit_leaves select max(sequence) + 1, max(event_id) + 9000, 'x' from "
             "audit_leaves",
             "insert into audit_seals select number + 1, last_sequence + 1, last_sequence + 2, 2, "
             "'x', 'y',"
             " sealed_at, recovered, 'k', 'z' from audit_seals order by number desc limit 1"}) {
      INFO((postgres ? "postgresql: " : "sqlite: ") << row);
      Forged forged{postgres};
      REQUIRE(forged.server.stop() == 0);
      forged.ask(row);
      forged.server.start();
      const auto recorded = admin(forged.server).events("action=recovery_completed&success=false");
      REQUIRE(recorded.size() == 1);
      CHECK(recorded[0]["details"]["findings"][0]["kind"].text() == "row_forged");
      CHECK(forged.server.client().request("GET", "/readyz").status == 200);
      // The same while it runs, and beside a program that seals its own event.
      const auto count = [&] {
        return admin(forged.server).events("action=recovery_completed&success=false").size();
      };
      forged.ask(row);
      CHECK(admin(forged.server).get("/api/v1/files/admin/none").status == 404);
      for (int i = 0; i < 300 && count() < 2; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds{100}); // until the next heartbeat
      CHECK(count() == 2);
      REQUIRE(forged.server.stop() == 0);
      forged.ask(row);
      static_cast<void>(forged.server.ctl({"audit", "verify"})); // seals what it records itself
      forged.server.start();
      CHECK(count() == 3);
      REQUIRE(forged.server.stop() == 0);
      forged.verify(0);
    }
  }
}
