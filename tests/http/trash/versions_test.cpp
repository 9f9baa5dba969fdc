#include "trash/trash_client.hpp"

// Whatever replaces a file keeps what was there: listed, read, restored and removed as a version.

using namespace baluhost::test;

TEST_CASE("A replaced content stays as a version; equal content keeps nothing", "[versions]") {
  Server& server = shared_server();
  Api anna = new_user(server);
  const std::string path = "/" + anna.username + "/note";
  REQUIRE(anna.put(files(path), "one").status == 201);
  replace(anna, path, "three");
  replace(anna, path, "three");
  const auto all = versions_of(anna, path);
  REQUIRE(all.size() == 2);
  CHECK(all[0].keys() ==
        std::vector<std::string>{"created_at", "created_by", "current", "id", "sha256", "size"});
  CHECK(all[0]["current"].flag());
  CHECK_FALSE(all[1]["current"].flag());
  CHECK(all[1]["size"].integer() == 3);
  CHECK(all[1]["sha256"].text() == hex(digest(Hash::sha256, "one")));
  CHECK(all[1]["created_by"].text() == anna.username);
  CHECK(all[1]["created_at"].text() < all[0]["created_at"].text());
  CHECK(Figures::of(anna) == Figures{.used = 8, .files = 1, .trash = 0, .versions = 3});
}

TEST_CASE("A version is read as a file is, and the download is on record", "[versions]") {
  Server& server = shared_server();
  Api anna = new_user(server), bob = new_user(server);
  const std::string home = "/" + anna.username, path = home + "/note.txt";
  REQUIRE(anna.put(files(path), "hello").status == 201);
  replace(anna, path, "other content");
  const std::string id = versions_of(anna, path).at(1)["id"].text();
  const std::string target = versions(path) + "?id=" + id;
  const Response got = anna.get(target);
  CHECK(got.status == 200);
  CHECK(got.body == "hello");
  CHECK(got.header("ETag") == etag_of("hello"));
  CHECK(got.header("Repr-Digest") == digest_field("hello"));
  CHECK(got.header("Content-Security-Policy") == "default-src 'none'; sandbox");
  CHECK(got.header("Content-Disposition").value().starts_with("attachment"));
  CHECK(anna.get(target + "&disposition=inline")
            .header("Content-Disposition")
            .value()
            .starts_with("inline"));
  const Response part = anna.send("GET", target, {{"Range", "bytes=1-2"}}, "");
  CHECK(part.status == 206);
  CHECK(part.body == "el");
  CHECK(anna.send("GET", target, {{"Range", "bytes=9-"}}, "").status == 416);
  CHECK(anna.send("GET", target, {{"If-None-Match", etag_of("hello")}}, "").status == 304);
  const Response head = anna.send("HEAD", target, {}, "");
  CHECK(head.status == 200);
  CHECK(head.header("Content-Length") == "5");
  const auto events = [&] { return anna.events("action=download&success=true&resource=" + path); };
  REQUIRE(soon([&] { return events().size() == 3; }));
  CHECK(events()[0]["details"]["version"].text() == id);
  CHECK(events()[0]["details"]["file_size"].integer() == 5);
  check_problem(anna.get(versions(path) + "?id=1.1"), 404, "not_found");
  check_invalid(anna.get(versions(path) + "?id=x"), "/id");
  check_problem(anna.get(versions(home)), 409, "conflict");
  check_problem(anna.get(versions(home + "/none")), 404, "not_found");
  check_problem(bob.get(target), 404, "not_found");
}

TEST_CASE("A version's content that cannot be had is a failed download on record", "[versions]") {
  ReplacedNote note;
  auto& [anna, path] = note;
  const auto failed = [&] {
    return anna.events("action=download&success=false&resource=" + path).size();
  };
  check_invalid(anna.get(versions(path) + "?id=zz"), "/id");
  CHECK(failed() == 1);
  check_invalid(anna.get(versions(path) + "?id=1.1&disposition=odd"), "/disposition");
  CHECK(failed() == 2);
  check_problem(anna.get(versions(path) + "?id=1.1"), 404, "not_found");
  CHECK(failed() == 3);
  CHECK(anna.send("HEAD", versions(path) + "?id=1.1", {}, "").status == 404);
  CHECK(failed() == 4);
  check_problem(anna.get(versions(path + "/none")), 404, "not_found"); // a list
  CHECK(anna.events("action=download&success=false&user=" + anna.username).size() == 4);
}

