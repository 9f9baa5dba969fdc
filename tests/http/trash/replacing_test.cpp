#include "files/tus.hpp"
#include "trash/trash_client.hpp"

// Every way of putting one content in the place of another: what each keeps, and what it says when
// there is no room.

using namespace baluhost::test;

namespace {

/// All of `content` at once, over what is there.
Response upload(Api& api, const std::string& path, std::string_view content) {
  return api.send("POST", kUploads,
                  tus({{"Upload-Length", std::to_string(content.size())},
                       {"Content-Type", kOctets},
                       {"Upload-Metadata", metadata(path, ",overwrite " + base64("true"))}}),
                  content);
}

} // namespace

TEST_CASE("Equal content keeps nothing, in whatever way it comes", "[replacing]") {
  Api anna = new_user(shared_server());
  const std::string home = "/" + anna.username, path = home + "/note";
  REQUIRE(anna.put(files(path), "same").status == 201);
  const auto unchanged = [&] {
    CHECK(sizes(anna, path) == Sizes{"4*"});
    CHECK(Figures::of(anna) == Figures{.used = 4, .files = 1, .trash = 0, .versions = 0});
  };
  REQUIRE(upload(anna, path, "same").status == 201);
  unchanged();
  REQUIRE(act_over(anna, "copy", path, home + "/other").status == 201);
  REQUIRE(act_over(anna, "copy", home + "/other", path).status == 201);
  CHECK(sizes(anna, path) == Sizes{"4*"});
  REQUIRE(act_over(anna, "move", home + "/other", path).status == 200);
  unchanged();
  REQUIRE(anna.put(files(home + "/gone"), "same").status == 201);
  REQUIRE(anna.del(files(home + "/gone")).status == 204);
  REQUIRE(anna.post(trash_of(newest_trash(anna)) + "/restore",
                    object({{"to", q(path)}, {"overwrite", "true"}}))
              .status == 200);
  unchanged();
}

TEST_CASE("A file that is copied over leaves its content there, across homes too", "[replacing]") {
  Api root = admin(shared_server()), anna = new_user(shared_server()),
      bob = new_user(shared_server());
  const std::string from = "/" + anna.username + "/note", to = "/" + bob.username + "/note";
  REQUIRE(anna.put(files(from), "1").status == 201);
  replace(anna, from, "22");
  REQUIRE(bob.put(files(to), "333").status == 201);
  replace(bob, to, "4444");
  REQUIRE(act_over(root, "copy", from, to).status == 201);
  // Of the copy its content, of what stood there all.
  CHECK(sizes(bob, to) == Sizes{"2*", "4", "3"});
  CHECK(sizes(anna, from) == Sizes{"2*", "1"});
  CHECK(Figures::of(anna) == Figures{.used = 3, .files = 1, .trash = 0, .versions = 1});
  CHECK(Figures::of(bob) == Figures{.used = 9, .files = 1, .trash = 0, .versions = 7});
  CHECK(bob.get(versions(to) + "?id=" + versions_of(bob, to).at(2)["id"].text()).body == "333");
}

TEST_CASE("Versions are listed page by page, whatever is replaced meanwhile", "[replacing]") {
  Api anna = new_user(shared_server());
  const std::string home = "/" + anna.username, path = home + "/note";
  REQUIRE(anna.put(files(path), "1").status == 201);
  for (const char* text : {"22", "333", "4444", "55555"}) replace(anna, path, text);
  std::vector<std::int64_t> seen;
  std::string cursor;
  do {
    const Json page = Json::parse(anna.get(versions(path) + "?limit=2" + cursor).body);
    CHECK(page["items"].size() <= 2);
    for (std::size_t i = 0; i < page["items"].size(); ++i)
      seen.push_back(page["items"][i]["size"].integer());
    if (cursor.empty()) replace(anna, path, "666666");
    cursor = page["next_cursor"].is_null()
                 ? ""
                 : "&cursor=" + percent_encode(page["next_cursor"].text());
  } while (!cursor.empty());
  CHECK(seen == std::vector<std::int64_t>{5, 4, 3, 2, 1});
  REQUIRE(anna.put(files(home + "/other"), "x").status == 201);
  const std::string of_note =
      Json::parse(anna.get(versions(path) + "?limit=1").body)["next_cursor"].text();
  check_invalid(anna.get(versions(home + "/other") + "?cursor=" + percent_encode(of_note)),
                "/cursor");
  check_invalid(anna.get(versions(path) + "?cursor=x"), "/cursor");
}

TEST_CASE("Whatever the quota refuses is told how much of it waits in the trash", "[replacing]") {
  Api anna = new_user(shared_server(), "user", "\"quota_bytes\":20");
  const std::string home = "/" + anna.username;
  const auto full = [](const Response& refused) {
    check_problem(refused, 413, "quota_exceeded");
    return Json::parse(refused.body)["detail"].text().find(" 8 bytes are in the trash") !=
           std::string::npos;
  };
  REQUIRE(anna.put(files(home + "/a"), "123").status == 201);
  replace(anna, home + "/a", "12345");
  REQUIRE(anna.del(files(home + "/a")).status == 204);
  REQUIRE(anna.put(files(home + "/b"), "1234567").status == 201);
  CHECK(Figures::of(anna) == Figures{.used = 15, .files = 1, .trash = 8, .versions = 0});
  CHECK(full(anna.put(files(home + "/c"), "123456")));
  CHECK(full(anna.put(files(home + "/b") + "?overwrite=true", "123456")));
  CHECK(full(upload(anna, home + "/c", "123456")));
  CHECK(full(act_over(anna, "copy", home + "/b", home + "/c")));
  REQUIRE(anna.del(kApi + "/trash").status == 204);
  CHECK(act_over(anna, "copy", home + "/b", home + "/c").status == 201);
  const Response empty = anna.put(files(home + "/d"), std::string(7, 'x'));
  check_problem(empty, 413, "quota_exceeded");
  CHECK(empty.body.find(" 0 bytes are in the trash") != std::string::npos);
}
