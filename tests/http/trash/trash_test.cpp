#include "trash/trash_client.hpp"

#include <chrono>
#include <map>
#include <thread>

// What is deleted waits in the trash, counts there, comes back as it was, and goes for good when it
// is told to or when its time is over.

using namespace baluhost::test;

TEST_CASE("A deleted file waits in the trash, counts against the quota, and comes back as it was",
          "[trash]") {
  Server& server = shared_server();
  Api anna = new_user(server, "user", "\"quota_bytes\":100");
  const std::string home = "/" + anna.username;
  REQUIRE(anna.put(files(home + "/d/a") + "?parents=true", "hello").status == 201);
  const Json before = Json::parse(anna.get(meta(home + "/d/a")).body);
  REQUIRE(anna.del(files(home + "/d/a")).status == 204);
  check_problem(anna.get(files(home + "/d/a")), 404, "not_found");
  check_problem(anna.get(meta(home + "/d/a")), 404, "not_found");
  const Json entry = newest_trash(anna);
  CHECK(entry.keys() == std::vector<std::string>{"deleted_at", "deleted_by", "expires_at",
                                                 "file_count", "id", "kind", "path", "size"});
  CHECK(entry["path"].text() == home + "/d/a");
  CHECK(entry["kind"].text() == "file");
  CHECK(entry["size"].integer() == 5);
  CHECK(entry["file_count"].integer() == 1);
  CHECK(entry["deleted_by"].text() == anna.username);
  CHECK(entry["deleted_at"].text().substr(0, 4) <= entry["expires_at"].text().substr(0, 4));
  const auto figures = Figures::of(anna);
  CHECK(figures == Figures{.used = 5, .files = 0, .trash = 5, .versions = 0});
  const auto events = anna.events("action=trash&user=" + anna.username);
  REQUIRE(events.size() == 1);
  CHECK(events[0]["event_type"].text() == "FILE_ACCESS");
  CHECK(events[0]["resource"].text() == home + "/d/a");
  CHECK(events[0]["details"]["file_size"].integer() == 5);
  CHECK(events[0]["details"]["kind"].text() == "file");
  CHECK(anna.events("action=delete&user=" + anna.username).empty());

  const Response full = anna.put(files(home + "/big"), std::string(96, 'x'));
  check_problem(full, 413, "quota_exceeded");
  CHECK(Json::parse(full.body)["detail"].text().find(" 5 bytes are in the trash") !=
        std::string::npos);

  const Response restored = anna.post(trash_of(entry) + "/restore");
  REQUIRE(restored.status == 200);
  CHECK(Json::parse(restored.body).dump() == before.dump());
  CHECK(anna.get(files(home + "/d/a")).body == "hello");
  CHECK(Figures::of(anna) == Figures{.used = 5, .files = 1, .trash = 0, .versions = 0});
  const auto back = anna.events("action=restore&user=" + anna.username);
  REQUIRE(back.size() == 1);
  CHECK(back[0]["resource"].text() == home + "/d/a");
  CHECK(back[0]["details"]["source"].text() == home + "/d/a");
  CHECK(back[0]["details"]["file_size"].integer() == 5);
  CHECK(trash_items(anna).empty());
  check_problem(anna.post(trash_of(entry) + "/restore"), 404, "not_found");
  check_problem(anna.del(trash_of(entry)), 404, "not_found");
}

