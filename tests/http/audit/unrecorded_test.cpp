#include "routes.hpp"

#include <chrono>
#include <set>
#include <thread>

// What cannot be recorded does not happen; and what a crash cut short is on record after the next
// start.

using namespace baluhost::test;

TEST_CASE(
    "What cannot be recorded is refused with 503 and does not happen, and the server says that it "
    "is not ready",
    "[unrecorded]") {
  Server server{{.extra_toml = "auth.max_attempts = 100000\n"}};
  Api root = admin(server);
  Api anna = new_user(server);
  Api leaver{server, anna.username};
  const std::string home = "/" + anna.username;
  for (const char* name : {"/a", "/b"})
    REQUIRE(anna.put(files(home + name), "hello").status == 201);
  REQUIRE(anna.get("/readyz").status == 200);
  const auto newest = root.events("limit=1")[0]["id"].integer();

  sql(server,
      "create trigger no_event before insert on audit_logs begin select raise(abort, 'refused'); "
      "end;"
      "create trigger no_transfer before insert on transfer_groups begin select raise(abort, "
      "'refused'); "
      "end",
      "create function refuse() returns trigger language plpgsql as $$ begin raise exception "
      "'refused'; end $$;"
      "create trigger no_event before insert on audit_logs for each row execute function refuse();"
      "create trigger no_transfer before insert on transfer_groups for each row execute function "
      "refuse()");
  const auto between = [](const std::string& from, const std::string& to) {
    return json_of({{"from", from}, {"to", to}});
  };
  Api stranger{server};
  std::vector<std::pair<std::string, Response>> refused;
  refused.emplace_back("upload", anna.put(files(home + "/new"), "hello"));
  refused.emplace_back("replacement", anna.put(files(home + "/a") + "?overwrite=true", "other"));
  refused.emplace_back("download", anna.get(files(home + "/a")));
  refused.emplace_back("delete", anna.del(files(home + "/a")));
  refused.emplace_back("directory", anna.post(dirs(home + "/dir")));
  refused.emplace_back("move",
                       anna.post(kApi + "/actions/move", between(home + "/a", home + "/c")));
  refused.emplace_back("copy",
                       anna.post(kApi + "/actions/copy", between(home + "/a", home + "/c")));
  refused.emplace_back("login", stranger.login(anna.username, kPassword));
  refused.emplace_back("failed login", stranger.login(anna.username, "wrong"));
  refused.emplace_back("token", stranger.get(kApi + "/auth/me"));
  refused.emplace_back("refresh", stranger.post(kApi + "/auth/refresh",
                                                json_of({{"refresh_token", anna.refresh_token}})));
  refused.emplace_back("logout", leaver.post(kApi + "/auth/logout"));
  refused.emplace_back(
      "user",
      root.post(kApi + "/users", json_of({{"username", "someone"}, {"password", kPassword}})));
  refused.emplace_back("role",
                       root.patch(kApi + "/users/" + anna.username, json_of({{"role", "admin"}})));
  refused.emplace_back(
      "grant", anna.put_json(
                   kApi + "/grants",
                   object({{"path", q(home)}, {"grantee", q("admin")}, {"rights", "[\"read\"]"}})));
  refused.emplace_back("export", root.get(kApi + "/audit/export?format=csv"));
  refused.emplace_back("denial", anna.get(kApi + "/users"));
  refused.emplace_back("failure", anna.del(files(home + "/none")));
  for (const auto& [what, response] : refused) {
    INFO(what << ": " << response.body);
    check_problem(response, 503, "unavailable");
    CHECK(response.header("Retry-After").has_value());
    CHECK(response.body.find("refused") == std::string::npos);
  }
  const auto readiness = [&] { return anna.get("/readyz"); };
  Response ready = readiness();
  for (int i = 0; i < 400 && ready.status != 503; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
    ready = readiness();
  }
  CHECK(ready.status == 503);
  CHECK(Json::parse(ready.body)["checks"]["audit"].text() == "events cannot be written");
  CHECK(Json::parse(ready.body)["checks"]["database"].text() == "ok");
  CHECK(anna.get("/livez").status == 200);

  sql(server, "drop trigger no_event; drop trigger no_transfer",
      "drop trigger no_event on audit_logs; drop trigger no_transfer on transfer_groups");
  const Response list = anna.get(dirs(home));
  const Json items = Json::parse(list.body)["items"];
  REQUIRE(items.size() == 2);
  CHECK(items[0]["path"].text() == home + "/a");
  CHECK(items[1]["path"].text() == home + "/b");
  CHECK(anna.get(files(home + "/a")).body == "hello");
  CHECK(leaver.get(kApi + "/auth/me").status == 200);
  CHECK(root.get(kApi + "/users/someone").status == 404);
  CHECK(Json::parse(anna.get(kApi + "/auth/me").body)["role"].text() == "user");
  CHECK(Json::parse(anna.get(kApi + "/grants").body)["items"].size() == 0);
  CHECK(anna.post(dirs(home + "/dir")).status == 201);
  CHECK(anna.del(files(home + "/none")).status == 404);
  for (int i = 0; i < 400 && readiness().status != 200; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  CHECK(readiness().status == 200);
  // What was refused did not happen, and is on record as soon as that can be written.
  std::set<std::string> recorded;
  for (const Json& event : root.events("limit=1000&order=asc")) {
    if (event["id"].integer() <= newest || !event["details"].has("occurred_at")) continue;
    INFO(event["action"].text());
    CHECK_FALSE(event["success"].flag());
    recorded.insert(event["action"].text());
  }
  for (const char* action :
       {"upload", "delete", "create_directory", "login_failed", "access_denied"}) {
    INFO(action);
    CHECK(recorded.contains(action));
  }
}

namespace {

/// A download of 48 MiB that is under way, once it was stored at `path`.
HttpClient begin_large_download(const Server& server, Api& who, const std::string& path) {
  REQUIRE(who.put(files(path), std::string(48 << 20, 'x')).status == 201);
  HttpClient reader = server.client();
  reader.connect();
  REQUIRE(reader.send("GET " + files(path) +
                      " HTTP/1.1\r\nHost: x\r\nUser-Agent: slow/1\r\nAuthorization: Bearer " +
                      who.access_token + "\r\n\r\n"));
  CHECK(reader.read_some(64).starts_with("HTTP/1.1 200"));
  return reader;
}

/// Servers that share a database take one another for dead after a minute of silence.
void kill_long_ago(Server& server) {
  server.kill();
  if (database_kind() == "postgresql")
    sql(server, "", "update instances set seen_at = seen_at - 61000000");
}

} // namespace

TEST_CASE("A download that kill -9 cut short is on record after the next start", "[unrecorded]") {
  Server server;
  Api anna = new_user(server);
  const std::string path = "/" + anna.username + "/large";
  HttpClient reader = begin_large_download(server, anna, path);
  REQUIRE(anna.events("action=download").empty());
  kill_long_ago(server);
  server.start();
  Api again{server, anna.username};
  const auto events = again.events("action=download");
  REQUIRE(events.size() == 1);
  CHECK(events[0]["user"].text() == anna.username);
  CHECK(events[0]["resource"].text() == path);
  CHECK_FALSE(events[0]["success"].flag());
  CHECK(events[0]["error_message"].text() == "interrupted");
  CHECK(events[0]["ip_address"].text() == "127.0.0.1");
  CHECK(events[0]["user_agent"].text() == "slow/1");
  CHECK(events[0]["details"].keys() == std::vector<std::string>{"complete", "file_size", "sha256"});
  CHECK(events[0]["details"]["file_size"].integer() == 48 << 20);
  CHECK_FALSE(events[0]["details"]["complete"].flag());
  const auto recovered = again.events("action=recovery_completed");
  REQUIRE(recovered.size() == 1);
  CHECK(recovered[0]["details"]["interrupted_downloads"].integer() == 1);
}

TEST_CASE(
    "A download under way that somebody changed while no server ran is found by the next start",
    "[unrecorded]") {
  struct Change {
    std::string sql, kind, detail;
    bool names_it{false}; ///< by a second finding: whose download it was
  };
  const Change change = GENERATE(
      Change{"update transfer_groups set events = replace(events, '/large', '/small')", "bad_tag",
             "somebody changed the record of the downloads from number 1 on, under way on server "},
      Change{"delete from transfer_groups", "event_missing",
             "download 1 gone from the record of those, under way on server "},
      Change{"update instances set open = ''", "bad_tag",
             "somebody changed the list of the downloads, under way on server ", true},
      Change{"delete from transfer_groups; delete from instances", "event_missing",
             "the record of the downloads under way on server "});
  INFO(change.sql);
  Server server;
  Api anna = new_user(server);
  const std::string path = "/" + anna.username + "/large";
  HttpClient reader = begin_large_download(server, anna, path);
  REQUIRE(anna.put(files(path + "2"), "short").status == 201);
  CHECK(anna.get(files(path + "2")).body == "short"); // its end is on record with what is under way
  for (int i = 0; i < 500 && anna.events("action=download").empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  kill_long_ago(server);
  sql(server, change.sql, change.sql);
  server.start();
  Api again{server, anna.username};
  CHECK(again.events("action=download").size() == 1);
  const auto recovered = again.events("action=recovery_completed");
  REQUIRE(recovered.size() == 1);
  INFO(recovered[0].dump());
  CHECK_FALSE(recovered[0]["success"].flag());
  const Json details = recovered[0]["details"];
  const std::string instance =
      again.events("action=server_started&order=asc")[0]["details"]["instance"].text();
  REQUIRE(details["instances"].size() == 1);
  CHECK(details["instances"][0].text() == instance);
  CHECK(details["findings_count"].integer() == (change.names_it ? 2 : 1));
  CHECK(details["findings"][0]["kind"].text() == change.kind);
  CHECK(details["findings"][0]["detail"].text().starts_with(change.detail + instance));
}
