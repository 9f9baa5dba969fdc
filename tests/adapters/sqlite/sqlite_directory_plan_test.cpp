#include "sql/directory_plan.hpp"

#include "sqlite/statement_trace.hpp"

namespace baluhost::test {

TEST_CASE("a page of a directory in an order walks the index of the order, on SQLite") {
  TracedDatabase traced;
  StatementTrace& trace = traced.trace;
  RawSqlite& raw = traced.raw;
  raw.rows("pragma synchronous = off;" +
           fill_large_directory("(with recursive n (i) as (select 1 union all select i + 1 from n "
                                "where i < 60000) select i from n)",
                                "1"));
  read_planned_orders(
      *traced.database, [&] { trace.begin(); },
      [&](const PlannedOrder& planned) {
        bool serves = false;
        for (const std::string& sql : trace.end()) {
          if (sql.find("from files") == std::string::npos) continue;
          for (const auto& row : raw.rows("explain query plan " + sql)) {
            INFO(sql << ": " << row.at(3));
            CHECK(row.at(3).find("INDEX files_by_") != std::string::npos);
            CHECK(row.at(3).starts_with("SEARCH "));
            serves = serves || row.at(3).find(planned.index) != std::string::npos;
          }
        }
        CHECK(serves);
      });
}

} // namespace baluhost::test