TEST_CASE("A tree goes to the trash as one entry and comes back with parents, grants and shares",
          "[trash]") {
  Server& server = shared_server();
  Api anna = new_user(server), bob = new_user(server);
  const std::string home = "/" + anna.username, tree = home + "/p/t";
  REQUIRE(anna.put(files(tree + "/u/a") + "?parents=true", "12345").status == 201);
  REQUIRE(anna.put(files(tree + "/b"), "123").status == 201);
  REQUIRE(anna.put_json(kApi + "/grants", object({{"path", q(tree)},
                                                  {"grantee", q(bob.username)},
                                                  {"rights", "[\"read\"]"}}))
              .status == 201);
  const auto link = make_link(anna, tree + "/b");
  const auto opened = [&] {
    Api stranger{server};
    return stranger.post(link.at() + "/open", json_of({{"secret", link.secret}})).status;
  };
  CHECK(opened() == 200);
  check_problem(anna.del(files(tree)), 409, "conflict");
  REQUIRE(anna.del(files(tree) + "?recursive=true").status == 204);
  const Json entry = newest_trash(anna);
  CHECK(entry["kind"].text() == "directory");
  CHECK(entry["size"].integer() == 8);
  CHECK(entry["file_count"].integer() == 2);
  CHECK(opened() == 404);
  check_problem(bob.get(files(tree + "/b")), 404, "not_found");
  CHECK(Json::parse(bob.get(dirs("/")).body)["items"].size() == 1);
  std::map<std::string, std::int64_t> trashed;
  for (const Json& event : anna.events("action=trash&user=" + anna.username))
    trashed[event["resource"].text()] = event["details"]["file_size"].integer();
  CHECK(trashed ==
        std::map<std::string, std::int64_t>{{tree, 8}, {tree + "/u/a", 5}, {tree + "/b", 3}});
  const auto whole = anna.events("action=trash&resource=" + tree).at(0);
  CHECK(whole["details"]["file_count"].integer() == 2);
  CHECK(whole["details"]["total_size"].integer() == 8);

  REQUIRE(anna.del(files(home + "/p")).status == 204);
  REQUIRE(anna.post(trash_of(entry) + "/restore", "").status == 200);
  CHECK(anna.get(files(tree + "/u/a")).body == "12345");
  CHECK(bob.get(files(tree + "/b")).status == 200);
  CHECK(opened() == 200);
  CHECK(anna.events("action=create_directory&resource=" + home + "/p").size() == 2);
  std::map<std::string, std::string> sources;
  for (const Json& event : anna.events("action=restore&user=" + anna.username))
    sources[event["resource"].text()] = event["details"]["source"].text();
  CHECK(sources == std::map<std::string, std::string>{
                       {tree, tree}, {tree + "/u/a", tree + "/u/a"}, {tree + "/b", tree + "/b"}});
}

TEST_CASE("Restoring goes where it is told, and over a file only when told to", "[trash]") {
  Server& server = shared_server();
  Api anna = new_user(server);
  const std::string home = "/" + anna.username;
  const auto restore = [&](const Json& entry, const std::string& body) {
    return anna.post(trash_of(entry) + "/restore", body);
  };
  REQUIRE(anna.put(files(home + "/a"), "old one").status == 201);
  REQUIRE(anna.del(files(home + "/a")).status == 204);
  const Json file = newest_trash(anna);
  REQUIRE(anna.put(files(home + "/a"), "new").status == 201);
  REQUIRE(anna.put(files(home + "/d/in/x") + "?parents=true", "x").status == 201);
  check_problem(restore(file, "{}"), 409, "already_exists");
  check_problem(restore(file, object({{"to", q(home + "/d")}, {"overwrite", "true"}})), 409,
                "conflict");
  check_problem(restore(file, object({{"to", q(home + "/d/in/x/y")}})), 409, "conflict");
  check_problem(restore(file, object({{"to", q("/admin/x")}})), 404, "not_found");
  check_problem(restore(file, object({{"to", q(home)}, {"overwrite", "true"}})), 409, "conflict");
  check_invalid(restore(file, object({{"to", q("nowhere")}})), "/to");
  check_problem(restore(file, object({{"x", "1"}})), 400, "invalid_request");
  check_problem(anna.post(kApi + "/trash/none/restore"), 404, "not_found");

  const Response over = restore(file, object({{"overwrite", "true"}}));
  REQUIRE(over.status == 200);
  CHECK(anna.get(files(home + "/a")).body == "old one");
  const auto versions = versions_of(anna, home + "/a");
  REQUIRE(versions.size() == 2);
  CHECK(versions[0]["size"].integer() + versions[1]["size"].integer() == 10);
  CHECK(Figures::of(anna) == Figures{.used = 11, .files = 2, .trash = 0, .versions = 3});

  REQUIRE(anna.del(files(home + "/d") + "?recursive=true").status == 204);
  const Json tree = newest_trash(anna);
  REQUIRE(restore(tree, object({{"to", q(home + "/e/f/g")}})).status == 200);
  CHECK(anna.get(files(home + "/e/f/g/in/x")).body == "x");
  const auto event = anna.events("action=restore&resource=" + home + "/e/f/g").at(0);
  CHECK(event["details"]["source"].text() == home + "/d");
}

