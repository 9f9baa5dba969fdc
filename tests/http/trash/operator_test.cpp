#include "trash/trash_client.hpp"

#include <utility>

// baluhostctl on trash, versions, names and figures: what it prints is the API's, what it changes
// is on record as the operator's.

using namespace baluhost::test;

namespace {

using Arguments = std::vector<std::string>;

/// What it prints, without the end of the last line.
std::string done(const Server& server, Arguments arguments) {
  auto output = server.ctl(std::move(arguments));
  INFO(output.err);
  CHECK(output.exit_code == 0);
  while (output.out.ends_with('\n')) output.out.pop_back();
  return output.out;
}

/// The items of a list, by the program and by the API.
void check_same(const std::string& printed, Api& api, const std::string& target) {
  const Json of_program = Json::parse(printed);
  CHECK(of_program.keys() == std::vector<std::string>{"items"});
  CHECK(of_program["items"].dump() == Json::parse(api.get(target).body)["items"].dump());
}

/// The newest event `action`, which the operator caused.
Json of_operator(Api& api, const std::string& action) {
  const auto events = api.events("action=" + action);
  REQUIRE_FALSE(events.empty());
  CHECK(events[0]["user"].text().starts_with("cli:"));
  return events[0];
}

} // namespace

TEST_CASE("The operator lists, restores and empties the trash by baluhostctl", "[operator]") {
  Server server;
  Api anna = new_user(server), bob = new_user(server);
  const std::string home = "/" + anna.username, path = home + "/note";
  for (Api* who : {&anna, &bob}) {
    REQUIRE(who->put(files("/" + who->username + "/note"), "1").status == 201);
    REQUIRE(who->del(files("/" + who->username + "/note")).status == 204);
  }
  check_same(done(server, {"trash", "list", "--home", anna.username, "--json"}), anna,
             kApi + "/trash");
  CHECK(Json::parse(done(server, {"trash", "list", "--json"}))["items"].size() == 2);
  const std::string table = done(server, {"trash", "list"});
  for (const std::string& name : {anna.username, bob.username})
    CHECK(table.find("/" + name + "/note") != std::string::npos);

  const std::string id = std::to_string(newest_trash(anna)["id"].integer());
  REQUIRE(anna.put(files(path), "in the way").status == 201);
  CHECK(server.ctl({"trash", "restore", id}).exit_code == 1);
  CHECK(done(server, {"trash", "restore", id, "--overwrite"}) == path);
  CHECK(of_operator(anna, "restore")["resource"].text() == path);
  CHECK(sizes(anna, path).size() == 2);
  CHECK(server.ctl({"trash", "restore", id}).exit_code == 1);
  for (const char* no_id : {"x", "1x", ""})
    CHECK(server.ctl({"trash", "restore", no_id}).exit_code == 2);

  REQUIRE(anna.del(files(path)).status == 204);
  const std::string again = std::to_string(newest_trash(anna)["id"].integer());
  const std::string restored =
      done(server, {"trash", "restore", again, "--to", home + "/d/back", "--json"});
  CHECK(Json::parse(restored).dump() == Json::parse(anna.get(meta(home + "/d/back")).body).dump());

  REQUIRE(anna.del(files(home + "/d/back")).status == 204);
  done(server, {"trash", "empty", "--home", anna.username});
  CHECK(of_operator(anna, "purge")["resource"].text() == home + "/d/back");
  CHECK(Figures::of(anna) == Figures{});
  CHECK(trash_items(bob).size() == 1);
  done(server, {"trash", "empty"});
  CHECK(Figures::of(bob) == Figures{});
  CHECK(server.ctl({"trash", "empty", "--home", "nobody-at-all"}).exit_code == 1);
}