TEST_CASE("Restoring a version makes the present one a version, and keeps its id", "[versions]") {
  ReplacedNote note;
  auto& [anna, path] = note;
  const auto before = versions_of(anna, path);
  const std::string id = before[1]["id"].text(), present = before[0]["id"].text();
  const Response restored = anna.post(versions(path) + "/restore", object({{"id", q(id)}}));
  REQUIRE(restored.status == 200);
  CHECK(Json::parse(restored.body)["size"].integer() == 1);
  CHECK(anna.get(files(path)).body == "1");
  const auto after = versions_of(anna, path);
  REQUIRE(after.size() == 2);
  CHECK(after[0]["id"].text() == present);
  CHECK_FALSE(after[0]["current"].flag());
  CHECK(after[1]["id"].text() == id);
  CHECK(after[1]["current"].flag());
  CHECK(Figures::of(anna) == Figures{.used = 3, .files = 1, .trash = 0, .versions = 2});
  const auto events = anna.events("action=version_restored&user=" + anna.username);
  REQUIRE(events.size() == 1);
  CHECK(events[0]["resource"].text() == path);
  CHECK(events[0]["details"]["version"].text() == id);
  CHECK(events[0]["details"]["file_size"].integer() == 1);
  CHECK(events[0]["details"]["sha256"].text() == hex(digest(Hash::sha256, "1")));
  check_problem(anna.post(versions(path) + "/restore", object({{"id", q(id)}})), 409, "conflict");
  check_problem(anna.post(versions(path) + "/restore", object({{"id", q("1.1")}})), 404,
                "not_found");
  check_invalid(anna.post(versions(path) + "/restore", object({{"id", q("x")}})), "/id");
}

TEST_CASE("A version is removed for good; the present one is not", "[versions]") {
  ReplacedNote note;
  auto& [anna, path] = note;
  const auto all = versions_of(anna, path);
  check_problem(anna.del(versions(path) + "?id=" + all[0]["id"].text()), 409, "conflict");
  check_invalid(anna.del(versions(path)), "/id");
  REQUIRE(anna.del(versions(path) + "?id=" + all[1]["id"].text()).status == 204);
  check_problem(anna.del(versions(path) + "?id=" + all[1]["id"].text()), 404, "not_found");
  CHECK(sizes(anna, path) == Sizes{"2*"});
  CHECK(Figures::of(anna) == Figures{.used = 2, .files = 1, .trash = 0, .versions = 0});
  const auto events = anna.events("action=version_removed&success=true&user=" + anna.username);
  REQUIRE(events.size() == 1);
  CHECK(events[0]["details"]["file_size"].integer() == 1);
}

