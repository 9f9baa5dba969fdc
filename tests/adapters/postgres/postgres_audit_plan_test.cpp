#include "sql/audit_plan.hpp"

#include "baluhost/postgres/postgres_database.hpp"
#include "postgres/plan_log.hpp"

namespace baluhost::test {

TEST_CASE("every page of the trail walks an index, on PostgreSQL", "[spec-59][fault-28]") {
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
  cluster->execute(name, fill_for_plans("generate_series(1, 60000) i") + "; analyze audit_logs");
  PlanLog log{*cluster, name};
  const auto database = value(make_postgres_database(options));
  ask_for_planned_pages(
      *database, [&] { log.read_on(); },
      [&](const PlannedFilter& planned) {
        value(database->status()); // what the one session did before it is in the log then
        const std::string plan = log.read_on();
        INFO(plan);
        CHECK(plan.find("Seq Scan on audit_logs") == std::string::npos);
        bool serves = false;
        for (const std::string& index : planned.indexes)
          serves = serves || plan.find(" " + index + " ") != std::string::npos;
        CHECK(serves);
      });
}

} // namespace baluhost::test
