#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/sql_common/argument.hpp"
#include "baluhost/sql_common/columns.hpp"

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
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace baluhost::sql {

class Dialect;
class Connection;
class RememberedLists;

/// What connections of one database remember together of what is busiest in kept days.
std::shared_ptr<RememberedLists> make_remembered_lists();

/// A value of a row. Its address never changes: SOCI writes into it.
struct Slot {
  bool is_text{false};
  long long number{};
  std::string text;
  soci::indicator state{soci::i_null};
};

/// The row that a cursor stands on, read from its first column to its last. A NULL where none may
/// be is a broken row. Reading a number from a text, or the other way round, or past the end is a
/// mistake of ours: std::logic_error.
class Row {
 public:
  explicit Row(std::deque<Slot>& columns) : columns_(columns) {}

  [[nodiscard]] std::int64_t number() { return value(Of::number).number; }
  [[nodiscard]] const std::string& text() { return value(Of::text).text; }
  [[nodiscard]] bool flag() { return number() != 0; }
  [[nodiscard]] std::optional<std::int64_t> maybe_number();
  [[nodiscard]] std::optional<std::string> maybe_text();

  /// A number as an id or a time.
  template <class T>
  [[nodiscard]] std::optional<T> maybe() {
    const auto found = maybe_number();
    return found ? std::optional{T{*found}} : std::nullopt;
  }

  /// Whether the next column is NULL.
  [[nodiscard]] bool is_null() const { return columns_[next_].state == soci::i_null; }
  void skip(std::size_t columns) { next_ += columns; }
  void skip_rest() { next_ = columns_.size(); }
  [[nodiscard]] bool is_read() const { return next_ == columns_.size(); }

 private:
  enum class Of { number, text };
  [[nodiscard]] const Slot& next(Of what);
  [[nodiscard]] const Slot& value(Of what);
  std::deque<Slot>& columns_;
  std::size_t next_{0};
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

/// A prepared statement, and the row that it stands on.
class Statement {
 public:
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  virtual ~Statement() = default;

  /// Runs it; true if there is a row.
  virtual bool execute(std::span<const Argument> arguments) = 0;

  /// Runs it with what is sent next, which tells its failure too. Its rows are dropped.
  virtual void execute_later(std::span<const Argument> arguments) { execute(arguments); }
  /// Goes to the next row; false after the last.
  virtual bool fetch() = 0;

  /// How many rows it changed.
  [[nodiscard]] virtual std::int64_t affected() = 0;

  /// Leaves the rows that are not wanted.
  virtual void end_early() = 0;
  [[nodiscard]] Row row() { return Row(columns_); }

  bool in_use{false};

 protected:
  /// `shape`: a letter for each column, as of `Columns::shape`.
  explicit Statement(std::string_view shape);
  std::deque<Slot> columns_;
};

/// The rows of a select, one after the other. Gives the statement back when it goes.
class Cursor {
 public:
  Cursor(Statement& statement, bool has_row);
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;
  ~Cursor();

  /// False after the last row.
  bool next();
  [[nodiscard]] Row row() const { return statement_.row(); }

 private:
  Statement& statement_;
  bool has_row_;
  bool is_first_{true};
};

/// A connection of SOCI's with its cache of prepared statements, for one thread at a time. SQL is
/// written with `?` for each value; no value ever becomes part of the text. Throws what SOCI
/// throws: wrap every use in `guarded`.
class Connection {
 public:
  Connection(const Dialect& dialect, std::unique_ptr<soci::session> soci);
  virtual ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  [[nodiscard]] const Dialect& dialect() const noexcept { return dialect_; }
  [[nodiscard]] soci::session& soci() noexcept { return *soci_; }

  Cursor select(const Query& query, std::span<const Argument> arguments) {
    return select(query.sql, query.shape, arguments);
  }
  Cursor select(const Query& query, std::initializer_list<Argument> arguments = {}) {
    return select(query, std::span(arguments.begin(), arguments.size()));
  }
  /// Returns the number of rows changed.
  std::int64_t execute(std::string_view sql, std::span<const Argument> arguments);
  std::int64_t execute(std::string_view sql, std::initializer_list<Argument> arguments = {}) {
    return execute(sql, std::span(arguments.begin(), arguments.size()));
  }
  /// Runs it with the next statement or the commit, which tells its failure too: no way to the
  /// server of its own.
  void execute_later(std::string_view sql, std::span<const Argument> arguments);

  /// The first column of the first row; none without a row or for NULL.
  std::optional<std::int64_t> number(std::string_view sql, std::span<const Argument> arguments);
  std::optional<std::int64_t> number(std::string_view sql,
                                     std::initializer_list<Argument> arguments = {}) {
    return number(sql, std::span(arguments.begin(), arguments.size()));
  }

  /// Runs `sql`, a literal, before the next statement, if there is one.
  void put_off(const char* sql) noexcept { put_off_ = sql; }
  /// Forgets what was put off; false if it ran.
  bool take_back() noexcept { return std::exchange(put_off_, nullptr) != nullptr; }

  void forget_statements() { statements_.clear(); }

  /// What the last failure said about this transaction.
  struct Trouble {
    bool retry{false};          ///< a conflict between transactions: the whole work may run again
    bool lost{false};           ///< the connection is gone
    std::optional<Error> error; ///< the first failure; set, the transaction must not commit where
                                ///< the server forbids it
    bool stale{false};          ///< a new connection may fare better
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
  /// When no further statement of the present work may begin, in steady ticks; 0: it takes its
  /// time.
  std::int64_t yields_at{0};
  /// Of all connections of the database; none where nothing is remembered.
  std::shared_ptr<RememberedLists> remembered;
  /// How long a statement may take, by this side's watch.
  std::chrono::milliseconds patience{0};

 private:
  friend class Cursor;
  Cursor select(std::string_view sql, std::string_view shape, std::span<const Argument> arguments);
  Statement& prepared(std::string_view sql, std::string_view shape);

  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Cache = std::unordered_map<std::string, std::vector<std::unique_ptr<Statement>>, TextHash,
                                   std::equal_to<>>;

  const Dialect& dialect_;
  std::unique_ptr<soci::session> soci_;
  Cache statements_;
  const char* put_off_{nullptr};
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

/// What `read` makes of the row that `cursor` stands on. It has to read all of it.
template <class Read>
auto read_row(const Cursor& cursor, const Read& read) {
  Row row = cursor.row();
  auto result = read(row);
  if (!row.is_read()) throw std::logic_error("a row was not read to its end");
  return result;
}

/// All rows of `cursor` through `read`.
template <class Read>
auto all(Cursor cursor, const Read& read) {
  std::vector<decltype(read_row(cursor, read))> rows;
  while (cursor.next()) rows.push_back(read_row(cursor, read));
  return rows;
}

/// The first row of `cursor` through `read`, if there is one.
template <class Read>
auto one(Cursor cursor, const Read& read) {
  std::optional<decltype(read_row(cursor, read))> row;
  if (cursor.next()) row.emplace(read_row(cursor, read));
  return row;
}

/// All rows of `query` through `read`, as a Result of a list; every exception becomes an error.
template <class Read>
auto all_rows(Connection& db, const Query& query, const Arguments& arguments, const Read& read) {
  using Rows = decltype(all(db.select(query, arguments), read));
  return guarded(db, [&]() -> Result<Rows> { return all(db.select(query, arguments), read); });
}

/// The first row of `query` through `read`, as a Result of it or none; every exception becomes an
/// error.
template <class Read>
auto first_row(Connection& db, const Query& query, const Arguments& arguments, const Read& read) {
  using Found = decltype(one(db.select(query, arguments), read));
  return guarded(db, [&]() -> Result<Found> { return one(db.select(query, arguments), read); });
}

/// For rows of one column.
template <class T>
T read_number(Row& row) {
  return T{row.number()};
}
template <class T>
T read_text(Row& row) {
  return T{row.text()};
}

} // namespace baluhost::sql
