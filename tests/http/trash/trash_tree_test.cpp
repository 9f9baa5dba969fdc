#include "trash/trash_client.hpp"

#include <chrono>
#include <thread>

// A tree of thousands of rows goes to the trash, and comes back, in one step; each of its files is
// on record once, whenever the server is killed.

using namespace baluhost::test;

namespace {

constexpr int kDoublings = 11;
constexpr std::int64_t kFiles = std::int64_t{1} << kDoublings;

void act(Api& api, const std::string& action, const std::string& from, const std::string& to) {
  REQUIRE(api.post(kApi + "/actions/" + action, object({{"from", q(from)}, {"to", q(to)}})).status <
          300);
}

/// 2,048 files of one blob, below `home`/t.
void grow(Api& api, const std::string& home) {
  REQUIRE(api.put(files(home + "/t/f") + "?parents=true", "12345").status == 201);
  for (int i = 0; i < kDoublings; ++i) {
    const std::string name = "/c" + std::to_string(i);
    act(api, "copy", home + "/t", home + name);
    act(api, "move", home + name, home + "/t" + name);
  }
}

std::int64_t count(const Server& server, const std::string& what, const std::string& action,
                   const std::string& user) {
  const std::string query = "select count(" + what + ") from audit_logs where action = '" + action +
                            "' and success and \"user\" = '" + user + "'";
  return std::stoll(sql(server, query, query));
}

/// Each file once, and the whole.
void await_events(const Server& server, const std::string& action, const std::string& user) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{120};
  while (count(server, "*", action, user) < kFiles + 1 && std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  CHECK(count(server, "*", action, user) == kFiles + 1);
  CHECK(count(server, "distinct resource", action, user) == kFiles + 1);
}

} // namespace

TEST_CASE("A tree of thousands goes to the trash, comes back and is purged, in one step each",
          "[trash_tree]") {
  Server server;
  Api anna = new_user(server);
  const std::string home = "/" + anna.username;
  grow(anna, home);
  REQUIRE(anna.del(files(home + "/t") + "?recursive=true").status == 204);
  CHECK(Figures::of(anna) == Figures{.used = 5 * kFiles, .files = 0, .trash = 5 * kFiles});
  const Json entry = newest_trash(anna);
  CHECK(entry["file_count"].integer() == kFiles);
  CHECK(entry["size"].integer() == 5 * kFiles);
  REQUIRE(anna.post(trash_of(entry) + "/restore").status == 200);
  CHECK(Figures::of(anna) == Figures{.used = 5 * kFiles, .files = kFiles});
  await_events(server, "trash", anna.username);
  await_events(server, "restore", anna.username);
  REQUIRE(soon([&] { return anna.del(files(home + "/t") + "?recursive=true").status == 204; }));
  REQUIRE(anna.del(kApi + "/trash").status == 204);
  CHECK(Figures::of(anna) == Figures{});
  await_events(server, "purge", anna.username);
  CHECK(soon([&] {
    const std::string query = "select count(*) from files where parent_id is not null";
    return sql(server, query, query) == sql(server, "select 0", "select 0");
  }));
}

TEST_CASE("A server killed while a large tree goes to the trash loses none of its events",
          "[trash_tree]") {
  Server server;
  Api anna = new_user(server);
  const std::string home = "/" + anna.username;
  grow(anna, home);
  std::thread deleting([&] {
    try {
      anna.del(files(home + "/t") + "?recursive=true");
    } catch (const std::exception&) { // the server went away
    }
  });
  while (count(server, "*", "trash", anna.username) < 2) {
  }
  server.kill();
  deleting.join();
  server.start();
  Api again(server, anna.username);
  CHECK(Figures::of(again) == Figures{.used = 5 * kFiles, .files = 0, .trash = 5 * kFiles});
  await_events(server, "trash", anna.username);
  REQUIRE(again.post(trash_of(newest_trash(again)) + "/restore").status == 200);
  CHECK(Figures::of(again) == Figures{.used = 5 * kFiles, .files = kFiles});
  Api chief = admin(server);
  CHECK(Json::parse(chief.post(kApi + "/audit/verify").body)["ok"].flag());
}
