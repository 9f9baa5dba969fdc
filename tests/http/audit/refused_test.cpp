// One event or one row that the database will not take: it is set apart, and nobody else notices.

#include "wire.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>

using namespace baluhost::test;

namespace {

void alter(const Server& server, const std::string& sql) {
  const auto done =
      database_kind() == "sqlite"
          ? run({"sqlite3", "-cmd", ".timeout 5000", server.data_dir() + "/baluhost.db", sql})
          : run({"psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", server.database_url(), "-c", sql});
  INFO(done.err);
  REQUIRE(done.exit_code == 0);
}

/// From now on no event gets in whose resource ends in "poison".
void refuse_poison(const Server& server) {
  alter(server, database_kind() == "sqlite"
                    ? "create trigger picky before insert on audit_logs when new.resource like "
                      "'%poison' begin select raise(abort, 'no'); end"
                    : "alter table audit_logs add constraint picky check (resource not like "
                      "'%poison') not valid");
}

} // namespace

TEST_CASE("An event that the database refuses is recorded in another one and stops no other",
          "[refused][fault-08][fault-41]") {
  Server server{{.extra_toml = "[metrics]\nlisten = \"127.0.0.1:0\"\n"}};
  Api root = admin(server);
  Api anna = new_user(server);
  const std::string good = "/" + anna.username + "/good", poison = "/" + anna.username + "/poison";
  REQUIRE(anna.put(files(good), "good").status == 201);
  REQUIRE(anna.put(files(poison), "bad").status == 201);
  refuse_poison(server);

  check_problem(anna.put(files("/" + anna.username + "/none/poison"), "x"), 404, "not_found");
  for (int i = 0; i < 4;
       ++i) { // the end of each is recorded after the answer, in batches with others
    CHECK(anna.get(files(good)).body == "good");
    CHECK(anna.get(files(poison)).body == "bad");
  }
  check_problem(anna.del(files(poison)), 500, "internal"); // a change without its event is none
  CHECK(anna.get(meta(poison)).status == 200);
  CHECK(new_user(server).get("/api/v1/auth/me").status == 200);

  const auto own = [&] {
    return root.events("limit=1000&action=download&success=true&user=" + anna.username);
  };
  const auto refused = [&] { return root.events("limit=1000&action=event_refused"); };
  for (int i = 0; i < 1000 && (own().size() < 4 || refused().size() < 6); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  for (const Json& event : own()) {
    CHECK(event["resource"].text() == good);
    CHECK(event["error_message"].is_null());
  }
  CHECK(own().size() == 4);
  std::map<std::string, int> set_apart;
  for (const Json& event : refused()) {
    CHECK(event["event_type"].text() == "SYSTEM");
    CHECK_FALSE(event["success"].flag());
    CHECK(event["resource"].is_null());
    CHECK(event["user"].is_null());
    CHECK(event["details"]["user"].text() == anna.username);
    CHECK(event["details"]["resource"].text().ends_with("poison"));
    CHECK(Json::parse(event["details"]["details"].text()).keys().size() > 0);
    ++set_apart[event["details"]["action"].text()];
  }
  CHECK(set_apart == std::map<std::string, int>{{"download", 4}, {"upload", 1}, {"delete", 1}});
  CHECK(root.get("/readyz").status == 200);
  CHECK(root.post("/api/v1/audit/verify", "").status == 200);
  CHECK(Json::parse(root.post("/api/v1/audit/verify", "").body)["ok"].flag());
}
