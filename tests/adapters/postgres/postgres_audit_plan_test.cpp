#include "sql/audit_plan.hpp"

#include "postgres/own_database.hpp"
#include "postgres/plan_log.hpp"

namespace baluhost::test {

TEST_CASE("every page of the trail walks an index, on PostgreSQL", "[spec-59][fault-28]") {
  const auto own = own_database();
  if (!own) return;
  auto options = own->options;
  options.pool_size = 1;
  value(make_postgres_database(options));
  own->execute(fill_for_plans("generate_series(1, 60000) i") + "; analyze audit_logs");
  PlanLog log{own->cluster, own->name};
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
