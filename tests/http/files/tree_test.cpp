#include "wire.hpp"

#include <atomic>
#include <string>
#include <thread>
#include <tuple>
#include <utility>

using namespace baluhost::test;

namespace {

Response act(Api& api, const std::string& action, const std::string& from, const std::string& to,
             bool overwrite = false) {
  return api.post(
      kApi + "/actions/" + action,
      object({{"from", q(from)}, {"to", q(to)}, {"overwrite", overwrite ? "true" : "false"}}));
}

} // namespace

TEST_CASE("A delete is recorded; a tree with one event per file and a summary", "[tree][spec-65]") {
  Api anna = new_user(shared_server());
  const std::string home = "/" + anna.username;
  REQUIRE(anna.put(files(home + "/one.txt"), "12345").status == 201);
  REQUIRE(anna.del(files(home + "/one.txt") + "?permanent=true").status == 204);
  auto events = anna.events("action=delete&user=" + anna.username);
  REQUIRE(events.size() == 1);
  CHECK(events[0]["resource"].text() == home + "/one.txt");
  CHECK(events[0]["details"]["file_size"].integer() == 5);
  CHECK(events[0]["details"]["kind"].text() == "file");

  for (const char* name : {"/t/a", "/t/b", "/t/u/c"})
    REQUIRE(anna.put(files(home + name) + "?parents=true", "1234").status == 201);
  check_problem(anna.del(files(home + "/t")), 409, "conflict");
  REQUIRE(anna.del(files(home + "/t") + "?recursive=true&permanent=true").status == 204);
  CHECK(anna.events("action=delete&success=true&resource=" + home + "/t/u/c").size() == 1);
  events = anna.events("action=delete&success=true&resource=" + home + "/t");
  REQUIRE(events.size() == 1);
  CHECK(events[0]["details"]["file_count"].integer() == 3);
  CHECK(events[0]["details"]["total_size"].integer() == 12);
  CHECK(Json::parse(anna.get(kApi + "/usage").body)["used_bytes"].integer() == 0);
}

TEST_CASE("A move and a rename are recorded with source and destination", "[tree][spec-66]") {
  Api anna = new_user(shared_server());
  const std::string home = "/" + anna.username;
  REQUIRE(anna.put(files(home + "/d/a.txt") + "?parents=true", "x").status == 201);
  REQUIRE(act(anna, "move", home + "/d/a.txt", home + "/d/b.txt").status == 200);
  REQUIRE(act(anna, "move", home + "/d/b.txt", home + "/b.txt").status == 200);
  REQUIRE(act(anna, "copy", home + "/d", home + "/e").status == 201);
  for (const auto& [action, source, destination, count] :
       std::vector<std::tuple<std::string, std::string, std::string, int>>{
           {"rename", home + "/d/a.txt", home + "/d/b.txt", 1},
           {"move", home + "/d/b.txt", home + "/b.txt", 1},
           {"copy", home + "/d", home + "/e", 0}}) {
    INFO(action);
    const auto events = anna.events("user=" + anna.username + "&action=" + action);
    REQUIRE(events.size() == 1);
    CHECK(events[0]["resource"].text() == destination);
    CHECK(events[0]["details"].keys() ==
          std::vector<std::string>{"destination", "file_count", "source"});
    CHECK(events[0]["details"]["source"].text() == source);
    CHECK(events[0]["details"]["destination"].text() == destination);
    CHECK(events[0]["details"]["file_count"].integer() == count);
  }
}

