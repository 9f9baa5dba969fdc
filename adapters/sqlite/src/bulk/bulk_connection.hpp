#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/sqlite/sqlite_bulk_store.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost::sqlite {

struct StatementDeleter {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, StatementDeleter>;

/// The bytes of a column where they lie, until the statement goes on.
std::string_view view_of(sqlite3_stmt* row, int column);
/// A copy of them; "" for null.
std::string text_of(sqlite3_stmt* row, int column);

/// A connection through SQLite's own interface. Errors are unavailable, with what SQLite says.
class BulkConnection {
 public:
  enum class Access { read, write };

  /// Makes the file (0600) where it is not there and `access` is write. not_found, unavailable.
  static Result<std::shared_ptr<BulkConnection>> open(const std::string& path, SqliteFile file,
                                                      Access access);

  [[nodiscard]] sqlite3* handle() const { return database_.get(); }
  [[nodiscard]] const std::string& path() const { return path_; }
  /// Whether `open` made the file.
  [[nodiscard]] bool made_file() const { return made_file_; }
  [[nodiscard]] bool is_open() const { return database_ != nullptr; }
  void close() { database_.reset(); }

  [[nodiscard]] Error failure() const;
  Result<Statement> prepare(const std::string& sql) const;
  Result<void> execute(const std::string& sql) const;

  /// Runs one statement with texts for its parameters.
  Result<void> execute(const std::string& sql, const std::vector<std::string>& values) const;

  /// The first value of the last row as a number; 0 without rows.
  Result<std::int64_t> number(const std::string& sql) const;

  /// Calls `visit` with the statement at each row.
  template <class Visit>
  Result<void> each(const std::string& sql, Visit visit) const {
    BALUHOST_TRY(const Statement statement, prepare(sql));
    for (;;) {
      const int status = sqlite3_step(statement.get());
      if (status == SQLITE_DONE) return {};
      if (status != SQLITE_ROW) return failure();
      visit(statement.get());
    }
  }

 private:
  struct DatabaseDeleter {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };

  std::unique_ptr<sqlite3, DatabaseDeleter> database_;
  std::string path_;
  bool made_file_{false};
};

} // namespace baluhost::sqlite
