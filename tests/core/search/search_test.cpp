#include "fixtures/files_fixture.hpp"
#include "search/search_position.hpp"

#include <algorithm>
#include <set>

namespace baluhost::files_test {
namespace {

using Paths = std::vector<std::string>;

/// Searches with `limit` a page and sees whether that bounds each page.
struct Seeker {
  World& world;
  const Principal& who;
  std::size_t limit{100};
  std::size_t pages{0};

  Paths find(std::string_view words, const std::optional<FilePath>& root = std::nullopt) {
    Paths paths;
    PageRequest request{.limit = limit, .cursor = {}};
    pages = 0;
    do {
      const auto page = world.files.search(who, NameQuery::parse(words).value(), root, request);
      REQUIRE(page);
      CHECK(page->items.size() <= limit);
      for (const auto& info : page->items) paths.push_back(info.path.str());
      request.cursor = page->next_cursor;
      REQUIRE(++pages < 500);
    } while (request.cursor);
    return paths;
  }
};

/// What a change is recorded with that none of these tests looks at.
NewAuditEvent some_event() { return {.action = Action::create_directory}; }

/// `count` directories named `word` and a number in `parent`, without their events.
void have_many(World& world, const std::string& parent, const std::string& word, int count) {
  REQUIRE(world.inner->write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_TRY(const auto above, tx.files().resolve(path(parent)));
    const auto& directory = above.found.back();
    for (int i = 0; i < count; ++i) {
      BALUHOST_CHECK(tx.files().insert({.parent = directory.id,
                                        .name = FileName::parse(word + std::to_string(i)).value(),
                                        .kind = FileKind::directory,
                                        .owner = directory.owner,
                                        .created_at = world.clock.now(),
                                        .modified_at = world.clock.now()}));
    }
    return AuditEvents{some_event()};
  }));
}

TEST_CASE("names that fit in one window come in one order, whatever the pages") {
  World world;
  const auto anna = world.enter("anna");
  for (const char* one : {"/anna/z/plan", "/anna/a/plan", "/anna/a/my plan", "/anna/a/explanation",
                          "/anna/z/plan 2", "/anna/b/planet"})
    world.have_directory(anna, one);
  const Paths ordered{"/anna/a/plan",   "/anna/z/plan",    "/anna/b/planet",
                      "/anna/z/plan 2", "/anna/a/my plan", "/anna/a/explanation"};
  for (const std::size_t limit : {1U, 2U, 5U, 100U})
    CHECK(Seeker{world, anna, limit}.find("plan") == ordered);
}

TEST_CASE("of very many matches whole names come first, then beginnings, and each comes once") {
  World world;
  const auto anna = world.enter("anna");
  world.have_directory(anna, "/anna/old/plan");
  world.have_directory(anna, "/anna/old/planet");
  have_many(world, "/anna/old", "a plan ", 2500);
  world.have_directory(anna, "/anna/new/plan");
  for (const std::size_t limit : {333U, 1000U}) {
    const auto found = Seeker{world, anna, limit}.find("plan");
    CHECK(found.size() == 2503);
    CHECK(std::set(found.begin(), found.end()).size() == 2503);
    CHECK(found.at(0) == "/anna/new/plan");
    CHECK(found.at(1) == "/anna/old/plan");
    CHECK(found.at(2) == "/anna/old/planet");
    // Then windows: the newest names first, each in its order. The first has what was left of the
    // newest thousand.
    CHECK(found.at(3) == "/anna/old/a plan 1501");
    CHECK(found.at(1001) == "/anna/old/a plan 2499");
    CHECK(found.at(1002) == "/anna/old/a plan 1000");
  }
}

TEST_CASE("a cursor goes on in its window, whatever comes and goes in between") {
  World world;
  const auto anna = world.enter("anna");
  have_many(world, "/anna", "item ", 1800);
  const auto query = NameQuery::parse("item").value();
  const auto first = world.files.search(anna, query, std::nullopt, {.limit = 700, .cursor = {}});
  REQUIRE(first);
  have_many(world, "/anna", "newer item ", 1500);
  std::set<std::string> seen;
  for (const auto& info : first->items) seen.insert(info.path.str());
  auto cursor = first->next_cursor;
  while (cursor) {
    const auto page =
        world.files.search(anna, query, std::nullopt, {.limit = 700, .cursor = cursor});
    REQUIRE(page);
    for (const auto& info : page->items)
      CHECK((seen.insert(info.path.str()).second || info.path.str().starts_with("/anna/newer")));
    cursor = page->next_cursor;
  }
  for (int i = 0; i < 1800; ++i) CHECK(seen.contains("/anna/item " + std::to_string(i)));
}

