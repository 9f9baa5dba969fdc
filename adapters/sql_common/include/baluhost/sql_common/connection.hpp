#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/sql_common/argument.hpp"

#include <soci/soci.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace baluhost::sql {

class Dialect;
class Connection;

/// A buffer that SOCI reads from or writes into; its address never changes.
struct Slot {
  long long number{};
  std::string text;
  soci::indicator state{soci::i_null};
};

/// The row a cursor stands on. Columns count from 0. A NULL where none may be is a broken row.
class Row {
 public:
  explicit Row(std::deque<Slot>& columns) : columns_(columns) {}
  [[nodiscard]] bool is_null(std::size_t column) const {
    return columns_[column].state == soci::i_null;
  }
  [[nodiscard]] std::int64_t number(std::size_t column) const { return slot(column).number; }
  [[nodiscard]] const std::string& text(std::size_t column) const { return slot(column).text; }
  [[nodiscard]] std::optional<std::int64_t> maybe_number(std::size_t column) const;
  [[nodiscard]] std::optional<std::string> maybe_text(std::size_t column) const;

 private:
  [[nodiscard]] const Slot& slot(std::size_t column) const;
  std::deque<Slot>& columns_;
};

/// Thrown inside the adapter only, for a row that breaks the rules of the domain; becomes internal.
struct BrokenRow : std::exception {
  [[nodiscard]] const char* what() const noexcept override {
    return "a row breaks the rules of its table";
  }
};

/// A value read from a row, which the domain has to accept.
template <class T>
T accepted(Result<T> parsed) {
  if (!parsed) throw BrokenRow{};
  return *std::move(parsed);
}

/// A prepared statement with the buffers it is bound to.
class Statement {
 public:
  Statement(soci::session& session, const std::string& sql, std::string_view shape,
            std::span<const Argument> arguments);
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  bool execute(std::span<const Argument> arguments);
  bool fetch() { return statement_.fetch(); }
  [[nodiscard]] std::int64_t affected() { return statement_.get_affected_rows(); }
  [[nodiscard]] soci::statement& native() noexcept { return statement_; }
  [[nodiscard]] Row row() { return Row(columns_); }

  bool in_use{false};

 private:
  std::deque<Slot> inputs_;
  std::deque<Slot> columns_;
  soci::statement statement_;
};

/// The rows of a select, one after the other. Gives the statement back when it goes.
class Cursor {
 public:
  Cursor(Connection& connection, Statement& statement, bool has_row);
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;
  ~Cursor();

  /// False behind the last row.
  bool next();
  [[nodiscard]] Row row() const { return statement_.row(); }

 private:
  Connection& connection_;
  Statement& statement_;
  bool has_row_;
  bool is_first_{true};
};

/// A SOCI session with its cache of prepared statements, for one thread at a time. SQL is written
/// with `?` for each value; no value ever becomes part of the text. Throws what SOCI throws: wrap
/// every use in `guarded`.
class Connection {
 public:
  Connection(const Dialect& dialect, std::unique_ptr<soci::session> session);
  ~Connection();

  [[nodiscard]] const Dialect& dialect() const noexcept { return dialect_; }
  [[nodiscard]] soci::session& session() noexcept { return *session_; }

  /// `shape` has a letter for each column: n for a number, t for a text.
  Cursor select(std::string_view sql, std::string_view shape, std::span<const Argument> arguments);
  Cursor select(std::string_view sql, std::string_view shape,
                std::initializer_list<Argument> arguments = {}) {
    return select(sql, shape, std::span(arguments.begin(), arguments.size()));
  }
  /// Gives the number of rows changed.
  std::int64_t execute(std::string_view sql, std::span<const Argument> arguments);
  std::int64_t execute(std::string_view sql, std::initializer_list<Argument> arguments = {}) {
    return execute(sql, std::span(arguments.begin(), arguments.size()));
  }
  /// The first column of the first row; none without a row or for NULL.
  std::optional<std::int64_t> number(std::string_view sql,
                                     std::initializer_list<Argument> arguments = {});

  void forget_statements() { statements_.clear(); }

  /// What the last failure said about this transaction.
  struct Trouble {
    bool retry{false};          ///< a conflict between transactions: the whole work may run again
    bool lost{false};           ///< the connection is gone
    std::optional<Error> error; ///< the first failure; set, the transaction must not commit where
                                ///< the server forbids it
  };
  Trouble trouble;

  /// Locks that the open transaction holds, so that they are asked for once.
  struct Held {
    bool roles{false};
    std::vector<UserId> homes;
  };
  Held held;

  /// When the statement that is under way began, and when it has taken too long, in steady ticks; 0
  /// while none is. For a watchdog on another thread.
  std::atomic<std::int64_t> began_at{0};
  std::atomic<std::int64_t> overdue_at{0};
  /// How long a statement may take, by this side's watch.
  std::chrono::milliseconds patience{0};

 private:
  friend class Cursor;
  Statement& prepared(std::string_view sql, std::string_view shape,
                      std::span<const Argument> arguments);

  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Cache = std::unordered_map<std::string, std::vector<std::unique_ptr<Statement>>, TextHash,
                                   std::equal_to<>>;

  const Dialect& dialect_;
  std::unique_ptr<soci::session> session_;
  Cache statements_;
};

/// The current exception as an error; remembers in `connection.trouble` what it means for the
/// transaction.
Error caught(Connection& connection) noexcept;

/// Runs `work`, which returns a Result; every exception becomes an error.
template <class Work>
auto guarded(Connection& connection, const Work& work) -> decltype(work()) {
  try {
    return work();
  } catch (...) {
    return caught(connection);
  }
}

/// All rows of `cursor` through `read`.
template <class Read>
auto all(Cursor cursor, const Read& read) {
  std::vector<decltype(read(cursor.row()))> rows;
  while (cursor.next()) rows.push_back(read(cursor.row()));
  return rows;
}

/// The first row of `cursor` through `read`, if there is one.
template <class Read>
auto one(Cursor cursor, const Read& read) {
  std::optional<decltype(read(cursor.row()))> row;
  if (cursor.next()) row.emplace(read(cursor.row()));
  return row;
}

} // namespace baluhost::sql
