#include "model/random_walk.hpp"
#include "postgres/own_database.hpp"
#include "sql/sql_fixture.hpp"

namespace baluhost::test {

TEST_CASE("random operations on PostgreSQL do what the plain model does", "[model]") {
  const auto own = own_database();
  if (!own) return;
  const auto seed = GENERATE(range(300, 300 + model_walks(4)));
  const auto database = value(make_postgres_database(own->options));
  CHECK(walk_at_random(*database, static_cast<std::uint64_t>(seed), 400) == "");
}

} // namespace baluhost::test
