#include "trash/trash_client.hpp"

#include <map>

// What is on record of the trash and of versions, member by member.

using namespace baluhost::test;

namespace {

/// Of each resource, the details of its newest event `action`.
std::map<std::string, std::string> details_of(Api& api, const std::string& action) {
  std::map<std::string, std::string> details;
  for (const Json& event : api.events("action=" + action + "&order=asc&user=" + api.username)) {
    CHECK(event["event_type"].text() == "FILE_ACCESS");
    CHECK(event["success"].flag());
    CHECK(event["ip_address"].text() == "127.0.0.1");
    details[event["resource"].text()] = event["details"].dump();
  }
  return details;
}

using Details = std::map<std::string, std::string>;

std::string about(const std::string& version, const std::string& content) {
  return object({{"version", q(version)},
                 {"file_size", std::to_string(content.size())},
                 {"sha256", q(hex(digest(Hash::sha256, content)))}});
}

} // namespace

TEST_CASE("Of a tree that is trashed, restored or purged each file is on record, and the whole",
          "[kept_events]") {
  Api anna = new_user(shared_server());
  const std::string home = "/" + anna.username, tree = home + "/t", back = home + "/back";
  REQUIRE(anna.put(files(tree + "/u/a") + "?parents=true", "12345").status == 201);
  REQUIRE(anna.put(files(tree + "/b"), "123").status == 201);
  const std::string whole = R"("file_size":8,"kind":"directory","file_count":2,"total_size":8)",
                    a = R"("file_size":5,"kind":"file")", b = R"("file_size":3,"kind":"file")";
  const auto source = [](const std::string& path) { return ",\"source\":" + q(path) + "}"; };

  REQUIRE(anna.del(files(tree) + "?recursive=true").status == 204);
  CHECK(details_of(anna, "trash") == Details{{tree, "{" + whole + "}"},
                                             {tree + "/u/a", "{" + a + "}"},
                                             {tree + "/b", "{" + b + "}"}});
  REQUIRE(anna.post(trash_of(newest_trash(anna)) + "/restore", json_of({{"to", back}})).status ==
          200);
  CHECK(details_of(anna, "restore") == Details{{back, "{" + whole + source(tree)},
                                               {back + "/u/a", "{" + a + source(tree + "/u/a")},
                                               {back + "/b", "{" + b + source(tree + "/b")}});
  REQUIRE(anna.del(files(back) + "?recursive=true").status == 204);
  REQUIRE(anna.del(trash_of(newest_trash(anna))).status == 204);
  CHECK(details_of(anna, "purge") == Details{{back, "{" + whole + "}"},
                                             {back + "/u/a", "{" + a + "}"},
                                             {back + "/b", "{" + b + "}"}});
  CHECK(details_of(anna, "delete").empty());
}

TEST_CASE("A permanent deletion is a delete, of a tree as of a file", "[kept_events]") {
  Api anna = new_user(shared_server());
  const std::string home = "/" + anna.username;
  REQUIRE(anna.put(files(home + "/t/a") + "?parents=true", "12345").status == 201);
  REQUIRE(anna.put(files(home + "/f"), "123").status == 201);
  for (const char* name : {"/t", "/f"})
    REQUIRE(anna.del(files(home + name) + "?recursive=true&permanent=true").status == 204);
  CHECK(
      details_of(anna, "delete") ==
      Details{{home + "/t", R"({"file_size":5,"kind":"directory","file_count":1,"total_size":5})"},
              {home + "/t/a", R"({"file_size":5,"kind":"file"})"},
              {home + "/f", R"({"file_size":3,"kind":"file"})"}});
  for (const char* action : {"trash", "purge"}) CHECK(details_of(anna, action).empty());
}

TEST_CASE("A version that is restored or removed is on record with its id, size and content",
          "[kept_events]") {
  ReplacedNote note;
  auto& [anna, path] = note;
  const auto before = versions_of(anna, path);
  const std::string present = before.at(0)["id"].text(), former = before.at(1)["id"].text();
  const Response restored = anna.post(versions(path) + "/restore", json_of({{"id", former}}));
  REQUIRE(restored.status == 200);
  CHECK(Json::parse(restored.body).dump() == Json::parse(anna.get(meta(path)).body).dump());
  CHECK(details_of(anna, "version_restored") == Details{{path, about(former, "1")}});
  REQUIRE(anna.del(versions(path) + "?id=" + present).status == 204);
  CHECK(details_of(anna, "version_removed") == Details{{path, about(present, "22")}});
}

TEST_CASE("What expires is on record as the system's, with what it was", "[kept_events]") {
  Server server;
  Api anna = new_user(server), root = admin(server);
  const std::string path = "/" + anna.username + "/note", tree = "/" + anna.username + "/t";
  REQUIRE(anna.put(files(path), "1").status == 201);
  replace(anna, path, "22");
  const std::string former = versions_of(anna, path).at(1)["id"].text();
  REQUIRE(anna.put(files(tree + "/a") + "?parents=true", "333").status == 201);
  REQUIRE(anna.del(files(tree) + "?recursive=true").status == 204);
  sql(server, "update versions set replaced_at = 1", "update versions set replaced_at = 1");
  sql(server, "update trash set expires_at = 1", "update trash set expires_at = 1");
  Details found;
  const auto look = [&](const std::string& action) {
    for (const Json& event : root.events("limit=10&action=" + action)) {
      CHECK(event["user"].is_null());
      CHECK(event["success"].flag());
      found[event["resource"].text()] = event["details"].dump();
    }
  };
  REQUIRE(soon([&] {
    for (const char* action : {"version_removed", "purge"}) look(action);
    return found.size() == 3;
  }));
  CHECK(found ==
        Details{{path, about(former, "1")},
                {tree, R"({"file_size":3,"kind":"directory","file_count":1,"total_size":3})"},
                {tree + "/a", R"({"file_size":3,"kind":"file"})"}});
}
