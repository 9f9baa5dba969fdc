#include "baluhost/sqlite/sqlite_database.hpp"
#include "baluhost/test/temporary_directory.hpp"
#include "sql/rights_cases.hpp"

namespace baluhost::test {

TEST_CASE("no use case on SQLite goes on with what another has ended", "[fault-12][fault-12b]") {
  // Thousands of commits, none of which has to outlive this test.
  const std::filesystem::path memory{"/dev/shm"};
  const TemporaryDirectory directory{
      std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path()};
  const auto database =
      value(make_sqlite_database({.path = directory / "baluhost.db", .readers = 2}));
  race_each_pair(*database);
}

} // namespace baluhost::test
