#include "sql/audit_plan.hpp"

#include "postgres/plan_log.hpp"

namespace baluhost::test {

TEST_CASE("every page of the trail walks an index, on PostgreSQL", "[spec-59][fault-28]") {
  const auto own = own_database();
  if (!own) return;
  PlannedDatabase database{*own,
                           fill_for_plans("generate_series(1, 60000) i") + "; analyze audit_logs"};
  ask_for_planned_pages(
      *database, [&] { database.begin(); },
      [&](const PlannedFilter& planned) {
        const std::string plan = database.plan();
        INFO(plan);
        CHECK(plan.find("Seq Scan on audit_logs") == std::string::npos);
        bool serves = false;
        for (const std::string& index : planned.indexes)
          serves = serves || plan.find(" " + index + " ") != std::string::npos;
        CHECK(serves);
      });
}

} // namespace baluhost::test
