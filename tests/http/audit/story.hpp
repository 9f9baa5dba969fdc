#pragma once

#include "wire.hpp"

#include <cstdint>
#include <string>
#include <vector>

// What the tests of the trail share: a trail of its own with a bit of everything.
namespace baluhost::test {

inline std::vector<Json> items(Api& api, const std::string& query) {
  const Response response = api.get(kEvents + "?" + query);
  INFO(query << ": " << response.body);
  REQUIRE(response.status == 200);
  const Json page = Json::parse(response.body);
  std::vector<Json> found;
  for (std::size_t i = 0; i < page["items"].size(); ++i) found.push_back(page["items"][i]);
  return found;
}

/// The first of what a query found. There has to be one.
inline Json first(const std::vector<Json>& found) {
  REQUIRE_FALSE(found.empty());
  return found.front();
}

/// A trail of its own, with a bit of everything. Says so where a step of it fails.
struct Story {
  Server server;
  Api root{admin(server)};
  Api anna{new_user(server)};
  Api bob{new_user(server)};

  Story() {
    for (Api* who : {&anna, &bob}) {
      for (int i = 0; i < 3; ++i)
        REQUIRE(who->put(files("/" + who->username + "/f" + std::to_string(i)),
                         std::string(10 * (i + 1), 'x'))
                    .status == 201);
      REQUIRE(who->put(files("/" + who->username + "/f0"), "again").status == 409);
      REQUIRE(who->get(files("/" + who->username + "/f1")).status == 200);
      REQUIRE(who->del(files("/" + who->username + "/f2") + "?permanent=true").status == 204);
      REQUIRE(who->get(files("/admin/secret")).status == 404);
    }
    Api stranger{server};
    REQUIRE(stranger.login(anna.username, "wrong").status == 401);
    REQUIRE(stranger.login("nobody-at-all", "wrong").status == 401);
  }
};

inline Story& story() {
  static Story told;
  return told;
}

} // namespace baluhost::test