TEST_CASE("Purging, emptying and permanent deletion free the room at once, and are on record",
          "[trash]") {
  Server& server = shared_server();
  Api anna = new_user(server);
  const std::string home = "/" + anna.username;
  for (const char* name : {"/a", "/b", "/c"})
    REQUIRE(anna.put(files(home + name), "12345").status == 201);
  REQUIRE(anna.put(files(home + "/t/u/d") + "?parents=true", "123").status == 201);
  REQUIRE(anna.del(files(home + "/a") + "?permanent=true").status == 204);
  CHECK(trash_items(anna).empty());
  CHECK(anna.events("action=delete&resource=" + home + "/a").size() == 1);
  REQUIRE(anna.del(files(home + "/b")).status == 204);
  REQUIRE(anna.del(trash_of(newest_trash(anna))).status == 204);
  CHECK(Figures::of(anna) == Figures{.used = 8, .files = 2, .trash = 0, .versions = 0});
  auto purged = anna.events("action=purge&user=" + anna.username);
  REQUIRE(purged.size() == 1);
  CHECK(purged[0]["resource"].text() == home + "/b");
  CHECK(purged[0]["details"]["file_size"].integer() == 5);
  REQUIRE(anna.del(files(home + "/c")).status == 204);
  REQUIRE(anna.del(files(home + "/t") + "?recursive=true").status == 204);
  CHECK(Figures::of(anna) == Figures{.used = 8, .files = 0, .trash = 8, .versions = 0});
  REQUIRE(anna.del(kApi + "/trash").status == 204);
  CHECK(trash_items(anna).empty());
  CHECK(Figures::of(anna) == Figures{});
  CHECK(anna.events("action=purge&user=" + anna.username).size() == 1 + 1 + 2);
  CHECK(anna.events("action=purge&resource=" + home + "/t/u/d").size() == 1);
}

