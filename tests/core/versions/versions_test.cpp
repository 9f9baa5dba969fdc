#include "trash/trash_fixture.hpp"

#include <chrono>

// A replaced content stays as a version, so many of them, for so long.

namespace baluhost::files_test {
namespace {

using namespace std::chrono_literals;

const auto kAlways = [] { return true; };

/// Contents of 1, 2, … characters, a second apart.
void write_over(KeepingWorld& world, const std::string& where, int times, int from = 1) {
  for (int i = from; i < from + times; ++i) {
    world.have(world.anna, where, std::string(static_cast<std::size_t>(i), 'x'));
    world.clock.advance(1s);
  }
}

Result<void> clean(KeepingWorld& world, const KeepRules& rules, FileId position = {}) {
  return remove_old_versions(*world.database, world.audit_log, world.clock, rules, position,
                             kAlways);
}

TEST_CASE("what is replaced stays as a version, with who wrote it, and counts", "[versions]") {
  KeepingWorld world;
  world.grant("/anna", "bert", Right::write | Rights{Right::read});
  world.have(world.anna, "/anna/a", "1");
  world.clock.advance(1s);
  world.have(world.bert, "/anna/a", "22");
  CHECK(world.contents("/anna/a") == Lines{"2* by bert", "1 by anna"});
  CHECK(world.figures("anna") == "used 3, files 1, entries 1, trash 0, versions 1");
  CHECK(world.get(world.anna, "/anna/a", {.version = world.version("/anna/a", 1)}).value() == "1");
  CHECK(world.doomed_count() == 0);
}

TEST_CASE("equal content keeps nothing, and where nothing is kept what is replaced is gone",
          "[versions]") {
  KeepingWorld world;
  world.have(world.anna, "/anna/a", "same");
  world.have(world.anna, "/anna/a", "same");
  CHECK(world.contents("/anna/a") == Lines{"4* by anna"});
  CHECK(world.figures("anna") == "used 4, files 1, entries 1, trash 0, versions 0");

  KeepingWorld plain{{.trash_days = 30}};
  plain.have(plain.anna, "/anna/a", "1");
  plain.have(plain.anna, "/anna/a", "22");
  CHECK(plain.contents("/anna/a") == Lines{"2* by anna"});
  CHECK(plain.doomed_count() == 1);
}

TEST_CASE("of more versions than are kept that one goes which was replaced first", "[versions]") {
  KeepingWorld world;
  write_over(world, "/anna/a", 4);
  world.have(world.anna, "/anna/b", "123456");
  CHECK(world.events().empty());
  REQUIRE(world.put(world.anna, "/anna/a", "12345", {.overwrite = true}));
  const auto events = world.events();
  REQUIRE(events.size() == 2);
  CHECK(events[0].action == "version_removed");
  CHECK_FALSE(events[0].user);
  CHECK(events[0].resource == "/anna/a");
  CHECK(events[0].details.find(R"("file_size":1,)") != std::string::npos);
  CHECK(world.contents("/anna/a") == Lines{"5* by anna", "4 by anna", "3 by anna", "2 by anna"});
  CHECK(world.figures("anna") == "used 20, files 2, entries 2, trash 0, versions 9");
  CHECK(world.doomed_count() == 1);

  // A copy and a move over it keep what was there too.
  world.clock.advance(1s);
  REQUIRE(world.files.copy(world.anna, path("/anna/b"), path("/anna/a"), Overwrite::yes));
  CHECK(world.contents("/anna/a") == Lines{"6* by anna", "5 by anna", "4 by anna", "3 by anna"});
  write_over(world, "/anna/c", 2, 7);
  REQUIRE(world.files.move(world.anna, path("/anna/c"), path("/anna/a"), Overwrite::yes));
  CHECK(world.contents("/anna/a").size() == 4);
  CHECK(world.figures("anna") == "used 32, files 2, entries 2, trash 0, versions 18");
}

TEST_CASE("an upload that replaces needs room for all of it, less what goes by the rule",
          "[versions]") {
  KeepingWorld world{{.trash_days = 30, .versions_keep = 1}, {}, 10};
  world.have(world.anna, "/anna/a", "1234");
  world.have(world.anna, "/anna/a", "12345");
  CHECK(error_of(world.put(world.anna, "/anna/a", "123456", {.overwrite = true})) ==
        Errc::quota_exceeded);
  CHECK(world.contents("/anna/a").size() == 2);
  REQUIRE(world.put(world.anna, "/anna/a", "abcde", {.overwrite = true}));
  CHECK(world.figures("anna") == "used 10, files 1, entries 1, trash 0, versions 5");
  CHECK(world.put(world.anna, "/anna/a", "abcde", {.overwrite = true}));
  CHECK(error_of(world.put(world.anna, "/anna/b", "1")) == Errc::quota_exceeded);
  REQUIRE(world.versions.remove(world.anna, path("/anna/a"), world.version("/anna/a", 1)));
  CHECK(world.put(world.anna, "/anna/b", "1"));
}

TEST_CASE("restoring a version makes the present one a version, and says so", "[versions]") {
  KeepingWorld world;
  write_over(world, "/anna/a", 3);
  const auto first = world.version("/anna/a", 2);
  const auto third = world.version("/anna/a", 0);
  const auto restored = world.versions.restore(world.anna, path("/anna/a"), first);
  REQUIRE(restored);
  CHECK(restored->entry.content->size == 1);
  CHECK(restored->entry.modified_at == world.clock.now());
  const auto event = world.event();
  CHECK(event.action == "version_restored");
  CHECK(event.details == JsonObject{}
                             .add("version", first.value)
                             .add("file_size", 1)
                             .add("sha256", world.hex("x"))
                             .str());
  CHECK(world.get(world.anna, "/anna/a").value() == "x");
  CHECK(world.contents("/anna/a") == Lines{"3 by anna", "2 by anna", "1* by anna"});
  CHECK(world.figures("anna") == "used 6, files 1, entries 1, trash 0, versions 5");
  CHECK(error_of(world.versions.restore(world.anna, path("/anna/a"), first)) == Errc::conflict);
  CHECK(error_of(world.versions.remove(world.anna, path("/anna/a"), first)) == Errc::conflict);
  CHECK(error_of(world.versions.restore(world.anna, path("/anna"), first)) == Errc::conflict);
  CHECK(error_of(world.versions.restore(world.anna, path("/anna/b"), first)) == Errc::not_found);
  CHECK(error_of(world.versions.restore(world.anna, path("/anna/a"),
                                        VersionId::parse("999.1").value())) == Errc::not_found);
  CHECK(world.versions.restore(world.anna, path("/anna/a"), third));
}

TEST_CASE("a page of versions goes on after one that is gone by now", "[versions]") {
  KeepingWorld world;
  write_over(world, "/anna/a", 4);
  const auto page = [&](const std::optional<std::string>& cursor) {
    return world.versions.list(world.anna, path("/anna/a"), {.limit = 3, .cursor = cursor});
  };
  const auto first = page({}).value();
  REQUIRE(first.next_cursor);
  REQUIRE(world.versions.remove(world.anna, path("/anna/a"), first.items.back().id));
  const auto second = page(first.next_cursor).value();
  REQUIRE(second.items.size() == 1);
  CHECK(second.items.front().content.size == 1);
  write_over(world, "/anna/a", 3, 5); // by which the oldest goes
  CHECK(page(first.next_cursor).value().items.empty());
  for (const char* bad : {"", "1", "x:1.1", "1:x", "1:1.1x"}) {
    const auto refused = page(make_cursor("versions:/anna/a", bad));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::invalid_request);
  }
}

TEST_CASE("who may restore and not read is not told what the content is", "[versions]") {
  KeepingWorld world;
  write_over(world, "/anna/d/a", 2);
  world.grant("/anna/d", "bert", Right::write | Rights{Right::remove});
  const auto by_bert =
      world.versions.restore(world.bert, path("/anna/d/a"), world.version("/anna/d/a", 1));
  REQUIRE(by_bert);
  CHECK_FALSE(by_bert->shows_content);
  const auto by_anna =
      world.versions.restore(world.anna, path("/anna/d/a"), world.version("/anna/d/a", 0));
  REQUIRE(by_anna);
  CHECK(by_anna->shows_content);

  const auto blind = world.restore(world.bert, world.discard(world.bert, "/anna/d/a"), "/anna/d/a");
  REQUIRE(blind);
  CHECK_FALSE(blind->shows_content);
  world.grant("/anna/d", "bert", Right::read | Rights{Right::write} | Rights{Right::remove});
  const auto seen = world.restore(world.bert, world.discard(world.bert, "/anna/d/a"), "/anna/d/a");
  REQUIRE(seen);
  CHECK(seen->shows_content);
}

TEST_CASE("versions are listed and read with read, restored with write, removed with delete",
          "[versions]") {
  KeepingWorld world;
  write_over(world, "/anna/a", 2);
  const auto old = world.version("/anna/a", 1);
  struct Attempts {
    Errc list, open, restore, remove;
    bool operator==(const Attempts&) const = default;
  };
  const auto code = [](const auto& result) {
    return result ? Errc::internal : result.error().code; // internal: it worked
  };
  const auto tries = [&] {
    return Attempts{code(world.versions.list(world.bert, path("/anna/a"), {})),
                    code(world.get(world.bert, "/anna/a", {.version = old})),
                    code(world.versions.restore(world.bert, path("/anna/a"), old)),
                    code(world.versions.remove(world.bert, path("/anna/a"), old))};
  };
  constexpr auto kDone = Errc::internal;
  constexpr auto kRefused = Errc::forbidden;
  CHECK(tries() == Attempts{Errc::not_found, Errc::not_found, Errc::not_found, Errc::not_found});
  world.grant("/anna/a", "bert", Right::read);
  CHECK(tries() == Attempts{kDone, kDone, kRefused, kRefused});
  world.grant("/anna/a", "bert", Right::remove);
  CHECK(tries() == Attempts{kRefused, kRefused, kRefused, kDone});
  write_over(world, "/anna/a", 1, 3);
  const auto again = world.version("/anna/a", 1);
  world.grant("/anna/a", "bert", Right::write);
  CHECK(code(world.versions.restore(world.bert, path("/anna/a"), again)) == kDone);
  CHECK(code(world.versions.list(world.bert, path("/anna/a"), {})) == kRefused);
}

TEST_CASE("versions go by age from when they were replaced, in the trash too", "[versions]") {
  KeepingWorld world;
  const KeepRules rules{.trash_days = 300, .versions_keep = 3, .versions_days = 10};
  write_over(world, "/anna/a", 2);
  write_over(world, "/anna/b", 2, 10);
  world.clock.advance(24h * 5);
  write_over(world, "/anna/a", 1, 3);
  const auto entry = world.discard(world.anna, "/anna/b");
  world.clock.advance(24h * 5 - 10s);
  REQUIRE(clean(world, rules));
  CHECK(world.events().empty());
  world.clock.advance(20s);
  REQUIRE(clean(world, rules));
  const auto events = world.events();
  REQUIRE(events.size() == 2);
  for (const auto& event : events) {
    CHECK(event.action == "version_removed");
    CHECK_FALSE(event.user);
  }
  CHECK(events[0].resource != events[1].resource);
  CHECK(world.contents("/anna/a") == Lines{"3* by anna", "2 by anna"});
  CHECK(world.figures("anna") == "used 16, files 1, entries 2, trash 11, versions 2");
  CHECK(world.trash.list(world.anna, {})->items.at(0).version_bytes == 0);
  REQUIRE(world.trash.restore(world.anna, entry.id, {}));
  CHECK(world.contents("/anna/b") == Lines{"11* by anna"});
  CHECK(world.figures("anna") == "used 16, files 2, entries 2, trash 0, versions 2");
}

TEST_CASE("a rule that became stricter is seen to, some files at a time, but not in the trash",
          "[versions]") {
  KeepingWorld world;
  for (const char* name : {"/anna/a", "/anna/b", "/anna/c", "/anna/d"}) write_over(world, name, 4);
  world.discard(world.anna, "/anna/d");
  const KeepRules rules{.trash_days = 30, .versions_keep = 1};
  FileId position;
  int rounds = 0;
  // Stopped after each file, it goes on with the next.
  while (rounds < 10 && world.contents("/anna/c").size() > 2) {
    bool is_first = true;
    REQUIRE(remove_old_versions(*world.database, world.audit_log, world.clock, rules, position,
                                [&] { return std::exchange(is_first, false); }));
    ++rounds;
  }
  CHECK(rounds == 3);
  for (const char* name : {"/anna/a", "/anna/b", "/anna/c"})
    CHECK(world.contents(name) == Lines{"4* by anna", "3 by anna"});
  CHECK(world.events().size() == 6);
  REQUIRE(clean(world, rules));
  CHECK(world.events().empty());
  CHECK(world.figures("anna") == "used 31, files 3, entries 4, trash 10, versions 9");
}

TEST_CASE("no rule takes anything where nothing is kept from now on", "[versions]") {
  KeepingWorld world;
  write_over(world, "/anna/a", 3);
  REQUIRE(clean(world, {.trash_days = 30}));
  CHECK(world.contents("/anna/a").size() == 3);
}

} // namespace
} // namespace baluhost::files_test
