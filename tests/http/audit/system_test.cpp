#include "audit/story.hpp"

#include <chrono>
#include <map>
#include <thread>

// What an administrator is told of the server itself.

using namespace baluhost::test;

namespace {

const std::string kSystem = kApi + "/system";

bool is_postgres(const Server& server) { return server.database_url().starts_with("postgres"); }

} // namespace

TEST_CASE("An administrator sees version, database, space and settings", "[system]") {
  ServerOptions options;
  options.extra_toml = "files.trash_days = 12\nlog.level = \"warn\"\n";
  const Server server{options};
  Api root = admin(server);
  const Response response = root.get(kSystem);
  REQUIRE(response.status == 200);
  const Json json = Json::parse(response.body);
  CHECK(json.keys() ==
        std::vector<std::string>{"database", "disk", "settings", "started_at", "tasks", "version"});
  CHECK(json["database"].text() == (is_postgres(server) ? "postgresql" : "sqlite"));
  const Json started = first(items(root, "action=server_started&limit=1"));
  CHECK(json["version"].text() == started["details"]["version"].text());
  CHECK(json["started_at"].text() <= started["timestamp"].text());
  CHECK(json["disk"]["free_bytes"].integer() > 0);
  CHECK(json["disk"]["free_bytes"].integer() <= json["disk"]["total_bytes"].integer());
  CHECK(json["disk"]["min_free_bytes"].integer() > 0);

  const auto all_ran = [&] {
    const Json tasks = Json::parse(root.get(kSystem).body)["tasks"];
    for (std::size_t i = 0; i < tasks.size(); ++i) {
      CHECK(tasks[i]["error"].is_null());
      if (tasks[i]["last_run"].is_null()) return false;
    }
    return tasks.size() > 15;
  };
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (!all_ran() && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  CHECK(all_ran());

  std::map<std::string, Json> found;
  const Json settings = json["settings"];
  for (std::size_t i = 0; i < settings.size(); ++i)
    CHECK(found.emplace(settings[i]["name"].text(), settings[i]).second);
  CHECK(found.size() > 40);
  CHECK(found.at("files.trash_days")["value"].integer() == 12);
  CHECK(found.at("files.trash_days")["source"].text().find(".toml:") != std::string::npos);
  CHECK(found.at("log.level")["value"].text() == "warn");
  CHECK(found.at("web.enabled")["value"].flag());
  CHECK(found.at("files.versions_keep")["source"].is_null());
  CHECK(found.at("server.listen")["value"].size() > 0);
}

TEST_CASE("The password of the database stands in no setting", "[system]") {
  const Server server;
  const std::string url = server.database_url();
  const std::string body = admin(server).get(kSystem).body;
  const auto at = url.find('@');
  const auto colon = url.find(':', url.find("//"));
  if (is_postgres(server) && at != std::string::npos && colon < at)
    CHECK(body.find(url.substr(colon, at - colon + 1)) == std::string::npos);
  CHECK(body.find("correct horse battery") == std::string::npos);
}

TEST_CASE("The system is for administrators, and a refusal is on record", "[system]") {
  Api root = admin(shared_server());
  Api anna = new_user(shared_server());
  check_problem(anna.get(kSystem), 403, "forbidden");
  const Json refused = first(items(root, "action=access_denied&limit=1&user=" + anna.username));
  CHECK(refused["resource"].text() == kSystem);
  CHECK(refused["details"]["operation"].text() == "read_system");
  Api stranger{shared_server()};
  check_problem(stranger.get(kSystem), 401, "unauthenticated");
  CHECK(root.get(kSystem + "?x=1").status == 400);
}