TEST_CASE("tus, a copy and a move over a file keep what was there, across homes too",
          "[versions]") {
  Server& server = shared_server();
  Api root = admin(server), anna = new_user(server), bob = new_user(server);
  const std::string home = "/" + anna.username, path = home + "/note";
  REQUIRE(anna.put(files(path), "1").status == 201);
  REQUIRE(anna.send("POST", kApi + "/uploads",
                    {{"Tus-Resumable", "1.0.0"},
                     {"Upload-Length", "2"},
                     {"Content-Type", "application/offset+octet-stream"},
                     {"Upload-Metadata", "path " + base64(path) + ",overwrite " + base64("true")}},
                    "22")
              .status == 201);
  CHECK(sizes(anna, path) == Sizes{"2*", "1"});
  REQUIRE(anna.put(files(home + "/other"), "333").status == 201);
  REQUIRE(act_over(anna, "copy", home + "/other", path).status == 201);
  CHECK(sizes(anna, path) == Sizes{"3*", "2", "1"});
  CHECK(sizes(anna, home + "/other") == Sizes{"3*"});
  replace(anna, home + "/other", "4444");
  REQUIRE(act_over(anna, "move", home + "/other", path).status == 200);
  const auto merged = sizes(anna, path);
  CHECK(merged.size() == 5);
  CHECK(std::ranges::find(merged, "4*") != merged.end());
  CHECK(Figures::of(anna) ==
        Figures{.used = 4 + 3 + 3 + 2 + 1, .files = 1, .trash = 0, .versions = 9});

  const std::string there = "/" + bob.username + "/note";
  REQUIRE(bob.put(files(there), "55555").status == 201);
  REQUIRE(act_over(root, "move", path, there).status == 200);
  CHECK(sizes(bob, there).size() == 6);
  CHECK(Figures::of(anna) == Figures{});
  CHECK(Figures::of(bob) == Figures{.used = 18, .files = 1, .trash = 0, .versions = 14});
}

TEST_CASE("Versions follow moves and the trash, are not copied, and go with their file",
          "[versions]") {
  Server& server = shared_server();
  Api anna = new_user(server);
  const std::string home = "/" + anna.username, path = home + "/note", moved = home + "/moved";
  REQUIRE(anna.put(files(path), "1").status == 201);
  replace(anna, path, "22");
  REQUIRE(act_over(anna, "move", path, moved).status == 200);
  CHECK(sizes(anna, moved) == Sizes{"2*", "1"});
  REQUIRE(act_over(anna, "copy", moved, home + "/copy").status == 201);
  CHECK(sizes(anna, home + "/copy") == Sizes{"2*"});
  REQUIRE(anna.del(files(moved)).status == 204);
  CHECK(Figures::of(anna) == Figures{.used = 5, .files = 1, .trash = 3, .versions = 0});
  REQUIRE(anna.post(trash_of(newest_trash(anna)) + "/restore").status == 200);
  CHECK(sizes(anna, moved) == Sizes{"2*", "1"});
  CHECK(Figures::of(anna) == Figures{.used = 5, .files = 2, .trash = 0, .versions = 1});
  REQUIRE(anna.del(files(moved)).status == 204);
  REQUIRE(anna.del(kApi + "/trash").status == 204);
  CHECK(Figures::of(anna) == Figures{.used = 2, .files = 1, .trash = 0, .versions = 0});
}

TEST_CASE("Of versions only so many are kept, and for so long, and the system says what it took",
          "[versions]") {
  Server server{{.extra_toml = "files.versions_keep = 2\n"}};
  Api anna = new_user(server), root = admin(server);
  const std::string path = "/" + anna.username + "/note";
  REQUIRE(anna.put(files(path), "1").status == 201);
  for (const char* text : {"22", "333", "4444"}) replace(anna, path, text);
  CHECK(sizes(anna, path) == Sizes{"4*", "3", "2"});
  CHECK(Figures::of(anna) == Figures{.used = 9, .files = 1, .trash = 0, .versions = 5});
  const auto removed = [&] { return root.events("action=version_removed&limit=10"); };
  REQUIRE(removed().size() == 1);
  CHECK(removed()[0]["user"].is_null());
  CHECK(removed()[0]["resource"].text() == path);
  sql(server, "update versions set replaced_at = 1", "update versions set replaced_at = 1");
  CHECK(soon([&] { return removed().size() == 3; }));
  CHECK(sizes(anna, path) == Sizes{"4*"});
  CHECK(Figures::of(anna) == Figures{.used = 4, .files = 1, .trash = 0, .versions = 0});
}

