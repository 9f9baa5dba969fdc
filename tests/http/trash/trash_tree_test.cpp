#include "large_tree.hpp"
#include "trash/trash_client.hpp"

// A tree of thousands of rows goes to the trash, and comes back, in one step; each of its files is
// on record once, whenever the server is killed.

using namespace baluhost::test;

TEST_CASE("A tree of thousands goes to the trash, comes back and is purged, in one step each",
          "[trash_tree]") {
  LargeTree scene;
  Api& anna = scene.anna;
  REQUIRE(anna.del(files(scene.home + "/t") + "?recursive=true").status == 204);
  CHECK(Figures::of(anna) == Figures{.used = 5 * kFiles, .files = 0, .trash = 5 * kFiles});
  const Json entry = newest_trash(anna);
  CHECK(entry["file_count"].integer() == kFiles);
  CHECK(entry["size"].integer() == 5 * kFiles);
  REQUIRE(anna.post(trash_of(entry) + "/restore").status == 200);
  CHECK(Figures::of(anna) == Figures{.used = 5 * kFiles, .files = kFiles});
  await_events(scene.server, "trash", anna.username);
  await_events(scene.server, "restore", anna.username);
  REQUIRE(
      soon([&] { return anna.del(files(scene.home + "/t") + "?recursive=true").status == 204; }));
  REQUIRE(anna.del(kApi + "/trash").status == 204);
  CHECK(Figures::of(anna) == Figures{});
  await_events(scene.server, "purge", anna.username);
  CHECK(soon([&] {
    const std::string query = "select count(*) from files where parent_id is not null";
    return sql(scene.server, query, query) == sql(scene.server, "select 0", "select 0");
  }));
}

TEST_CASE("A server killed while a large tree goes to the trash loses none of its events",
          "[trash_tree]") {
  LargeTree scene;
  Api& anna = scene.anna;
  kill_while_deleting(scene.server, anna, "?recursive=true", "trash", 2);
  Api again(scene.server, anna.username);
  CHECK(Figures::of(again) == Figures{.used = 5 * kFiles, .files = 0, .trash = 5 * kFiles});
  await_events(scene.server, "trash", anna.username);
  REQUIRE(again.post(trash_of(newest_trash(again)) + "/restore").status == 200);
  CHECK(Figures::of(again) == Figures{.used = 5 * kFiles, .files = kFiles});
  Api chief = admin(scene.server);
  CHECK(Json::parse(chief.post(kApi + "/audit/verify").body)["ok"].flag());
}
