#include "trash/trash_fixture.hpp"

// What comes back is as it went, where it is told to go; what rights on it rest on is looked at
// anew.

namespace baluhost::files_test {
namespace {

const Rights kWriteDelete = Right::write | Rights{Right::remove};

TEST_CASE("a tree comes back with its parents, versions, grants and shares", "[trash]") {
  KeepingWorld world;
  world.have(world.anna, "/anna/p/t/a", "1");
  world.have(world.anna, "/anna/p/t/a", "22");
  world.grant("/anna/p/t", "bert", Right::read);
  const auto link =
      world.shares.create(world.anna, {.path = path("/anna/p/t/a"), .rights = {true}});
  REQUIRE(link);
  const auto before = world.files.info(world.anna, path("/anna/p/t/a")).value();
  const auto entry = world.discard(world.anna, "/anna/p/t");
  REQUIRE(world.remove(world.anna, "/anna/p", Deletion::for_good));
  world.events();
  const auto restored = world.trash.restore(world.anna, entry.id, {});
  REQUIRE(restored);
  CHECK(restored->path == path("/anna/p/t"));
  CHECK(
      world.lines() ==
      Lines{
          R"(create_directory /anna/p {})",
          R"(restore /anna/p/t/a {"file_size":2,"kind":"file","source":"/anna/p/t/a"})",
          R"(restore /anna/p/t {"file_size":2,"kind":"directory","file_count":1,"total_size":2,"source":"/anna/p/t"})"});
  const auto after = world.files.info(world.anna, path("/anna/p/t/a")).value();
  CHECK(after.entry.id == before.entry.id);
  CHECK(after.entry.modified_at == before.entry.modified_at);
  CHECK(world.contents("/anna/p/t/a") == Lines{"2* by anna", "1 by anna"});
  CHECK(world.get(world.bert, "/anna/p/t/a").value() == "22");
  CHECK(world.shares.open({.id = link->share.share.id, .secret = link->secret, .password = {}},
                          {.ip_address = IpAddress::parse("198.51.100.7")}));
  CHECK(world.figures("anna") == "used 3, files 1, entries 3, trash 0, versions 1");
  CHECK(world.waiting(world.anna).empty());
  CHECK(error_of(world.trash.restore(world.anna, entry.id, {})) == Errc::not_found);
}

TEST_CASE("onto a taken name it comes only over a file, whose content becomes a version",
          "[trash]") {
  KeepingWorld world;
  world.have(world.anna, "/anna/a", "1");
  world.have(world.anna, "/anna/a", "22");
  const auto entry = world.discard(world.anna, "/anna/a");
  world.have(world.anna, "/anna/a", "333");
  world.have(world.anna, "/anna/d/x", "x");
  const auto link = world.shares.create(world.anna, {.path = path("/anna/a"), .rights = {true}});
  REQUIRE(link);
  CHECK(error_of(world.trash.restore(world.anna, entry.id, {})) == Errc::already_exists);
  CHECK(error_of(world.restore(world.anna, entry, "/anna/d")) == Errc::already_exists);
  CHECK(error_of(world.restore(world.anna, entry, "/anna/d", true)) == Errc::conflict);
  world.events();
  REQUIRE(world.trash.restore(world.anna, entry.id, {.to = {}, .overwrite = true}));
  const auto lines = world.lines();
  CHECK(lines.at(1) ==
        R"(restore /anna/a {"file_size":2,"kind":"file","source":"/anna/a","replaced":true})");
  CHECK(lines.at(0).starts_with("share_ended /anna/a "));
  CHECK(lines.size() == 2);
  CHECK(world.get(world.anna, "/anna/a").value() == "22");
  CHECK(world.contents("/anna/a").size() == 3);
  CHECK(world.figures("anna") == "used 7, files 2, entries 3, trash 0, versions 4");
}

TEST_CASE("over a file it keeps no more versions than the rule says", "[trash]") {
  KeepingWorld world{{.trash_days = 30, .versions_keep = 2}};
  world.have(world.anna, "/anna/a", "1");
  world.have(world.anna, "/anna/a", "22");
  const auto entry = world.discard(world.anna, "/anna/a");
  world.clock.advance(std::chrono::seconds{1});
  world.have(world.anna, "/anna/a", "333");
  world.clock.advance(std::chrono::seconds{1});
  world.have(world.anna, "/anna/a", "4444");
  REQUIRE(world.trash.restore(world.anna, entry.id, {.to = {}, .overwrite = true}));
  const auto lines = world.lines();
  CHECK(lines.at(0).starts_with(R"(version_removed /anna/a {"version":)"));
  CHECK(world.contents("/anna/a") == Lines{"4 by anna", "3 by anna", "2* by anna"});
  CHECK(world.figures("anna") == "used 9, files 1, entries 1, trash 0, versions 7");
}

TEST_CASE("equal content in its way is no version", "[trash]") {
  KeepingWorld world;
  world.have(world.anna, "/anna/a", "same");
  const auto entry = world.discard(world.anna, "/anna/a");
  world.have(world.anna, "/anna/a", "same");
  REQUIRE(world.trash.restore(world.anna, entry.id, {.to = {}, .overwrite = true}));
  CHECK(world.contents("/anna/a") == Lines{"4* by anna"});
  CHECK(world.figures("anna") == "used 4, files 1, entries 1, trash 0, versions 0");
}

TEST_CASE("where it cannot go it stays in the trash", "[trash]") {
  KeepingWorld world{kKeep, {.entries_per_user = 5}};
  world.have(world.anna, "/anna/t/u/a", "x");
  world.have(world.anna, "/anna/f", "x");
  const auto entry = world.discard(world.anna, "/anna/t");
  const auto tries = [&](const std::string& to) {
    return error_of(world.restore(world.anna, entry, to, true));
  };
  CHECK(tries("/anna") == Errc::conflict);
  CHECK(tries("/anna/f/x") == Errc::conflict);
  CHECK(tries("/anna/f") == Errc::conflict);
  CHECK(tries("/bert/t") == Errc::not_found);
  world.grant("/bert", "anna", Rights::all());
  CHECK(tries("/bert/t") == Errc::conflict);
  CHECK(tries("/anna/p/q/t") == Errc::quota_exceeded);
  std::string deep = "/anna";
  while (path(deep).segments().size() < FilePath::kMostSegments - 1) deep += "/x";
  CHECK(tries(deep) == Errc::invalid_request);
  CHECK(world.waiting(world.anna) == Lines{"/anna/t"});
  CHECK(world.figures("anna") == "used 2, files 1, entries 4, trash 1, versions 0");
  CHECK(world.restore(world.anna, entry, "/anna/p/t"));
}

TEST_CASE("each who may restores what he may, and where he may write", "[trash]") {
  KeepingWorld world;
  const auto chief = world.enter("chief", {}, Role::admin);
  const auto carl = world.enter("carl");
  for (const char* name : {"/anna/box/1", "/anna/box/2", "/anna/box/3", "/anna/box/4"})
    world.have(world.anna, name, "x");
  world.grant("/anna/box", "bert", kWriteDelete);
  world.grant("/anna/box", "carl", Rights::all());
  const auto first = world.discard(world.bert, "/anna/box/1");
  const auto second = world.discard(world.bert, "/anna/box/2");
  const auto third = world.discard(world.bert, "/anna/box/3");
  const auto fourth = world.discard(world.anna, "/anna/box/4");
  CHECK(error_of(world.trash.restore(carl, first.id, {})) == Errc::not_found);
  CHECK(error_of(world.trash.purge(carl, first.id)) == Errc::not_found);
  CHECK(error_of(world.trash.restore(world.bert, fourth.id, {})) == Errc::not_found);
  CHECK(error_of(world.restore(world.bert, first, "/anna/1")) == Errc::not_found);
  CHECK(world.trash.restore(world.bert, first.id, {}));
  CHECK(world.trash.restore(chief, second.id, {}));
  world.grant("/anna/box", "bert", Right::remove);
  CHECK(error_of(world.restore(world.bert, third, "/anna/box/other")) == Errc::forbidden);
  CHECK(world.events().back().action == "access_denied");
  world.grant("/anna/box", "bert", Right::write);
  CHECK(error_of(world.trash.restore(world.bert, third.id, {})) == Errc::not_found);
  CHECK(error_of(world.trash.purge(world.bert, third.id)) == Errc::not_found);
  REQUIRE(world.grants.remove(world.operator_, path("/anna/box"), Username::parse("bert").value()));
  CHECK(error_of(world.trash.restore(world.bert, third.id, {})) == Errc::not_found);
  CHECK(world.trash.restore(world.anna, third.id, {}));
  CHECK(world.trash.purge(world.operator_, fourth.id));
}

TEST_CASE("who may delete alone takes that back, where nothing else comes of it", "[trash]") {
  KeepingWorld world;
  world.have(world.anna, "/anna/box/a", "x");
  const auto entry_of = [&](const char* name) { return world.discard(world.bert, name); };
  const auto tries = [&](const TrashEntry& entry, RestoreRequest request = {}) {
    return error_of(world.trash.restore(world.bert, entry.id, std::move(request)));
  };
  SECTION("by a right on the directory") {
    world.grant("/anna/box", "bert", Right::remove);
    const auto entry = entry_of("/anna/box/a");
    SECTION("to its place") { CHECK(world.trash.restore(world.bert, entry.id, {})); }
    SECTION("not to another name") {
      CHECK(tries(entry, {.to = path("/anna/box/b")}) == Errc::forbidden);
    }
    SECTION("not over what is there now") {
      world.have(world.anna, "/anna/box/a", "y");
      CHECK(tries(entry) == Errc::forbidden);
      CHECK(tries(entry, {.to = {}, .overwrite = true}) == Errc::forbidden);
    }
    SECTION("not where its directory is another one now") {
      REQUIRE(world.files.move(world.anna, path("/anna/box"), path("/anna/bag"), Overwrite::no));
      CHECK(tries(entry) == Errc::not_found);
      world.have(world.anna, "/anna/box/b", "y");
      CHECK(tries(entry) == Errc::not_found);
      world.grant("/anna/box", "bert", Right::read);
      CHECK(tries(entry) == Errc::forbidden);
    }
    SECTION("not once the right is gone") {
      world.grant("/anna/box", "bert", Right::read);
      CHECK(tries(entry) == Errc::not_found);
    }
  }
  SECTION("by a right on the file itself") {
    world.grant("/anna/box/a", "bert", Right::remove);
    const auto entry = entry_of("/anna/box/a");
    CHECK(world.trash.restore(world.bert, entry.id, {}));
  }
}

TEST_CASE("what was given on by right of what is gone does not come back", "[trash]") {
  KeepingWorld world;
  world.enter("carl");
  world.have(world.anna, "/anna/box/t/a", "x");
  world.grant("/anna/box", "bert", Right::read | Rights{Right::share});
  REQUIRE(world.grants.put(world.bert, path("/anna/box/t"), Username::parse("carl").value(),
                           Right::read));
  const auto link =
      world.shares.create(world.bert, {.path = path("/anna/box/t/a"), .rights = {true}});
  REQUIRE(link);
  const auto entry = world.discard(world.anna, "/anna/box/t");
  REQUIRE(world.grants.remove(world.anna, path("/anna/box"), Username::parse("bert").value()));
  world.events();
  REQUIRE(world.trash.restore(world.anna, entry.id, {}));
  int revoked = 0;
  int ended = 0;
  for (const auto& event : world.events()) {
    revoked += event.action == "permission_revoked" ? 1 : 0;
    ended += event.action == "share_ended" ? 1 : 0;
  }
  CHECK(revoked == 1);
  CHECK(ended == 1);
  CHECK(world.grants.list(world.anna, path("/anna"), {}, {})->items.empty());
  CHECK(world.shares.list(world.operator_, path("/anna/box/t/a"), {})->items.empty());
}

TEST_CASE("a restore that the database does not keep leaves all as it was", "[trash]") {
  KeepingWorld world;
  world.have(world.anna, "/anna/p/a", "12345");
  const auto entry = world.discard(world.anna, "/anna/p/a");
  REQUIRE(world.remove(world.anna, "/anna/p", Deletion::for_good));
  const auto before = world.figures("anna");
  world.database->fail_commits(1);
  CHECK(world.trash.restore(world.anna, entry.id, {}).error().code == Errc::unavailable);
  CHECK(world.figures("anna") == before);
  CHECK(world.missing(world.anna, "/anna/p") == Errc::not_found);
  CHECK(world.waiting(world.anna) == Lines{"/anna/p/a"});
  CHECK(world.trash.restore(world.anna, entry.id, {}));
}

} // namespace
} // namespace baluhost::files_test
