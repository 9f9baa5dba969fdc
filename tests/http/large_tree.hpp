#pragma once

#include "wire.hpp"

#include <chrono>
#include <cstdint>
#include <exception>
#include <string>
#include <thread>

// A tree of thousands of rows that share one blob, made as a user would make it: a folder that is
// copied into itself again and again.
namespace baluhost::test {

inline constexpr int kDoublings = 11;
inline constexpr std::int64_t kFiles = std::int64_t{1} << kDoublings;

inline Response act(Api& api, const std::string& action, const std::string& from,
                    const std::string& to) {
  return api.post(kApi + "/actions/" + action, object({{"from", q(from)}, {"to", q(to)}}));
}

/// 2,048 files of one blob, below `home`/t.
inline void grow(Api& api, const std::string& home) {
  REQUIRE(api.put(files(home + "/t/f") + "?parents=true", "12345").status == 201);
  for (int i = 0; i < kDoublings; ++i) {
    const std::string name = "/c" + std::to_string(i);
    REQUIRE(act(api, "copy", home + "/t", home + name).status == 201);
    REQUIRE(act(api, "move", home + name, home + "/t" + name).status == 200);
  }
  REQUIRE(usage(api).files == kFiles);
}

/// A server with a user whose home has such a tree.
struct LargeTree {
  Server server;
  Api anna{new_user(server)};
  const std::string home{"/" + anna.username};

  LargeTree() { grow(anna, home); }
};

/// Of how many resources of `user` an `action` that succeeded is on record; `what` to count them.
inline std::int64_t count_events(const Server& server, const std::string& action,
                                 const std::string& user, const std::string& what = "*") {
  const std::string query = "select count(" + what + ") from audit_logs where action = '" + action +
                            "' and success and \"user\" = '" + user + "'";
  return std::stoll(sql(server, query, query));
}

/// Waits, while nothing is asked for, until each file and the whole are on record; each is there
/// once.
inline void await_events(const Server& server, const std::string& action, const std::string& user) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{120};
  while (count_events(server, action, user) < kFiles + 1 &&
         std::chrono::steady_clock::now() < until)
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  CHECK(count_events(server, action, user) == kFiles + 1);
  CHECK(count_events(server, action, user, "distinct resource") == kFiles + 1);
}

/// Deletes the tree, and kills the server once it has `begun` events of that on record; starts it
/// again.
inline void kill_while_deleting(Server& server, Api& who, const std::string& query,
                                const std::string& action, std::int64_t begun) {
  std::thread deleting([&] {
    try {
      who.del(files("/" + who.username + "/t") + query);
    } catch (const std::exception&) { // the server went away
    }
  });
  while (count_events(server, action, who.username) < begun) {
  }
  server.kill();
  deleting.join();
  server.start();
}

} // namespace baluhost::test
