#include "sql/audit_plan.hpp"

#include "baluhost/sqlite/sqlite_database.hpp"
#include "baluhost/test/temporary_directory.hpp"

namespace baluhost::test {
namespace {

std::vector<std::string>* statements = nullptr; ///< where those of every connection go

int note_statement(unsigned, void*, void* statement, void*) {
  char* sql = sqlite3_expanded_sql(static_cast<sqlite3_stmt*>(statement));
  if (statements != nullptr && sql != nullptr) statements->emplace_back(sql);
  sqlite3_free(sql);
  return 0;
}

int watch(sqlite3* connection, const char**, const void*) {
  return sqlite3_trace_v2(connection, SQLITE_TRACE_STMT, note_statement, nullptr);
}

} // namespace

TEST_CASE("every statement of a page of the trail searches an index, on SQLite",
          "[spec-59][fault-28]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "baluhost.db";
  const auto hook = reinterpret_cast<void (*)()>(&watch); // as sqlite3_auto_extension has it
  sqlite3_auto_extension(hook);
  const auto database = value(make_sqlite_database({.path = path, .readers = 1}));
  RawSqlite raw(path);
  raw.rows("pragma synchronous = off;" +
           fill_for_plans("(with recursive n (i) as (select 1 union all select i + 1 from n where "
                          "i < 60000) select i from n)"));
  std::vector<std::string> seen;
  ask_for_planned_pages(
      *database,
      [&] {
        seen.clear();
        statements = &seen;
      },
      [&](const PlannedFilter& planned) {
        statements = nullptr;
        bool serves = false;
        for (const std::string& sql : seen) {
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
  sqlite3_cancel_auto_extension(hook);
}

} // namespace baluhost::test
