#include "large_tree.hpp"

#include <atomic>
#include <chrono>
#include <map>
#include <thread>

// A large tree is removed in one step, and the rest is done after it.

using namespace baluhost::test;

namespace {

std::int64_t rows_of_trees(const Server& server) {
  const std::string query = "select count(*) from files where parent_id is not null";
  return std::stoll(sql(server, query, query));
}

} // namespace

TEST_CASE("A tree of thousands is deleted in one step, and each file is on record once",
          "[removal][fault-10]") {
  Server server;
  Api anna = new_user(server, "user", "\"quota_bytes\":1000000");
  Api bert = new_user(server);
  const std::string home = "/" + anna.username;
  grow(anna, home);
  REQUIRE(anna.del(files(home + "/t") + "?recursive=true&permanent=true").status == 204);
  CHECK(usage(anna).bytes == 0);
  CHECK(usage(anna).files == 0);
  check_problem(anna.get(meta(home + "/t")), 404, "not_found");
  REQUIRE(bert.put(files("/" + bert.username + "/f"), "x").status == 201);
  REQUIRE(anna.put(files(home + "/t"), "x").status == 201);
  const auto summary = anna.events("action=delete&resource=" + home + "/t");
  REQUIRE(summary.size() == 1);
  CHECK(summary[0]["details"]["file_count"].integer() == kFiles);
  CHECK(summary[0]["details"]["total_size"].integer() == 5 * kFiles);
  await_events(server, "delete", anna.username);
  std::map<std::string, int> resources;
  std::string cursor;
  do {
    const Json page = Json::parse(
        anna.get(kEvents + "?action=delete&limit=1000&user=" + anna.username + cursor).body);
    for (std::size_t i = 0; i < page["items"].size(); ++i) {
      const Json event = page["items"][i];
      ++resources[event["resource"].text()];
      if (event["resource"].text() != home + "/t")
        CHECK(event["details"]["file_size"].integer() == 5);
    }
    cursor = page["next_cursor"].is_null()
                 ? ""
                 : "&cursor=" + percent_encode(page["next_cursor"].text());
  } while (!cursor.empty());
  CHECK(resources.size() == kFiles + 1);
  CHECK(rows_of_trees(server) == 2);
}

TEST_CASE("A server killed in the middle of a large tree goes on with it at the next start",
          "[removal][fault-10]") {
  LargeTree scene;
  Api& anna = scene.anna;
  kill_while_deleting(scene.server, anna, "?recursive=true&permanent=true", "delete", 1);
  Api again(scene.server, anna.username);
  Api chief_again = admin(scene.server);
  CHECK(usage(again).bytes == 0);
  CHECK(usage(again).files == 0);
  CHECK(Json::parse(again.get(dirs(scene.home)).body)["items"].size() == 0);
  await_events(scene.server, "delete", anna.username);
  CHECK(rows_of_trees(scene.server) == 0);
  CHECK(Json::parse(chief_again.post(kApi + "/audit/verify").body)["ok"].flag());
}

