#include "baluhost/memory/memory_database.hpp"
#include "model/random_walk.hpp"

#include <catch2/catch.hpp>

namespace baluhost::test {

TEST_CASE("random operations on memory do what the plain model does", "[model]") {
  const auto seed = GENERATE(range(100, 100 + model_walks(10)));
  const auto database = make_memory_database();
  CHECK(walk_at_random(*database, static_cast<std::uint64_t>(seed), 1000) == "");
}

} // namespace baluhost::test
