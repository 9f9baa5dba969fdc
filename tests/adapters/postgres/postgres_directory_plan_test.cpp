#include "sql/directory_plan.hpp"

#include "baluhost/postgres/postgres_database.hpp"
#include "postgres/plan_log.hpp"

namespace baluhost::test {

TEST_CASE("a page of a directory in an order walks the index of the order, on PostgreSQL") {
  PostgresCluster* const cluster = PostgresCluster::shared();
  if (cluster == nullptr) {
    WARN("left out: PostgreSQL is not installed");
    return;
  }
  const std::string name = cluster->make_database();
  PostgresOptions options;
  options.url = cluster->url(name);
  options.pool_size = 1;
  value(make_postgres_database(options));
  const auto fill = fill_large_directory("generate_series(1, 60000) i", "true");
  cluster->execute(name, fill + "; analyze files");
  PlanLog log{*cluster, name};
  const auto database = value(make_postgres_database(options));
  read_planned_orders(
      *database, [&] { log.read_on(); },
      [&](const PlannedOrder& planned) {
        value(database->status()); // what the one session did before it is in the log then
        const std::string plan = log.read_on();
        INFO(plan);
        CHECK(plan.find("Seq Scan on files") == std::string::npos);
        CHECK(plan.find("Sort ") == std::string::npos);
        CHECK(plan.find(" " + planned.index + " ") != std::string::npos);
      });
}

} // namespace baluhost::test
