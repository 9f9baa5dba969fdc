#include "runtime/query_places.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <vector>

namespace baluhost::http {
namespace {

struct World {
  QueryPlaces places{2};
  std::string ready; ///< in which order waiters got their places

  std::shared_ptr<QueryPlaces::Waiter> waiter(char name) {
    return std::make_shared<QueryPlaces::Waiter>([this, name] { ready += name; });
  }
};

using Entered = QueryPlaces::Entered;

TEST_CASE("one of an account is at a query, and others of it wait in order", "[fault-11b]") {
  World world;
  const auto a = world.waiter('a'), b = world.waiter('b'), c = world.waiter('c'),
             d = world.waiter('d');
  REQUIRE(world.places.enter(1, a) == Entered::has_place);
  std::optional place{world.places.collect(1, a)};
  REQUIRE(*place);
  CHECK(world.places.enter(1, b) == Entered::waits);
  CHECK(world.places.enter(1, c) == Entered::waits);
  SECTION("another account has its place at once") {
    CHECK(world.places.enter(2, d) == Entered::has_place);
    CHECK(world.places.collect(2, d));
  }
  SECTION("the next goes on when a place is left, and not before") {
    CHECK(world.ready.empty());
    place.reset();
    CHECK(world.ready == "b");
    place = world.places.collect(1, b);
    REQUIRE(*place);
    CHECK(world.ready == "b");
    place.reset();
    CHECK(world.ready == "bc");
    CHECK(world.places.collect(1, c));
  }
  SECTION("who gives up is not waited for") {
    CHECK_FALSE(world.places.collect(1, b));
    place.reset();
    CHECK(world.ready == "c");
  }
}

TEST_CASE("accounts take turns, however many of one wait", "[fault-11b]") {
  World world;
  std::vector<std::shared_ptr<QueryPlaces::Waiter>> crowd;
  for (int i = 0; i < 5; ++i) {
    crowd.push_back(world.waiter('a'));
    world.places.enter(1, crowd.back());
  }
  const auto b = world.waiter('b'), c = world.waiter('c'), d = world.waiter('d');
  REQUIRE(world.places.enter(2, b) == Entered::has_place);
  CHECK(world.places.enter(3, c) == Entered::waits);
  CHECK(world.places.enter(4, d) == Entered::waits);
  { const auto place = world.places.collect(1, crowd[0]); }
  CHECK(world.ready == "c");
  { const auto place = world.places.collect(3, c); }
  CHECK(world.ready == "cd");
  { const auto place = world.places.collect(4, d); }
  CHECK(world.ready == "cda");
}

TEST_CASE("only so many of one account wait", "[fault-11b]") {
  World world;
  const auto first = world.waiter('a');
  REQUIRE(world.places.enter(1, first) == Entered::has_place);
  for (std::size_t i = 0; i < QueryPlaces::kMostWaiting; ++i)
    REQUIRE(world.places.enter(1, world.waiter('b')) == Entered::waits);
  CHECK(world.places.enter(1, world.waiter('c')) == Entered::refused);
  CHECK(world.places.enter(2, world.waiter('d')) == Entered::has_place);
}

} // namespace
} // namespace baluhost::http
