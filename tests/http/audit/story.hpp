#pragma once

#include "wire.hpp"

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

/// A trail of its own, with a bit of everything.
struct Story {
  Server server;
  Api root{admin(server)};
  Api anna{new_user(server)};
  Api bob{new_user(server)};

  Story() {
    for (Api* who : {&anna, &bob}) {
      for (int i = 0; i < 3; ++i)
        who->put(files("/" + who->username + "/f" + std::to_string(i)),
                 std::string(10 * (i + 1), 'x'));
      who->put(files("/" + who->username + "/f0"), "again");
      who->get(files("/" + who->username + "/f1"));
      who->del(files("/" + who->username + "/f2"));
      who->get(files("/admin/secret"));
    }
    Api stranger{server};
    stranger.login(anna.username, "wrong");
    stranger.login("nobody-at-all", "wrong");
  }
};

inline Story& story() {
  static Story told;
  return told;
}

} // namespace baluhost::test
