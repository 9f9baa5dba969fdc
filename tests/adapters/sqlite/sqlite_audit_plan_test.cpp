#include "sql/audit_plan.hpp"

#include "sqlite/statement_trace.hpp"

namespace baluhost::test {

TEST_CASE("every statement of a page of the trail searches an index, on SQLite",
          "[spec-59][fault-28]") {
  TracedDatabase traced;
  StatementTrace& trace = traced.trace;
  RawSqlite& raw = traced.raw;
  raw.rows("pragma synchronous = off;" +
           fill_for_plans("(with recursive n (i) as (select 1 union all select i + 1 from n where "
                          "i < 60000) select i from n)"));
  ask_for_planned_pages(
      *traced.database, [&] { trace.begin(); },
      [&](const PlannedFilter& planned) {
        bool serves = false;
        for (const std::string& sql : trace.end()) {
          if (sql.find("audit_logs") == std::string::npos) continue;
          for (const auto& row : raw.rows("explain query plan " + sql)) {
            const std::string& step = row.at(3);
            INFO(sql << ": " << step);
            if (!step.starts_with("SCAN") && !step.starts_with("SEARCH")) continue;
            if (step.starts_with("SCAN (subquery")) continue;
            // From its end, as far as the page goes; everything else is found.
            CHECK((step.starts_with("SEARCH ") ||
                   step.find("INDEX audit_logs_timestamp") != std::string::npos));
            for (const std::string& index : planned.indexes)
              serves = serves || step.find(" INDEX " + index) != std::string::npos;
          }
        }
        CHECK(serves);
      });
}

} // namespace baluhost::test