TEST_CASE("A grantee with delete sees, restores and purges what he deleted, while he may",
          "[trash]") {
  Server& server = shared_server();
  Api anna = new_user(server), bob = new_user(server), carl = new_user(server);
  const std::string home = "/" + anna.username, box = home + "/box";
  for (const char* name : {"/1", "/2", "/3", "/4"})
    REQUIRE(anna.put(files(box + name) + "?parents=true", "x").status == 201);
  const auto grant = [&](const Api& who, const std::string& rights) {
    REQUIRE(
        anna.put_json(kApi + "/grants",
                      object({{"path", q(box)}, {"grantee", q(who.username)}, {"rights", rights}}))
            .status < 300);
  };
  grant(bob, R"(["read","write","delete"])");
  grant(carl, R"(["read","delete"])");
  for (const char* name : {"/1", "/2", "/3"}) REQUIRE(bob.del(files(box + name)).status == 204);
  REQUIRE(anna.del(files(box + "/4")).status == 204);
  const Json of_anna = newest_trash(anna);
  const auto of_bob = trash_items(bob);
  REQUIRE(of_bob.size() == 3);
  CHECK(of_bob[0]["deleted_by"].text() == bob.username);
  CHECK(trash_items(anna).size() == 4);
  CHECK(trash_items(carl).empty());
  check_problem(bob.post(trash_of(of_anna) + "/restore"), 404, "not_found");
  check_problem(carl.del(trash_of(of_bob[0])), 404, "not_found");
  REQUIRE(bob.post(trash_of(of_bob[0]) + "/restore").status == 200);
  REQUIRE(bob.del(trash_of(of_bob[1])).status == 204);
  grant(bob, R"(["read","delete"])");
  check_problem(bob.post(trash_of(of_bob[2]) + "/restore", object({{"to", q(box + "/other")}})),
                403, "forbidden");
  REQUIRE(bob.post(trash_of(of_bob[2]) + "/restore").status == 200);
  REQUIRE(bob.del(files(of_bob[2]["path"].text())).status == 204);
  const Json last = newest_trash(bob);
  grant(bob, R"(["read","write"])");
  CHECK(trash_items(bob).empty());
  check_problem(bob.post(trash_of(last) + "/restore"), 404, "not_found");
  check_problem(bob.del(trash_of(last)), 404, "not_found");
  REQUIRE(
      anna.del(kApi + "/grants?path=" + percent_encode(box) + "&grantee=" + bob.username).status ==
      204);
  check_problem(bob.post(trash_of(last) + "/restore"), 404, "not_found");
  check_problem(bob.del(trash_of(last)), 404, "not_found");
  CHECK(Figures::of(bob) == Figures{});
}

TEST_CASE("A key that may delete empties the trash, one that may read lists it", "[trash]") {
  Api anna = new_user(shared_server());
  const std::string home = "/" + anna.username;
  const auto key = [&](const std::string& scopes) {
    const Response made =
        anna.post(kApi + "/auth/keys", R"({"name":"k","scopes":[)" + scopes + "]}");
    REQUIRE(made.status == 201);
    Api by_key{shared_server()};
    by_key.access_token = Json::parse(made.body)["secret"].text();
    return by_key;
  };
  for (const char* name : {"/1", "/2"}) {
    REQUIRE(anna.put(files(home + name), "x").status == 201);
    REQUIRE(anna.del(files(home + name)).status == 204);
  }
  Api reader = key(R"("files:read")"), remover = key(R"("files:delete")");
  CHECK(trash_items(reader).size() == 2);
  check_problem(reader.del(kApi + "/trash"), 403, "forbidden");
  check_problem(remover.get(kApi + "/trash"), 403, "forbidden");
  CHECK(trash_items(anna).size() == 2);
  CHECK(remover.del(kApi + "/trash").status == 204);
  CHECK(trash_items(anna).empty());
  CHECK(anna.events("action=purge&success=true&user=" + anna.username).size() == 2);
}

TEST_CASE("An administrator sees the own trash and what he deleted, and may restore and purge all",
          "[trash]") {
  Server& server = shared_server();
  Api anna = new_user(server), chief = new_user(server, "admin"),
      rita = new_user(server, "auditor");
  const std::string home = "/" + anna.username;
  for (const char* name : {"/1", "/2", "/3"})
    REQUIRE(anna.put(files(home + name), "x").status == 201);
  for (const char* name : {"/1", "/2"}) REQUIRE(anna.del(files(home + name)).status == 204);
  REQUIRE(chief.del(files(home + "/3")).status == 204);
  const auto all = trash_items(anna);
  REQUIRE(all.size() == 3);
  const auto of_chief = trash_items(chief);
  REQUIRE(of_chief.size() == 1);
  CHECK(of_chief[0].dump() == all[0].dump());
  CHECK(trash_items(rita).empty());
  check_problem(rita.post(trash_of(all[1]) + "/restore"), 404, "not_found");
  check_problem(rita.del(trash_of(all[1])), 404, "not_found");
  CHECK(chief.post(trash_of(all[1]) + "/restore").status == 200);
  CHECK(chief.del(trash_of(all[2])).status == 204);
  // Emptying takes what is listed.
  CHECK(chief.del(kApi + "/trash").status == 204);
  CHECK(Figures::of(anna) == Figures{.used = 1, .files = 1, .trash = 0, .versions = 0});
}

