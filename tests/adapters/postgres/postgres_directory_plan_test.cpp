#include "sql/directory_plan.hpp"

#include "postgres/own_database.hpp"
#include "postgres/plan_log.hpp"

namespace baluhost::test {

TEST_CASE("a page of a directory in an order walks the index of the order, on PostgreSQL") {
  const auto own = own_database();
  if (!own) return;
  auto options = own->options;
  options.pool_size = 1;
  value(make_postgres_database(options));
  const auto fill = fill_large_directory("generate_series(1, 60000) i", "true");
  own->execute(fill + "; analyze files");
  PlanLog log{own->cluster, own->name};
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