TEST_CASE("A grantee lists and reads versions with read, restores with write, removes with delete",
          "[versions]") {
  Server& server = shared_server();
  Api anna = new_user(server), bob = new_user(server);
  const std::string box = "/" + anna.username + "/box", path = box + "/note";
  REQUIRE(anna.put(files(path) + "?parents=true", "1").status == 201);
  replace(anna, path, "22");
  const std::string id = versions_of(anna, path)[1]["id"].text(), one = "?id=" + id;
  const auto grant = [&](const std::string& rights) {
    const auto body = object({{"path", q(box)}, {"grantee", q(bob.username)}, {"rights", rights}});
    REQUIRE(anna.put_json(kApi + "/grants", body).status < 300);
  };
  const auto restore = [&] {
    return bob.post(versions(path) + "/restore", object({{"id", q(id)}}));
  };
  check_problem(bob.get(versions(path)), 404, "not_found");
  check_problem(restore(), 404, "not_found");
  grant(R"(["read"])");
  CHECK(sizes(bob, path) == Sizes{"2*", "1"});
  CHECK(bob.get(versions(path) + one).body == "1");
  check_problem(restore(), 403, "forbidden");
  check_problem(bob.del(versions(path) + one), 403, "forbidden");
  grant(R"(["write","delete"])");
  check_problem(bob.get(versions(path)), 403, "forbidden");
  check_problem(bob.get(versions(path) + one), 403, "forbidden");
  grant(R"(["read","delete"])");
  check_problem(restore(), 403, "forbidden");
  grant(R"(["read","write"])");
  check_problem(bob.del(versions(path) + one), 403, "forbidden");
  CHECK(restore().status == 200);
  CHECK(anna.get(files(path)).body == "1");
  const std::string former = versions_of(anna, path)[0]["id"].text();
  grant(R"(["delete"])");
  CHECK(bob.del(versions(path) + "?id=" + former).status == 204);
  CHECK(sizes(anna, path) == Sizes{"1*"});
}

TEST_CASE("Neither versions nor the trash expire because space is short", "[versions]") {
  Server server;
  Api anna = new_user(server, "user", "\"quota_bytes\":12");
  const std::string home = "/" + anna.username;
  REQUIRE(anna.put(files(home + "/note"), "12345").status == 201);
  replace(anna, home + "/note", "123");
  REQUIRE(anna.put(files(home + "/other"), "12").status == 201);
  REQUIRE(anna.del(files(home + "/other")).status == 204);
  REQUIRE(anna.put(files(home + "/old"), "1").status == 201);
  replace(anna, home + "/old", "2");
  check_problem(anna.put(files(home + "/new"), "1"), 413, "quota_exceeded");
  // The housekeeper takes what is old, and nothing else.
  const std::string age = "update versions set replaced_at = 1 where size = 1";
  sql(server, age, age);
  CHECK(soon([&] { return sizes(anna, home + "/old") == Sizes{"1*"}; }));
  CHECK(sizes(anna, home + "/note") == Sizes{"3*", "5"});
  CHECK(trash_items(anna).size() == 1);
  CHECK(Figures::of(anna) == Figures{.used = 11, .files = 2, .trash = 2, .versions = 5});
}

TEST_CASE("With versions_keep 0 nothing is kept of what is replaced", "[versions]") {
  Server server{{.extra_toml = "files.versions_keep = 0\n"}};
  Api anna = new_user(server, "user", "\"quota_bytes\":10");
  const std::string path = "/" + anna.username + "/note";
  REQUIRE(anna.put(files(path), "1234567890").status == 201);
  replace(anna, path, "abcdefghij");
  CHECK(sizes(anna, path) == Sizes{"10*"});
  CHECK(Figures::of(anna) == Figures{.used = 10, .files = 1, .trash = 0, .versions = 0});
}

TEST_CASE("A share opens neither versions nor the trash", "[versions]") {
  ReplacedNote note;
  auto& [anna, path] = note;
  const auto link = make_link(anna, path);
  Api stranger{shared_server()};
  const Response opened = stranger.post(link.at() + "/open", json_of({{"secret", link.secret}}));
  REQUIRE(opened.status == 200);
  stranger.access_token = Json::parse(opened.body)["access_token"].text();
  check_problem(stranger.get(versions("/~")), 403, "forbidden");
  check_problem(stranger.get(kApi + "/trash"), 403, "forbidden");
}