TEST_CASE("The trash is listed page by page, newest first", "[trash]") {
  Server& server = shared_server();
  Api anna = new_user(server);
  const std::string home = "/" + anna.username;
  for (int i = 0; i < 5; ++i) {
    REQUIRE(anna.put(files(home + "/f" + std::to_string(i)), "x").status == 201);
    REQUIRE(anna.del(files(home + "/f" + std::to_string(i))).status == 204);
  }
  std::vector<std::string> seen;
  std::string cursor;
  do {
    const Json page = Json::parse(anna.get(kApi + "/trash?limit=2" + cursor).body);
    if (cursor.empty()) { // comes before the cursor: hides and repeats nothing
      REQUIRE(anna.put(files(home + "/late"), "x").status == 201);
      REQUIRE(anna.del(files(home + "/late")).status == 204);
    }
    for (std::size_t i = 0; i < page["items"].size(); ++i)
      seen.push_back(page["items"][i]["path"].text());
    cursor = page["next_cursor"].is_null()
                 ? ""
                 : "&cursor=" + percent_encode(page["next_cursor"].text());
  } while (!cursor.empty());
  CHECK(seen == std::vector<std::string>{home + "/f4", home + "/f3", home + "/f2", home + "/f1",
                                         home + "/f0"});
  check_problem(anna.get(kApi + "/trash?cursor=x"), 400, "invalid_request");
}

TEST_CASE("With trash_days 0 what is deleted is gone at once", "[trash]") {
  Server server{{.extra_toml = "files.trash_days = 0\n"}};
  Api anna = new_user(server);
  const std::string home = "/" + anna.username;
  CHECK(Json::parse(anna.get(kApi + "/usage").body)["trash_days"].integer() == 0);
  REQUIRE(anna.put(files(home + "/a"), "x").status == 201);
  REQUIRE(anna.del(files(home + "/a")).status == 204);
  CHECK(trash_items(anna).empty());
  CHECK(Figures::of(anna) == Figures{});
  CHECK(anna.events("action=delete&user=" + anna.username).size() == 1);
}

TEST_CASE("What expires is purged by the system, whoever deleted it", "[trash]") {
  Server server;
  Api anna = new_user(server);
  const std::string home = "/" + anna.username;
  REQUIRE(anna.put(files(home + "/t/a") + "?parents=true", "12345").status == 201);
  REQUIRE(anna.del(files(home + "/t") + "?recursive=true").status == 204);
  sql(server, "update trash set expires_at = 1", "update trash set expires_at = 1");
  REQUIRE(soon([&] { return trash_items(anna).empty(); }) == true);
  CHECK(Figures::of(anna) == Figures{});
  Api root = admin(server);
  const auto purged = root.events("action=purge&limit=10");
  REQUIRE(purged.size() == 2);
  for (const Json& event : purged) CHECK(event["user"].is_null());
}

TEST_CASE("A user with something in the trash goes only with a purge, and then all of it",
          "[trash]") {
  Server server;
  Api root = admin(server), anna = new_user(server);
  const std::string home = "/" + anna.username, page = kApi + "/users/" + anna.username;
  REQUIRE(anna.put(files(home + "/a"), "12345").status == 201);
  REQUIRE(anna.del(files(home + "/a")).status == 204);
  check_problem(root.del(page), 409, "conflict");
  REQUIRE(root.del(page + "?purge=true").status == 204);
  const auto rows = [&] {
    const std::string query = "select count(*) from trash";
    return std::stoi(sql(server, query, query));
  };
  CHECK(soon([&] { return rows() == 0; }));
}
