#include "baluhost/postgres/postgres_database.hpp"
#include "baluhost/test/postgres_cluster.hpp"
#include "model/random_walk.hpp"
#include "sql/sql_fixture.hpp"

namespace baluhost::test {

TEST_CASE("random operations on PostgreSQL do what the plain model does", "[model]") {
  auto* const cluster = PostgresCluster::shared();
  if (cluster == nullptr) {
    WARN("left out: PostgreSQL is not installed");
    return;
  }
  const auto seed = GENERATE(range(300, 304));
  PostgresOptions options;
  options.url = cluster->url(cluster->make_database());
  const auto database = value(make_postgres_database(options));
  CHECK(walk_at_random(*database, static_cast<std::uint64_t>(seed), 400) == "");
}

} // namespace baluhost::test
