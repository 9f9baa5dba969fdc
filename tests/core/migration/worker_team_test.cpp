#include "migration/rows/worker_team.hpp"

#include <catch2/catch.hpp>

#include <mutex>
#include <stdexcept>
#include <vector>

namespace baluhost::migration {
namespace {

/// Work that notes its number.
class Notes {
 public:
  std::function<Result<void>()> note(int number) {
    return [this, number]() -> Result<void> {
      const std::scoped_lock lock{mutex_};
      seen_.push_back(number);
      return {};
    };
  }
  [[nodiscard]] const std::vector<int>& seen() const { return seen_; }

 private:
  std::mutex mutex_;
  std::vector<int> seen_;
};

} // namespace

TEST_CASE("one worker takes what can run in the order in which it was added") {
  Notes notes;
  WorkerTeam team;
  const auto first = team.add("a", {}, notes.note(1));
  const auto late = team.add("a", {}, notes.note(2));
  team.add("b", {first, late}, notes.note(3));
  team.add("b", {}, notes.note(4));
  REQUIRE(team.run(1, [] {}));
  CHECK(notes.seen() == std::vector{1, 2, 3, 4});
}

TEST_CASE("a piece waits for those that it was added after, however many workers there are") {
  Notes notes;
  WorkerTeam team;
  std::size_t last = team.add("a", {}, notes.note(0));
  for (int i = 1; i < 50; ++i) last = team.add("a", {last}, notes.note(i));
  REQUIRE(team.run(4, [] {}));
  REQUIRE(notes.seen().size() == 50);
  for (int i = 0; i < 50; ++i) CHECK(notes.seen()[static_cast<std::size_t>(i)] == i);
}

TEST_CASE("an error keeps the rest from running, and is told once") {
  Notes notes;
  WorkerTeam team;
  team.add("a", {}, notes.note(1));
  team.add("a", {}, []() -> Result<void> { return Error{Errc::unavailable, "first"}; });
  team.add("a", {}, notes.note(2));
  int stopped = 0;
  const auto done = team.run(1, [&] { ++stopped; });
  REQUIRE_FALSE(done);
  CHECK(done.error().detail == "first");
  CHECK(stopped == 1);
  CHECK(notes.seen() == std::vector{1});
}

TEST_CASE("an exception of a piece is an error") {
  WorkerTeam team;
  team.add("a", {}, []() -> Result<void> { throw std::runtime_error("no memory"); });
  const auto done = team.run(2, [] {});
  REQUIRE_FALSE(done);
  CHECK(done.error().code == Errc::internal);
}

} // namespace baluhost::migration
