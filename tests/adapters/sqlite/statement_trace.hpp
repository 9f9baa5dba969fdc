#pragma once

#include "baluhost/sqlite/sqlite_database.hpp"
#include "baluhost/test/temporary_directory.hpp"
#include "sql/sql_fixture.hpp"

#include <sqlite3.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace baluhost::test {

/// The statements, with their values, of every SQLite connection that is opened while this lives;
/// noted from `begin` to `end`. One at a time, and one thread at a time.
class StatementTrace {
 public:
  StatementTrace() { sqlite3_auto_extension(hook()); }
  ~StatementTrace() {
    noted() = nullptr;
    sqlite3_cancel_auto_extension(hook());
  }
  StatementTrace(const StatementTrace&) = delete;
  StatementTrace& operator=(const StatementTrace&) = delete;

  void begin() {
    seen_.clear();
    noted() = &seen_;
  }
  std::vector<std::string> end() {
    noted() = nullptr;
    return std::exchange(seen_, {});
  }

 private:
  static std::vector<std::string>*& noted() {
    static std::vector<std::string>* where = nullptr;
    return where;
  }
  static int note(unsigned, void*, void* statement, void*) {
    char* sql = sqlite3_expanded_sql(static_cast<sqlite3_stmt*>(statement));
    if (noted() != nullptr && sql != nullptr) noted()->emplace_back(sql);
    sqlite3_free(sql);
    return 0;
  }
  static int watch(sqlite3* connection, const char**, const void*) {
    return sqlite3_trace_v2(connection, SQLITE_TRACE_STMT, note, nullptr);
  }
  /// As sqlite3_auto_extension has it.
  static void (*hook())() { return reinterpret_cast<void (*)()>(&watch); }

  std::vector<std::string> seen_;
};

/// A new database whose statements are traced, with a way to its file past BaluHost.
struct TracedDatabase {
  TemporaryDirectory directory;
  std::string path{directory / "baluhost.db"};
  StatementTrace trace;
  std::unique_ptr<Database> database{value(make_sqlite_database({.path = path, .readers = 1}))};
  RawSqlite raw{path};
};

} // namespace baluhost::test
