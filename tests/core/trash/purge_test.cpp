#include "trash/trash_fixture.hpp"

#include "baluhost/core/operations/sweep.hpp"
#include "fixtures/hooked_database.hpp"

#include <algorithm>
#include <map>

// What is purged is gone at once, with all that hung on it; a large tree's rows, and many entries,
// go in transactions that others' writes go between.

namespace baluhost::files_test {
namespace {

const auto kAlways = [] { return true; };

TEST_CASE("a purge frees the room, dooms the contents, versions too, and ends shares", "[trash]") {
  KeepingWorld world;
  world.have(world.anna, "/anna/t/a", "1");
  world.have(world.anna, "/anna/t/a", "22");
  world.have(world.anna, "/anna/t/b", "333");
  const auto link = world.shares.create(world.anna, {.path = path("/anna/t/a"), .rights = {true}});
  REQUIRE(link);
  const auto entry = world.discard(world.anna, "/anna/t");
  CHECK(world.doomed_count() == 0);
  REQUIRE(world.trash.purge(world.anna, entry.id));
  const auto lines = world.lines();
  REQUIRE(lines.size() == 4);
  CHECK(lines[3] ==
        R"(purge /anna/t {"file_size":5,"kind":"directory","file_count":2,"total_size":5})");
  CHECK(std::ranges::count_if(
            lines, [](const std::string& line) { return line.starts_with("share_ended "); }) == 1);
  CHECK(std::ranges::count(lines, R"(purge /anna/t/a {"file_size":2,"kind":"file"})") == 1);
  CHECK(world.figures("anna") == "used 0, files 0, entries 0, trash 0, versions 0");
  CHECK(world.doomed_count() == 3);
  CHECK(error_of(world.trash.purge(world.anna, entry.id)) == Errc::not_found);
  CHECK(error_of(world.trash.restore(world.anna, entry.id, {})) == Errc::not_found);
}

TEST_CASE("emptying takes all that the list has and nothing else", "[trash]") {
  KeepingWorld world;
  const auto chief = world.enter("chief", {}, Role::admin);
  world.grant("/anna", "bert", Right::remove);
  for (int i = 0; i < 120; ++i) {
    const auto name = "/anna/f" + std::to_string(i);
    world.have(world.anna, name, "x");
    REQUIRE(world.remove(i % 2 == 0 ? world.anna : world.bert, name));
  }
  world.have(world.bert, "/bert/f", "x");
  REQUIRE(world.remove(world.bert, "/bert/f"));
  world.events();
  REQUIRE(world.trash.empty(chief));
  CHECK(world.events().empty());
  REQUIRE(world.trash.empty(world.bert));
  CHECK(world.events().size() == 61);
  CHECK(world.figures("anna") == "used 60, files 0, entries 60, trash 60, versions 0");
  CHECK(world.waiting(world.bert).empty());
  REQUIRE(world.trash.empty(world.operator_, world.user("bert").id));
  CHECK(world.events().empty());
  REQUIRE(world.trash.empty(world.operator_));
  CHECK(world.events().size() == 60);
  CHECK(world.figures("anna") == "used 0, files 0, entries 0, trash 0, versions 0");
}

TEST_CASE("what has expired is purged by nobody, and what has not stays", "[trash]") {
  KeepingWorld world;
  world.have(world.anna, "/anna/t/a", "12345");
  world.have(world.anna, "/anna/b", "1");
  const auto first = world.discard(world.anna, "/anna/t");
  world.clock.advance(std::chrono::hours{24 * 29});
  world.discard(world.anna, "/anna/b");
  const auto expire = [&] {
    return purge_expired(*world.database, world.audit_log, world.clock, kAlways);
  };
  REQUIRE(expire());
  CHECK(world.events().empty());
  world.clock.step_to(first.expires_at);
  REQUIRE(expire());
  const auto events = world.events();
  REQUIRE(events.size() == 2);
  for (const auto& event : events) {
    CHECK(event.action == "purge");
    CHECK_FALSE(event.user);
  }
  CHECK(world.waiting(world.anna) == Lines{"/anna/b"});
  CHECK(world.figures("anna") == "used 1, files 0, entries 1, trash 1, versions 0");
}

TEST_CASE("an entry that is restored while the expired ones are looked at stays", "[trash]") {
  KeepingWorld world;
  world.have(world.anna, "/anna/a", "1");
  world.have(world.anna, "/anna/b", "1");
  const auto entry = world.discard(world.anna, "/anna/a");
  world.discard(world.anna, "/anna/b");
  world.clock.advance(std::chrono::hours{24 * 30});
  HookedDatabase hooked{*world.database};
  bool is_restored = false;
  hooked.before_write = [&]() -> Result<void> {
    if (!std::exchange(is_restored, true)) CHECK(world.trash.restore(world.anna, entry.id, {}));
    return {};
  };
  REQUIRE(purge_expired(hooked, world.audit_log, world.clock, kAlways));
  CHECK(world.get(world.anna, "/anna/a").value() == "1");
  CHECK(world.waiting(world.anna).empty());
  CHECK(world.figures("anna") == "used 1, files 1, entries 1, trash 0, versions 0");
}

TEST_CASE("the trash of a removed user is purged, and its shares end on record", "[trash]") {
  KeepingWorld world;
  world.have(world.anna, "/anna/t/a", "12345");
  const auto link = world.shares.create(world.anna, {.path = path("/anna/t/a"), .rights = {true}});
  REQUIRE(link);
  world.discard(world.anna, "/anna/t");
  CHECK(error_of(world.users.remove(world.operator_, Username::parse("anna").value(), Purge::no)) ==
        Errc::conflict);
  world.events();
  REQUIRE(world.users.remove(world.operator_, Username::parse("anna").value(), Purge::yes));
  CHECK(world.trash.list(world.operator_, {})->items.size() == 1);
  REQUIRE(purge_expired(*world.database, world.audit_log, world.clock, kAlways));
  std::map<std::string, int> actions;
  for (const auto& event : world.events()) ++actions[event.action];
  CHECK(actions["purge"] == 2);
  CHECK(actions["share_ended"] == 1);
  CHECK(world.trash.list(world.operator_, {})->items.empty());
  CHECK(world.doomed_count() == 1);
}

TEST_CASE("shares that sleep end with the owner of the home, and with who made them", "[trash]") {
  KeepingWorld world;
  world.have(world.anna, "/anna/t/a", "12345");
  world.grant("/anna/t", "bert", Right::read | Rights{Right::share});
  REQUIRE(world.shares.create(world.bert, {.path = path("/anna/t/a"), .rights = {true}}));
  world.discard(world.anna, "/anna/t");
  const auto* leaving = GENERATE("anna", "bert");
  REQUIRE(world.users.remove(world.operator_, Username::parse(leaving).value(), Purge::yes));
  const auto events = world.events();
  CHECK(std::ranges::count(events, "share_ended", &AuditEvent::action) == 1);
}

/// A world over a hooked database, with a tree /anna/t of 1,024 files and 33 directories.
struct Grove {
  Grove() {
    for (int i = 0; i < 32; ++i) world.have(world.anna, "/anna/t/d0/f" + std::to_string(i), "1");
    for (int i = 1; i < 32; ++i) {
      REQUIRE(world.files.copy(world.anna, path("/anna/t/d0"),
                               path("/anna/t/d" + std::to_string(i)), Overwrite::no));
    }
    world.events();
  }
  /// How often each path has an event of `action`.
  std::map<std::string, int> count(const std::string& action) {
    for (const auto& event : world.events()) ++seen[event.action][event.resource.value_or("-")];
    return seen[action];
  }
  /// Each file once, and the whole.
  void check_all(const std::string& action) {
    const auto all = count(action);
    CHECK(all.size() == 1025);
    CHECK(std::ranges::all_of(all, [](const auto& one) { return one.second == 1; }));
  }
  Result<void> write_records() {
    return write_tree_records(hooked, world.clock, std::chrono::seconds{0}, kAlways);
  }