TEST_CASE(
    "A user with a home of thousands is purged, by the API and by baluhostctl, and the name is "
    "free",
    "[removal][fault-10]") {
  Server server;
  Api chief = admin(server);
  for (const bool by_program : {false, true}) {
    INFO((by_program ? "baluhostctl" : "the API"));
    Api anna = new_user(server);
    grow(anna, "/" + anna.username);
    if (by_program) {
      const auto done = server.ctl({"user", "delete", anna.username, "--purge"});
      INFO(done.err);
      CHECK(done.exit_code == 0);
    } else {
      REQUIRE(chief.del(kApi + "/users/" + anna.username + "?purge=true").status == 204);
    }
    check_problem(chief.get(kApi + "/users/" + anna.username), 404, "not_found");
    CHECK(anna.get(kApi + "/auth/me").status == 401);
    const auto made = chief.post(
        kApi + "/users", object({{"username", q(anna.username)}, {"password", q(kPassword)}}));
    if (made.status == 201) {
      Api namesake(server, anna.username);
      CHECK(Json::parse(namesake.get(dirs("/" + anna.username)).body)["items"].size() == 0);
    } else {
      check_problem(made, 409, "already_exists"); // where names are never given twice
    }
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{120};
  while (rows_of_trees(server) > 0 && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  CHECK(rows_of_trees(server) == 0);
  const auto leftovers = sql(server, "select count(*) from users where removed",
                             "select count(*) from users where removed");
  CHECK(leftovers == sql(server, "select 0", "select 0"));
}

TEST_CASE("A home has no more entries than the configuration says, and a copy no more at once",
          "[removal][fault-11]") {
  Server server{
      {.extra_toml = "files.max_entries_per_user = 40\nfiles.max_entries_at_once = 10\n"}};
  Api anna = new_user(server, "user", "\"quota_bytes\":1000000");
  Api chief = admin(server);
  const std::string home = "/" + anna.username;
  for (int i = 0; i < 9; ++i)
    REQUIRE(anna.put(files(home + "/t/f" + std::to_string(i)) + "?parents=true", "").status == 201);
  REQUIRE(act(anna, "copy", home + "/t", home + "/u").status == 201);
  REQUIRE(act(anna, "copy", home + "/t", home + "/v").status == 201);
  REQUIRE(anna.put(files(home + "/t/f9"), "").status == 201);
  check_problem(act(anna, "copy", home + "/t", home + "/w"), 413, "quota_exceeded");
  check_problem(act(chief, "move", home + "/t", "/admin/t"), 413, "quota_exceeded");
  REQUIRE(act(anna, "move", home + "/t", home + "/s").status == 200);
  for (int i = 31; i < 40; ++i)
    REQUIRE(anna.put(files(home + "/f" + std::to_string(i)), "").status == 201);
  check_problem(anna.put(files(home + "/f40"), ""), 413, "quota_exceeded");
  check_problem(anna.post(dirs(home + "/d")), 413, "quota_exceeded");
  check_problem(act(anna, "copy", home + "/f31", home + "/f40"), 413, "quota_exceeded");
  check_problem(anna.send("POST", kApi + "/uploads",
                          {{"Tus-Resumable", "1.0.0"},
                           {"Upload-Length", "1"},
                           {"Upload-Metadata", "path " + base64(home + "/f40")}},
                          ""),
                413, "quota_exceeded");
  CHECK(
      anna.events("success=false&action=upload&user=" + anna.username)[0]["error_message"].text() ==
      "quota_exceeded");
  REQUIRE(anna.put(files(home + "/f31") + "?overwrite=true", "x").status == 200);
  REQUIRE(anna.del(files(home + "/u") + "?recursive=true&permanent=true").status == 204);
  REQUIRE(anna.put(files(home + "/f40"), "").status == 201);
  CHECK(usage(anna).files == 10 + 9 + 9 + 1);
}

TEST_CASE(
    "An account has so many unfinished uploads and no more; each refusal is recorded, and the "
    "quota counts what waits",
    "[removal][fault-11b]") {
  Server server{{.extra_toml = "files.max_unfinished_uploads = 5\n"}};
  Api anna = new_user(server, "user", "\"quota_bytes\":1000");
  const std::string home = "/" + anna.username;
  const auto create = [&](std::size_t length) {
    return anna.send("POST", kApi + "/uploads",
                     {{"Tus-Resumable", "1.0.0"},
                      {"Upload-Length", std::to_string(length)},
                      {"Upload-Metadata", "path " + base64(home + "/f")}},
                     "");
  };
  std::string location;
  for (int i = 0; i < 5; ++i) {
    const auto made = create(150);
    REQUIRE(made.status == 201);
    location = made.header("Location").value();
  }
  check_problem(create(1), 413, "quota_exceeded");
  CHECK(anna.events("success=false&action=upload&user=" + anna.username).size() == 1);
  check_problem(anna.put(files(home + "/g"), std::string(251, 'x')), 413,
                "quota_exceeded"); // 750 of 1,000 wait
  REQUIRE(anna.put(files(home + "/g"), std::string(250, 'x')).status == 201);
  const auto path = location.substr(location.find(kApi));
  REQUIRE(anna.send("DELETE", path, {{"Tus-Resumable", "1.0.0"}}, "").status == 204);
  REQUIRE(create(150).status == 201);
  check_problem(create(1), 413, "quota_exceeded");
}

TEST_CASE(
    "An account that begins uploads into many homes at the same moment does not pass its limit",
    "[removal][fault-11b]") {
  Server server{{.extra_toml = "files.max_unfinished_uploads = 4\n"}};
  constexpr int kAtOnce = 12;
  std::vector<std::string> homes;
  for (int i = 0; i < kAtOnce; ++i) homes.push_back("/" + new_user(server).username);
  Api root = admin(server);
  for (int round = 0; round < 5; ++round) {
    std::vector<std::string> locations(kAtOnce);
    std::vector<std::thread> threads;
    std::atomic<int> ready{0};
    for (int i = 0; i < kAtOnce; ++i) {
      threads.emplace_back([&, i] {
        Api api{server};
        api.access_token = root.access_token;
        ++ready;
        while (ready < kAtOnce) std::this_thread::yield();
        const auto made = api.send(
            "POST", kApi + "/uploads",
            {{"Tus-Resumable", "1.0.0"},
             {"Upload-Length", "1"},
             {"Upload-Metadata", "path " + base64(homes[static_cast<std::size_t>(i)] + "/f")}},
            "");
        if (made.status == 201)
          locations[static_cast<std::size_t>(i)] = made.header("Location").value();
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(Json::parse(root.get(kApi + "/uploads").body)["items"].size() == 4);
    for (const std::string& location : locations) {
      if (!location.empty())
        REQUIRE(root.send("DELETE", location.substr(location.find(kApi)),
                          {{"Tus-Resumable", "1.0.0"}}, "")
                    .status == 204);
    }
  }
}