TEST_CASE("Directories are made, listed by name in pages, and not mistaken for files", "[tree]") {
  Api anna = new_user(shared_server());
  const std::string home = "/" + anna.username;
  CHECK(anna.post(dirs(home + "/d")).status == 201);
  check_problem(anna.post(dirs(home + "/d")), 409, "already_exists");
  CHECK(anna.post(dirs(home + "/d") + "?parents=true").status == 200);
  check_problem(anna.post(dirs(home + "/x/y")), 404, "not_found");
  CHECK(anna.post(dirs(home + "/x/y/z") + "?parents=true").status == 201);
  REQUIRE(anna.put(files(home + "/f"), "x").status == 201);
  check_problem(anna.get(files(home + "/d")), 409, "conflict");
  check_problem(anna.put(files(home + "/d") + "?overwrite=true", "x"), 409, "conflict");
  check_problem(anna.put(files(home + "/f/g"), "x"), 409, "conflict");
  check_problem(anna.get(dirs(home + "/f")), 409, "conflict");
  const auto events = anna.events("action=create_directory&success=true&user=" + anna.username);
  CHECK(events.size() == 4);

  const std::vector<std::string> names{"A", "B", "a", "b", "\xC3\xA9", "\xF0\x9F\x98\x80"};
  for (const std::string& name : names)
    REQUIRE(anna.put(files(home + "/d/" + name), "x").status == 201);
  std::vector<std::string> seen;
  std::string cursor;
  for (int pages = 0; pages < 10; ++pages) {
    const Json page = Json::parse(
        anna.get(dirs(home + "/d") + "?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor))
            .body);
    for (std::size_t i = 0; i < page["items"].size(); ++i)
      seen.push_back(page["items"][i]["name"].text());
    if (page["next_cursor"].is_null()) break;
    cursor = page["next_cursor"].text();
    if (pages == 0)
      REQUIRE(anna.put(files(home + "/d/0 early"), "x").status ==
              201); // before the cursor: hides and repeats nothing
  }
  CHECK(seen == names);
  check_problem(anna.get(dirs(home) + "?cursor=" + cursor), 400,
                "invalid_request"); // a foreign one
  const Json homes = Json::parse(anna.get(kApi + "/dirs/").body);
  REQUIRE(homes["items"].size() == 1);
  CHECK(homes["items"][0]["path"].text() == home);
}

TEST_CASE("A directory comes in the order that is asked for, directories first", "[tree]") {
  Api anna = new_user(shared_server());
  const std::string box = "/" + anna.username + "/box";
  REQUIRE(anna.post(dirs(box)).status == 201);
  // In this order of time.
  for (const auto& [name, content] : std::vector<std::pair<std::string, std::string>>{
           {"m", "12345"}, {"z-dir", ""}, {"b", "12345"}, {"A", "1"}, {"a-dir", ""}, {"k", ""}}) {
    if (name.ends_with("-dir"))
      REQUIRE(anna.post(dirs(box + "/" + name)).status == 201);
    else
      REQUIRE(anna.put(files(box + "/" + name), content).status == 201);
  }
  using Names = std::vector<std::string>;
  const auto sorted = [&](const std::string& order, int limit) {
    Names names;
    std::string cursor;
    for (int pages = 0; pages < 10; ++pages) {
      const auto answer = anna.get(dirs(box) + "?limit=" + std::to_string(limit) + order +
                                   (cursor.empty() ? "" : "&cursor=" + cursor));
      REQUIRE(answer.status == 200);
      const Json page = Json::parse(answer.body);
      for (std::size_t i = 0; i < page["items"].size(); ++i)
        names.push_back(page["items"][i]["name"].text());
      if (page["next_cursor"].is_null()) break;
      CHECK(page["items"].size() == static_cast<std::size_t>(limit));
      cursor = page["next_cursor"].text();
    }
    return names;
  };
  for (const int limit : {1, 2, 4, 100}) {
    INFO(limit);
    CHECK(sorted("", limit) == Names{"A", "a-dir", "b", "k", "m", "z-dir"});
    CHECK(sorted("&sort=name", limit) == Names{"a-dir", "z-dir", "A", "b", "k", "m"});
    CHECK(sorted("&sort=kind", limit) == Names{"a-dir", "z-dir", "A", "b", "k", "m"});
    CHECK(sorted("&sort=-name", limit) == Names{"z-dir", "a-dir", "m", "k", "b", "A"});
    CHECK(sorted("&sort=size", limit) == Names{"a-dir", "z-dir", "k", "A", "b", "m"});
    CHECK(sorted("&sort=-size", limit) == Names{"a-dir", "z-dir", "b", "m", "A", "k"});
    CHECK(sorted("&sort=modified_at", limit) == Names{"z-dir", "a-dir", "m", "b", "A", "k"});
    CHECK(sorted("&sort=-modified_at", limit) == Names{"a-dir", "z-dir", "k", "A", "b", "m"});
  }
  // What comes before the cursor meanwhile hides and repeats nothing.
  const Json begun = Json::parse(anna.get(dirs(box) + "?limit=3&sort=-size").body);
  REQUIRE(anna.put(files(box + "/0"), "1234567").status == 201);
  const Json rest = Json::parse(
      anna.get(dirs(box) + "?sort=-size&cursor=" + percent_encode(begun["next_cursor"].text()))
          .body);
  REQUIRE(rest["items"].size() == 3);
  for (const std::size_t i : {0U, 1U, 2U})
    CHECK(rest["items"][i]["name"].text() == Names{"m", "A", "k"}[i]);
  for (const char* bad : {"", "-kind", "NAME", "name,size"}) {
    const auto answer = anna.get(dirs(box) + "?sort=" + bad);
    check_problem(answer, 400, "invalid_request");
    CHECK(Json::parse(answer.body)["errors"][0]["pointer"].text() == "/sort");
  }
  const std::string of_size =
      Json::parse(anna.get(dirs(box) + "?limit=1&sort=size").body)["next_cursor"].text();
  for (const char* other : {"", "&sort=-size", "&sort=name", "&sort=modified_at"})
    check_problem(anna.get(dirs(box) + "?cursor=" + of_size + other), 400, "invalid_request");
  check_problem(anna.get(kApi + "/dirs?sort=name"), 400, "invalid_request");
}

TEST_CASE("Moves and copies keep the rules of the tree", "[tree]") {
  Api anna = new_user(shared_server(), "user", "\"quota_bytes\":25");
  const std::string home = "/" + anna.username;
  REQUIRE(anna.put(files(home + "/d/sub/f") + "?parents=true", "0123456789").status == 201);
  check_problem(act(anna, "move", home + "/d", home + "/d/sub/d"), 409, "conflict");
  check_problem(act(anna, "copy", home + "/d", home + "/d/sub/d"), 409, "conflict");
  check_problem(act(anna, "move", home + "/d", home + "/d"), 409, "conflict");
  check_problem(act(anna, "move", home, home + "/x"), 409, "conflict");
  check_problem(act(anna, "move", home + "/none", home + "/x"), 404, "not_found");
  check_problem(act(anna, "move", home + "/d", home + "/no/x"), 404, "not_found");
  CHECK(act(anna, "copy", home + "/d", home + "/e").status == 201);
  check_problem(act(anna, "copy", home + "/d", home + "/f"), 413, "quota_exceeded");
  CHECK(anna.get(files(home + "/e/sub/f")).body == "0123456789");
  check_problem(act(anna, "move", home + "/e/sub/f", home + "/d/sub/f"), 409, "already_exists");
  CHECK(act(anna, "move", home + "/e/sub/f", home + "/d/sub/f", true).status == 200);
  CHECK(Json::parse(anna.get(kApi + "/usage").body)["used_bytes"].integer() == 10);
  check_problem(act(anna, "move", home + "/e", home + "/d/sub/f", true), 409,
                "conflict"); // a directory over a file
}

TEST_CASE("Of two moves onto one name one wins", "[tree]") {
  Api anna = new_user(shared_server());
  const std::string home = "/" + anna.username;
  for (int round = 0; round < 10; ++round) {
    const std::string target = home + "/t" + std::to_string(round);
    for (int i = 0; i < 4; ++i)
      REQUIRE(anna.put(files(target + "-" + std::to_string(i)), std::to_string(i)).status == 201);
    std::atomic<int> won{0}, lost{0};
    std::vector<std::thread> movers;
    for (int i = 0; i < 4; ++i) {
      movers.emplace_back([&, i] {
        Api mover{shared_server(), anna.username};
        const int status = act(mover, "move", target + "-" + std::to_string(i), target).status;
        won += status == 200;
        lost += status == 409;
      });
    }
    for (auto& mover : movers) mover.join();
    CHECK(won == 1);
    CHECK(lost == 3);
  }
}

TEST_CASE("A tree that moves to another home changes owner, quota and loses its grants", "[tree]") {
  Server server;
  Api root = admin(server);
  Api anna = new_user(server);
  Api bob = new_user(server);
  Api carl = new_user(server);
  const std::string from = "/" + anna.username + "/gift";
  REQUIRE(anna.put(files(from + "/f") + "?parents=true", "12345").status == 201);
  REQUIRE(anna.put_json(kApi + "/grants", object({{"path", q(from)},
                                                  {"grantee", q(carl.username)},
                                                  {"rights", "[\"read\"]"}}))
              .status == 201);
  REQUIRE(carl.get(files(from + "/f")).status == 200);
  const std::string to = "/" + bob.username + "/gift";
  REQUIRE(act(root, "move", from, to).status == 200);
  check_problem(carl.get(files(to + "/f")), 404, "not_found");
  CHECK(Json::parse(bob.get(meta(to + "/f")).body)["owner"].text() == bob.username);
  CHECK(Json::parse(anna.get(kApi + "/usage").body)["used_bytes"].integer() == 0);
  CHECK(Json::parse(bob.get(kApi + "/usage").body)["used_bytes"].integer() == 5);
}