  KeepingWorld world;
  HookedDatabase hooked{*world.database};
  FileService::Dependencies deps{
      hooked, *world.blobs, world.audit_log, *world.journal, world.quotas, world.clock, {}, kKeep};
  FileService files{deps, {}};
  TrashService trash{deps};
  std::map<std::string, std::map<std::string, int>> seen;
};

TEST_CASE("many entries are purged in few transactions, none of which is long", "[trash]") {
  Grove grove;
  auto& world = grove.world;
  const bool expires = GENERATE(false, true);
  for (int i = 0; i < 150; ++i) {
    const auto name = "/anna/f" + std::to_string(i);
    world.have(world.anna, name, "x");
    REQUIRE(world.remove(world.anna, name));
  }
  // Two of 66 rows each: no other begins in a transaction that has removed so many.
  for (const char* name : {"/anna/t/d0", "/anna/t/d1"}) {
    for (int i = 0; i < 32; ++i)
      world.have(world.anna, std::string{name} + "/more" + std::to_string(i), "x");
    REQUIRE(world.remove(world.anna, name));
  }
  world.events();
  if (expires) {
    world.clock.advance(std::chrono::hours{24 * 30});
    REQUIRE(purge_expired(grove.hooked, world.audit_log, world.clock, kAlways));
  } else {
    REQUIRE(grove.trash.empty(world.anna));
  }
  CHECK(world.events().size() == 150 + 2 * 65);
  CHECK(grove.hooked.sizes.size() >= 5);
  CHECK(grove.hooked.sizes.size() <= 7);
  CHECK(std::ranges::all_of(grove.hooked.sizes, [](std::size_t events) { return events <= 130; }));
  CHECK(world.waiting(world.anna).empty());
}

TEST_CASE("entries of many directories are not purged together", "[trash]") {
  Grove grove;
  auto& world = grove.world;
  for (int tree = 0; tree < 3; ++tree) {
    const auto root = "/anna/e" + std::to_string(tree);
    for (int i = 0; i < 70; ++i) world.have_directory(world.anna, root + "/d" + std::to_string(i));
    REQUIRE(world.remove(world.anna, root));
  }
  REQUIRE(grove.trash.empty(world.anna));
  CHECK(grove.hooked.sizes == std::vector<std::size_t>{1, 1, 1});
}

TEST_CASE("a large tree goes to the trash, back and away in transactions that others go between",
          "[trash]") {
  Grove grove;
  auto& world = grove.world;
  int puts = 0;
  int all_puts = 0;
  bool is_inner = false;
  grove.hooked.before_write = [&]() -> Result<void> {
    if (!std::exchange(is_inner, true)) {
      CHECK(world.put(world.bert, "/bert/f" + std::to_string(all_puts++), "x"));
      ++puts;
      is_inner = false;
    }
    return {};
  };
  REQUIRE(grove.files.remove(world.anna, path("/anna/t"), Recursive::yes, {}));
  CHECK(puts > 10);
  grove.check_all("trash");
  puts = 0;
  const auto entry = grove.trash.list(world.anna, {})->items.at(0);
  REQUIRE(grove.trash.restore(world.anna, entry.id, {}));
  CHECK(puts > 10);
  grove.check_all("restore");
  grove.seen.clear();
  REQUIRE(grove.files.remove(world.anna, path("/anna/t"), Recursive::yes, {}));
  puts = 0;
  REQUIRE(grove.trash.empty(world.anna));
  CHECK(puts > 10);
  grove.check_all("purge");
  CHECK(std::ranges::all_of(grove.hooked.sizes, [](std::size_t events) { return events <= 65; }));
  CHECK(world.figures("anna") == "used 0, files 0, entries 0, trash 0, versions 0");
}

TEST_CASE("whenever the writer of a large tree's events stops, none is missing or twice",
          "[trash]") {
  Grove grove;
  auto& world = grove.world;
  int left = 3; // one to see that it is large, one that takes it away, one of its files
  grove.hooked.before_write = [&]() -> Result<void> {
    if (left-- <= 0) return Error{Errc::unavailable, "the power is gone"};
    return {};
  };
  REQUIRE(grove.files.remove(world.anna, path("/anna/t"), Recursive::yes, {}));
  CHECK(grove.count("trash").size() == 1 + 7); // the whole, and of 8 nodes 7 files
  left = 1;
  const auto entry = world.trash.list(world.anna, {})->items.at(0);
  REQUIRE(grove.trash.restore(world.anna, entry.id, {}));
  CHECK(grove.count("restore").size() == 1);

  // Nothing below it changes before all of it is on record; as a whole it may.
  CHECK(error_of(world.put(world.anna, "/anna/t/new", "x")) == Errc::unavailable);
  CHECK(error_of(world.remove(world.anna, "/anna/t/d0")) == Errc::unavailable);
  CHECK(error_of(world.files.move(world.anna, path("/anna/t/d0"), path("/anna/d0"),
                                  Overwrite::no)) == Errc::unavailable);
  CHECK(world.get(world.anna, "/anna/t/d0/f0").value() == "1");
  CHECK(world.files.move(world.anna, path("/anna/t"), path("/anna/s"), Overwrite::no));
  for (int i = 0; i < 40; ++i) {
    left = 1;
    const auto written = grove.write_records();
    if (written) break;
    CHECK(written.error().code == Errc::unavailable);
  }
  left = 1'000'000;
  REQUIRE(grove.write_records());
  grove.check_all("trash");
  grove.check_all("restore");
  CHECK(world.put(world.anna, "/anna/s/new", "x"));
}

TEST_CASE("a purge writes first what is still to be on record of the tree", "[trash]") {
  Grove grove;
  auto& world = grove.world;
  int left = 2;
  grove.hooked.before_write = [&]() -> Result<void> {
    if (left-- <= 0) return Error{Errc::unavailable, "the power is gone"};
    return {};
  };
  REQUIRE(grove.files.remove(world.anna, path("/anna/t"), Recursive::yes, {}));
  const auto entry = world.trash.list(world.anna, {})->items.at(0);
  left = 1'000'000;
  REQUIRE(grove.trash.purge(world.anna, entry.id));
  grove.check_all("trash");
  grove.check_all("purge");
  CHECK(world.figures("anna") == "used 0, files 0, entries 0, trash 0, versions 0");
}

TEST_CASE("a purge removes nothing of a tree while another writes what is to be on record of it",
          "[trash]") {
  Grove grove;
  auto& world = grove.world;
  int left = 2;
  bool is_raced = false;
  grove.hooked.before_write = [&]() -> Result<void> {
    if (left-- <= 0) return Error{Errc::unavailable, "the power is gone"};
    if (!is_raced) return {};
    is_raced = false;
    // The other is one step ahead.
    int steps = 1;
    return write_tree_records(*world.database, world.clock, std::chrono::seconds{0},
                              [&] { return steps-- > 0; });
  };
  REQUIRE(grove.files.remove(world.anna, path("/anna/t"), Recursive::yes, {}));
  const auto entry = world.trash.list(world.anna, {})->items.at(0);
  left = 1;
  REQUIRE(grove.trash.purge(world.anna, entry.id));
  left = 1'000'000;
  is_raced = true;
  REQUIRE(clear_removed_trees(grove.hooked, world.clock, std::chrono::seconds{0}, kAlways));
  CHECK_FALSE(is_raced);
  CHECK(grove.count("purge").size() == 1);
  REQUIRE(grove.write_records());
  REQUIRE(clear_removed_trees(grove.hooked, world.clock, std::chrono::seconds{0}, kAlways));
  grove.check_all("trash");
  grove.check_all("purge");
}

} // namespace
} // namespace baluhost::files_test
