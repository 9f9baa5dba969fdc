#include "trash/trash_client.hpp"

// For how long the trash keeps, and how many versions, where nothing is configured and where it is:
// by time and by number, not sooner and not later.

using namespace baluhost::test;

namespace {

constexpr std::int64_t kHour = 3'600'000'000;
constexpr std::int64_t kDay = 24 * kHour;

/// How long what is deleted now is to wait.
std::int64_t wait_of(const Server& server) {
  Api anna = new_user(server);
  const std::string path = "/" + anna.username + "/a";
  REQUIRE(anna.put(files(path), "x").status == 201);
  REQUIRE(anna.del(files(path)).status == 204);
  const Json entry = newest_trash(anna);
  return microseconds_of(entry["expires_at"].text()) - microseconds_of(entry["deleted_at"].text());
}

/// As though it were that much later for the rows of `table` that `where` names.
void age(const Server& server, const std::string& column, const std::string& where,
         std::int64_t by) {
  const std::string table = column == "expires_at" ? "trash" : "versions";
  const std::string text = "update " + table + " set " + column + " = " + column + " - " +
                           std::to_string(by) + " where " + where;
  sql(server, text, text);
}

} // namespace

TEST_CASE("The trash keeps for thirty days, or for as many as are configured", "[keeping]") {
  CHECK(wait_of(shared_server()) == 30 * kDay);
  CHECK(wait_of(Server{{.extra_toml = "files.trash_days = 2\n"}}) == 2 * kDay);
  Api anna = new_user(shared_server());
  CHECK(Json::parse(anna.get(kApi + "/usage").body)["trash_days"].integer() == 30);
}

TEST_CASE("What has expired in the trash is purged, and what has not waits on", "[keeping]") {
  Server server;
  Api anna = new_user(server);
  const std::string home = "/" + anna.username;
  for (const char* name : {"/old", "/young"}) {
    REQUIRE(anna.put(files(home + name), "12345").status == 201);
    REQUIRE(anna.del(files(home + name)).status == 204);
  }
  age(server, "expires_at", "path = '" + home + "/young'", 30 * kDay - kHour);
  age(server, "expires_at", "path = '" + home + "/old'", 30 * kDay);
  REQUIRE(soon([&] { return trash_items(anna).size() == 1; }));
  CHECK(newest_trash(anna)["path"].text() == home + "/young");
  CHECK(Figures::of(anna) == Figures{.used = 5, .files = 0, .trash = 5, .versions = 0});
}

TEST_CASE("Of versions ten are kept, for ninety days, beside the present content", "[keeping]") {
  Server server;
  Api anna = new_user(server);
  const std::string path = "/" + anna.username + "/note";
  REQUIRE(anna.put(files(path), "x").status == 201);
  for (std::size_t size = 2; size <= 12; ++size) replace(anna, path, std::string(size, 'x'));
  CHECK(sizes(anna, path) == Sizes{"12*", "11", "10", "9", "8", "7", "6", "5", "4", "3", "2"});
  age(server, "replaced_at", "size = 3", 90 * kDay - kHour);
  age(server, "replaced_at", "size = 2", 90 * kDay);
  CHECK(soon([&] { return sizes(anna, path).size() == 10; }));
  CHECK(sizes(anna, path).back() == "3");
}

TEST_CASE("The days that versions are kept are those that are configured", "[keeping]") {
  Server server{{.extra_toml = "files.versions_days = 7\n"}};
  Api anna = new_user(server);
  const std::string path = "/" + anna.username + "/note";
  REQUIRE(anna.put(files(path), "1").status == 201);
  for (const char* text : {"22", "333"}) replace(anna, path, text);
  age(server, "replaced_at", "size = 2", 7 * kDay - kHour);
  age(server, "replaced_at", "size = 1", 7 * kDay);
  CHECK(soon([&] { return sizes(anna, path) == Sizes{"3*", "2"}; }));
}
