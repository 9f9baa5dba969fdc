#include "sql/directory_plan.hpp"

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

TEST_CASE("a page of a directory in an order walks the index of the order, on SQLite") {
  const TemporaryDirectory directory;
  const std::string path = directory / "baluhost.db";
  const auto hook = reinterpret_cast<void (*)()>(&watch); // as sqlite3_auto_extension has it
  sqlite3_auto_extension(hook);
  const auto database = value(make_sqlite_database({.path = path, .readers = 1}));
  RawSqlite raw(path);
  raw.rows("pragma synchronous = off;" +
           fill_large_directory("(with recursive n (i) as (select 1 union all select i + 1 from n "
                                "where i < 60000) select i from n)",
                                "1"));
  std::vector<std::string> seen;
  read_planned_orders(
      *database,
      [&] {
        seen.clear();
        statements = &seen;
      },
      [&](const PlannedOrder& planned) {
        statements = nullptr;
        bool serves = false;
        for (const std::string& sql : seen) {
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
  sqlite3_cancel_auto_extension(hook);
}

} // namespace baluhost::test
