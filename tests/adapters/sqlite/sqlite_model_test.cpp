#include "baluhost/sqlite/sqlite_database.hpp"
#include "baluhost/test/temporary_directory.hpp"
#include "model/random_walk.hpp"
#include "sql/sql_fixture.hpp"

namespace baluhost::test {

TEST_CASE("random operations on SQLite do what the plain model does", "[model]") {
  const auto seed = GENERATE(range(200, 200 + model_walks(10)));
  // Thousands of commits, none of which has to outlive this test.
  const std::filesystem::path memory{"/dev/shm"};
  const TemporaryDirectory directory{
      std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path()};
  const auto database =
      value(make_sqlite_database({.path = directory / "baluhost.db", .readers = 2}));
  CHECK(walk_at_random(*database, static_cast<std::uint64_t>(seed), 1000) == "");
}

} // namespace baluhost::test
