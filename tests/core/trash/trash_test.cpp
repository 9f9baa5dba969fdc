#include "trash/trash_fixture.hpp"

// What is deleted goes to the trash as one entry, counts there, and is seen by nobody else.

namespace baluhost::files_test {
namespace {

TEST_CASE("what is deleted waits in the trash and counts there, and no path leads to it",
          "[trash]") {
  KeepingWorld world;
  world.have(world.anna, "/anna/d/a", "1");
  world.have(world.anna, "/anna/d/a", "22");
  REQUIRE(world.remove(world.anna, "/anna/d/a"));
  CHECK(world.lines() == Lines{R"(trash /anna/d/a {"file_size":2,"kind":"file"})"});
  CHECK(world.figures("anna") == "used 3, files 0, entries 2, trash 3, versions 0");
  CHECK(world.missing(world.anna, "/anna/d/a") == Errc::not_found);
  CHECK(world.files.list(world.anna, path("/anna/d"), {})->items.empty());
  CHECK(error_of(world.get(world.anna, "/anna/d/a")) == Errc::not_found);
  const auto page = world.trash.list(world.anna, {}).value();
  REQUIRE(page.items.size() == 1);
  const auto& entry = page.items.front();
  CHECK(entry.path == path("/anna/d/a"));
  CHECK(entry.size == 2);
  CHECK(entry.version_bytes == 1);
  CHECK(entry.file_count == 1);
  CHECK(entry.deleted_by == "anna");
  CHECK(entry.deleted_at == world.clock.now());
  CHECK(entry.expires_at == world.clock.now() + std::chrono::hours{24 * 30});
}

TEST_CASE("a tree is one entry with all that it holds, and has an event for each of its files",
          "[trash]") {
  KeepingWorld world;
  world.have(world.anna, "/anna/t/a", "1");
  world.have(world.anna, "/anna/t/a", "22");
  world.have(world.anna, "/anna/t/u/b", "333");
  CHECK(error_of(world.files.remove(world.anna, path("/anna/t"), Recursive::no, {})) ==
        Errc::conflict);
  world.events();
  REQUIRE(world.remove(world.anna, "/anna/t"));
  CHECK(world.lines() ==
        Lines{R"(trash /anna/t/a {"file_size":2,"kind":"file"})",
              R"(trash /anna/t/u/b {"file_size":3,"kind":"file"})",
              R"(trash /anna/t {"file_size":5,"kind":"directory","file_count":2,"total_size":5})"});
  CHECK(world.waiting(world.anna) == Lines{"/anna/t"});
  const auto entry = world.trash.list(world.anna, {})->items.at(0);
  CHECK(entry.kind == FileKind::directory);
  CHECK(entry.size == 5);
  CHECK(entry.version_bytes == 1);
  CHECK(entry.file_count == 2);
  CHECK(world.figures("anna") == "used 6, files 0, entries 4, trash 6, versions 0");
}

TEST_CASE("nothing goes to the trash where it is off, or is told to go for good", "[trash]") {
  const bool is_off = GENERATE(true, false);
  KeepingWorld world{is_off ? KeepRules{} : kKeep};
  world.have(world.anna, "/anna/d/a", "12345");
  REQUIRE(world.remove(world.anna, "/anna/d", is_off ? Deletion::by_rule : Deletion::for_good));
  CHECK(world.waiting(world.anna).empty());
  CHECK(world.figures("anna") == "used 0, files 0, entries 0, trash 0, versions 0");
  CHECK(world.doomed_count() == 1);
  CHECK(world.lines().back().starts_with("delete /anna/d "));
}

TEST_CASE("a quota that has no room says what of it waits in the trash", "[trash]") {
  KeepingWorld world{kKeep, {}, 10};
  world.have(world.anna, "/anna/a", "12345");
  world.discard(world.anna, "/anna/a");
  const auto full = world.put(world.anna, "/anna/b", "123456");
  CHECK(error_of(full) == Errc::quota_exceeded);
  CHECK(full.error().trash_bytes == 5);
  CHECK(world.files.usage(world.anna)->trash_days == 30);
  REQUIRE(world.put(world.anna, "/anna/b", "12345"));
  const auto copied = world.files.copy(world.anna, path("/anna/b"), path("/anna/c"), Overwrite::no);
  CHECK(error_of(copied) == Errc::quota_exceeded);
  CHECK(copied.error().trash_bytes == 5);
  REQUIRE(world.trash.empty(world.anna));
  CHECK(world.put(world.anna, "/anna/c", "12345"));
}

TEST_CASE("grants and shares sleep in the trash: nobody gets in by them, who made a share sees it",
          "[trash]") {
  KeepingWorld world;
  world.have(world.anna, "/anna/t/a", "12345");
  world.grant("/anna/t", "bert", Rights::all());
  const auto link = world.shares.create(world.anna, {.path = path("/anna/t/a"), .rights = {true}});
  REQUIRE(link);
  const OpenShare opening{.id = link->share.share.id, .secret = link->secret, .password = {}};
  REQUIRE(world.shares.open(opening, {.ip_address = IpAddress::parse("198.51.100.7")}));
  world.discard(world.anna, "/anna/t");
  CHECK(world.shares.open(opening, {.ip_address = IpAddress::parse("198.51.100.7")}).error().code ==
        Errc::not_found);
  CHECK(world.missing(world.bert, "/anna/t/a") == Errc::not_found);
  CHECK(world.waiting(world.bert).empty());
  CHECK(world.grants.list(world.anna, path("/anna"), {}, {})->items.empty());
  const auto asleep = world.shares.list(world.anna, {}, {});
  REQUIRE(asleep->items.size() == 1);
  CHECK(asleep->items.front().path == path("/anna/t/a"));
  CHECK(world.shares.list(world.bert, {}, {})->items.empty());
  // What is made in its place anew is something else.
  world.have(world.anna, "/anna/t/a", "other");
  CHECK(world.missing(world.bert, "/anna/t/a") == Errc::not_found);
  CHECK(world.shares.open(opening, {.ip_address = IpAddress::parse("198.51.100.7")}).error().code ==
        Errc::not_found);
  CHECK(world.shares.list(world.anna, path("/anna/t/a"), {})->items.empty());
}

TEST_CASE("one sees what one's home lost, and what one deleted in another's while one may delete",
          "[trash]") {
  KeepingWorld world;
  const auto chief = world.enter("chief", {}, Role::admin);
  for (const char* name : {"/anna/box/1", "/anna/box/2", "/anna/3"})
    world.have(world.anna, name, "x");
  world.grant("/anna/box", "bert", Right::read | Rights{Right::remove});
  world.discard(world.bert, "/anna/box/1");
  world.discard(world.anna, "/anna/box/2");
  world.discard(chief, "/anna/3");
  CHECK(world.waiting(world.anna) == Lines{"/anna/3", "/anna/box/2", "/anna/box/1"});
  CHECK(world.waiting(world.bert) == Lines{"/anna/box/1"});
  CHECK(world.waiting(chief) == Lines{"/anna/3"});
  CHECK(world.waiting(world.operator_) == Lines{"/anna/3", "/anna/box/2", "/anna/box/1"});
  // It goes by the directory, wherever that is now.
  REQUIRE(world.files.move(world.anna, path("/anna/box"), path("/anna/case"), Overwrite::no));
  CHECK(world.waiting(world.bert) == Lines{"/anna/box/1"});
  world.grant("/anna/case", "bert", Right::read);
  CHECK(world.waiting(world.bert).empty());
  world.grant("/anna/case", "bert", Right::remove);
  CHECK(world.waiting(world.bert) == Lines{"/anna/box/1"});
  REQUIRE(world.remove(world.anna, "/anna/case"));
  CHECK(world.waiting(world.bert).empty());
}

TEST_CASE("the trash comes in pages, and a cursor of another list is none of it", "[trash]") {
  KeepingWorld world;
  for (int i = 0; i < 7; ++i) {
    const auto name = "/anna/f" + std::to_string(i);
    world.have(world.anna, name, "x");
    world.discard(world.anna, name);
  }
  Lines seen;
  PageRequest request{.limit = 3, .cursor = {}};
  do {
    const auto page = world.trash.list(world.anna, request).value();
    CHECK(page.items.size() <= 3);
    for (const auto& entry : page.items) seen.push_back(entry.path.str());
    request.cursor = page.next_cursor;
  } while (request.cursor);
  CHECK(seen ==
        Lines{"/anna/f6", "/anna/f5", "/anna/f4", "/anna/f3", "/anna/f2", "/anna/f1", "/anna/f0"});
  const auto foreign = make_cursor("grants", "1");
  CHECK(world.trash.list(world.anna, {.cursor = foreign}).error().code == Errc::invalid_request);
}

TEST_CASE("who came by a share sees no trash and no versions, whatever is in them", "[trash]") {
  KeepingWorld world;
  world.have(world.anna, "/anna/t/a", "1");
  world.have(world.anna, "/anna/t/a", "22");
  const auto link =
      world.shares.create(world.anna, {.path = path("/anna/t"), .rights = {true, true}});
  REQUIRE(link);
  const Client client{.ip_address = IpAddress::parse("198.51.100.7")};
  const auto opened = world.shares.open(
      {.id = link->share.share.id, .secret = link->secret, .password = {}}, client);
  REQUIRE(opened);
  const auto stranger = world.auth.authenticate(opened->token.text.reveal(), client);
  REQUIRE(stranger);
  world.have(world.anna, "/anna/b", "x");
  const auto entry = world.discard(world.anna, "/anna/b");
  CHECK(error_of(world.trash.list(*stranger, {})) == Errc::forbidden);
  CHECK(error_of(world.trash.restore(*stranger, entry.id, {})) == Errc::forbidden);
  CHECK(error_of(world.trash.purge(*stranger, entry.id)) == Errc::forbidden);
  CHECK(error_of(world.trash.empty(*stranger)) == Errc::forbidden);
  CHECK(error_of(world.versions.list(*stranger, path("/~/a"), {})) == Errc::forbidden);
  for (const auto& event : world.events()) CHECK(event.action == "access_denied");
}

} // namespace
} // namespace baluhost::files_test