TEST_CASE("a page ends where too much was read for nothing, and the next goes on") {
  World world;
  const auto anna = world.enter("anna");
  world.have_directory(anna, "/anna/here/item");
  world.have_directory(anna, "/anna/there");
  have_many(world, "/anna/there", "item ", 25'000);
  Seeker seeker{world, anna};
  CHECK(seeker.find("item", path("/anna/here")) == Paths{"/anna/here/item"});
  CHECK(seeker.pages == 1);
  // The whole of it in the trash: read, never shown.
  REQUIRE(world.inner->write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_TRY(const auto there, tx.files().resolve(path("/anna/there")));
    const auto& root = there.found.back();
    BALUHOST_CHECK(tx.trash().put(NewTrashEntry{.root = root.id,
                                                .owner = root.owner,
                                                .parent = root.parent,
                                                .path = path("/anna/there"),
                                                .size = 0,
                                                .version_bytes = 0,
                                                .file_count = 0,
                                                .deleter = root.owner,
                                                .deleted_by = "anna",
                                                .deleted_at = world.clock.now(),
                                                .expires_at = world.clock.now()}));
    return AuditEvents{some_event()};
  }));
  CHECK(seeker.find("item") == Paths{"/anna/here/item"});
  CHECK(seeker.pages > 1);
}

TEST_CASE("a refused search is on record, with what it lacked") {
  World world;
  const auto anna = world.enter("anna");
  const auto bert = world.enter("bert");
  world.have_directory(anna, "/anna/box");
  const auto query = NameQuery::parse("box").value();
  const auto refused = world.files.search(bert, query, path("/anna/box"), {});
  CHECK(error_of(refused) == Errc::not_found);
  CHECK(world.event().action == "access_denied");
  const auto missing = world.files.search(anna, query, path("/anna/none"), {});
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == Errc::not_found);
  const auto foreign = world.files.search(anna, query, std::nullopt, {.limit = 10, .cursor = "x"});
  REQUIRE_FALSE(foreign);
  CHECK(foreign.error().code == Errc::invalid_request);
}

TEST_CASE("a key that may not read finds nothing in its owner's home") {
  World world;
  const auto anna = world.enter("anna");
  world.have_directory(anna, "/anna/box");
  const auto by_key = [&](Scope scope) {
    const auto key = world.keys.create(anna, {.name = "k", .scopes = Scopes{scope}});
    return world.auth.authenticate(key.value().secret.reveal(), anna.client()).value();
  };
  const auto reader = by_key(Scope::files_read);
  const auto writer = by_key(Scope::files_write);
  CHECK(Seeker{world, reader}.find("box") == Paths{"/anna/box"});
  CHECK(Seeker{world, writer}.find("box").empty());
}

TEST_CASE("a position is read from its key as it was written, and nothing else is") {
  const SearchPosition position{
      .window = {.part = NameQuery::Part::rest, .from = FileId{77}, .to = FileId{3}},
      .relevance = Relevance::words,
      .path = "/anna/a b"};
  const auto read = SearchPosition::parse(position.key());
  REQUIRE(read);
  CHECK(read->key() == position.key());
  CHECK(read->path == "/anna/a b");
  for (const char* bad : {"", "0", "0 0 0 0", "4 0 0 0 ", "-1 0 0 0 ", "0 0 0 4 ", "0 -1 0 0 ",
                          "0 x 0 0 ", "0 99999999999999999999 0 0 "}) {
    INFO(bad);
    CHECK_FALSE(SearchPosition::parse(bad));
  }
}

TEST_CASE("the relevance of a name is how its key holds the words") {
  const auto query = NameQuery::parse("Annual Plan").value();
  CHECK(relevance_of(query, "annual plan") == Relevance::whole_name);
  CHECK(relevance_of(query, "annual plan.pdf") == Relevance::beginning);
  CHECK(relevance_of(query, "my plan, annual") == Relevance::words);
  CHECK(relevance_of(query, "biannual plan") == Relevance::inside);
}

} // namespace
} // namespace baluhost::files_test