TEST_CASE("The operator lists and restores versions by baluhostctl", "[operator]") {
  Server server;
  Api anna = new_user(server);
  const std::string path = "/" + anna.username + "/note";
  REQUIRE(anna.put(files(path), "1").status == 201);
  replace(anna, path, "22");
  check_same(done(server, {"versions", "list", path, "--json"}), anna, versions(path));
  const auto before = versions_of(anna, path);
  const std::string table = done(server, {"versions", "list", path});
  for (const Json& version : before)
    CHECK(table.find(version["sha256"].text()) != std::string::npos);

  const std::string former = before.at(1)["id"].text();
  const std::string restored = done(server, {"versions", "restore", path, former, "--json"});
  CHECK(Json::parse(restored).dump() == Json::parse(anna.get(meta(path)).body).dump());
  CHECK(anna.get(files(path)).body == "1");
  CHECK(of_operator(anna, "version_restored")["details"]["version"].text() == former);
  CHECK(server.ctl({"versions", "restore", path, former}).exit_code == 1); // it is the present one
  CHECK(server.ctl({"versions", "restore", path, "x"}).exit_code == 2);
  CHECK(server.ctl({"versions", "list", path + "s"}).exit_code == 1);
  CHECK(server.ctl({"versions", "list", "note"}).exit_code == 2);
}

TEST_CASE("The operator finds names in all homes by baluhostctl, as the API does", "[operator]") {
  Server server;
  Api root = admin(server), anna = new_user(server);
  const std::string home = "/" + anna.username;
  for (const char* name : {"/box/Annual R\xC3\xA9port.txt", "/reports/x", "/a report"})
    REQUIRE(anna.put(files(home + name) + "?parents=true", "1").status == 201);
  for (const Arguments& more : {Arguments{}, {"--path", home + "/box"}, {"--kind", "directory"}}) {
    Arguments arguments{"search", "report", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::string query = "/search?q=report";
    if (!more.empty()) query += "&" + more[0].substr(2) + "=" + percent_encode(more[1]);
    check_same(done(server, arguments), root, kApi + query);
  }
  CHECK(done(server, {"search", "REPORT annual"}) == home + "/box/Annual R\xC3\xA9port.txt");
  CHECK(done(server, {"search", "absent"}).empty());
}

TEST_CASE("A name that searches would not find is found by db check, and mended by db reindex",
          "[operator]") {
  Server server;
  Api anna = new_user(server);
  const std::string home = "/" + anna.username;
  for (const char* name : {"/treasure", "/other"})
    REQUIRE(anna.put(files(home + name), "1").status == 201);
  const auto found = [&] { return items_of(anna, kApi + "/search?q=treasure").size(); };
  REQUIRE(found() == 1);
  const std::string spoil = "update files set search_key = 'zzz' where name = 'treasure'";
  sql(server, spoil, spoil);
  CHECK(found() == 0);
  const auto checked = server.ctl({"db", "check", "--json"});
  CHECK(checked.exit_code == 3);
  const Json report = Json::parse(checked.out);
  CHECK_FALSE(report["ok"].flag());
  REQUIRE(report["problems"].size() >= 1);
  CHECK(report["problems"][0].text().find("baluhostctl db reindex") != std::string::npos);
  CHECK(done(server, {"db", "reindex"}) == "indexed; 1 names had a wrong search key");
  CHECK(found() == 1);
  CHECK(done(server, {"db", "check"}).starts_with("sound: "));
}

TEST_CASE("The operator's figures of the trail are the API's", "[operator]") {
  Server server;
  Api root = admin(server), anna = new_user(server);
  REQUIRE(anna.put(files("/" + anna.username + "/f"), "12345").status == 201);
  REQUIRE(anna.login(anna.username, "wrong").status == 401);
  for (const Arguments& more :
       {Arguments{}, {"--user", anna.username}, {"--interval", "day", "--tz", "Europe/Berlin"}}) {
    Arguments arguments{"audit", "stats", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    std::string query;
    for (std::size_t i = 0; i < more.size(); i += 2)
      query += (i == 0 ? "?" : "&") + more[i].substr(2) + "=" + percent_encode(more[i + 1]);
    INFO(query);
    CHECK(done(server, arguments) == root.get(kApi + "/audit/stats" + query).body);
  }
}
