#pragma once

#include "baluhost/domain/function_ref.hpp"
#include "baluhost/domain/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace baluhost {

/// The words of a `BulkStore`: whole tables, row by row.
namespace bulk {

/// The types that columns have in both databases.
enum class ColumnType { integer, small_integer, boolean, text };

/// A column of a table.
struct Column {
  std::string_view name;
  ColumnType type{ColumnType::text};
  bool nullable{false};
  std::size_t limit{0}; ///< characters; 0: none
  bool compared{true};  ///< false: a running server changes it all the time
};

/// How the rows of a table come and go, which decides how a later pass catches up.
enum class Growth {
  appended, ///< rows never change and keys only grow: what is new lies after the last key
  rewritten ///< rows change: a pass copies all of them
};

/// What a table holds, where a user of a store reads it. The columns begin in the order given here.
enum class Content {
  other,
  events,    ///< id, timestamp, type, action, user, resource, success, error message, details,
             ///< IP address, user agent
  leaves,    ///< sequence, event id, leaf in hex
  seals,     ///< number, first sequence, last sequence, count, root and previous in hex, time of
             ///< sealing, recovered, key id, signature in hex
  prunes,    ///< last seal, last sequence, events, time of pruning, key id, signature in hex
  servers,   ///< one row for each server that runs or died
  statistics ///< sums over the events, a row for each group
};

/// A table with its columns.
struct Table {
  std::string_view name;
  std::vector<Column> columns;
  std::size_t key{1}; ///< so many of the first columns are the key, which orders the rows
  Growth growth{Growth::rewritten};
  bool has_identity{false}; ///< the database assigns the first column
  bool derived{false};      ///< follows from other tables' rows, and may fill with them
  Content content{Content::other};
};

/// The value of a column: none, a number or text.
using Cell = std::variant<std::monostate, std::int64_t, std::string_view>;
using Row = std::vector<Cell>; ///< a cell for each column, in the table's order

/// Takes rows one by one; an error of its ends the reading.
using RowSink = FunctionRef<Result<void>(const Row&)>;

/// Which rows of a table, in the order of its key.
struct Range {
  std::optional<std::int64_t> after{}; ///< only larger keys; for keys of one integer
  std::int64_t limit{0};               ///< so many at most; 0: all
};

/// Something that must be mended before rows can move, or that is not as it was.
struct Finding {
  std::string table;
  std::string column;
  std::string row;
  std::string problem;
};

/// How far the migration into a database is.
enum class RunState { none, running, failed, done };

/// What a database remembers of a migration into it.
struct Run {
  RunState state{RunState::none};
  std::string source; ///< without secrets
};

/// A key, an index, a reference or a trigger.
struct SchemaPart {
  /// What it is.
  enum class Kind { key, index, reference };

  Kind kind{Kind::index};
  std::string table;
  std::string name;
  std::string statement; ///< for the store that named the part
};

} // namespace bulk

/// Reads the rows of a database through a connection of its own. Writes nothing. One thread at a
/// time. Errors are unavailable, with a sentence of the database's in `detail`, which holds no
/// secret.
class BulkReader {
 public:
  virtual ~BulkReader() = default;

  /// Returns the version of the schema that is there, 0 for an empty database. conflict: the
  /// database is another program's.
  [[nodiscard]] virtual Result<std::int64_t> schema_version() = 0;

  /// Returns unknown and missing tables and columns.
  [[nodiscard]] virtual Result<std::vector<bulk::Finding>> structure() = 0;

  /// Returns what the database itself finds: broken pages, references and keys.
  [[nodiscard]] virtual Result<std::vector<bulk::Finding>> damage() = 0;

  /// Everything read until `end_snapshot` is of one moment.
  [[nodiscard]] virtual Result<void> begin_snapshot() = 0;
  virtual void end_snapshot() = 0;

  /// Returns whether anything was, or may have been, written since the last snapshot began. Outside
  /// of a snapshot only.
  [[nodiscard]] virtual Result<bool> changed() = 0;

  /// Calls `sink` with each row of `table` in `range`, by key. A row lives for that call. A value
  /// of another type than its column's is a cell of another type too. Returns the error of `sink`
  /// as it is.
  [[nodiscard]] virtual Result<void> scan(const bulk::Table& table, bulk::Range range,
                                          bulk::RowSink sink) = 0;
  [[nodiscard]] virtual Result<std::int64_t> count(const bulk::Table& table) = 0;

  /// Return the bounds of the keys of an appended table, none if it is empty.
  [[nodiscard]] virtual Result<std::optional<std::int64_t>> least_key(const bulk::Table& table) = 0;
  [[nodiscard]] virtual Result<std::optional<std::int64_t>> greatest_key(
      const bulk::Table& table) = 0;

  /// Returns the last identity that was assigned in a table that has them, 0 for none.
  [[nodiscard]] virtual Result<std::int64_t> last_identity(const bulk::Table& table) = 0;
};

/// Fills a database through a connection of its own. One thread at a time. Errors as of
/// `BulkReader`. Each method is a transaction of its own outside of `begin` and `commit`.
class BulkWriter {
 public:
  virtual ~BulkWriter() = default;

  /// Reads through the same connection, so that it sees what its transaction wrote.
  [[nodiscard]] virtual BulkReader& reader() = 0;

  /// Returns what keeps the database from being filled: rights, an encoding, a standby.
  [[nodiscard]] virtual Result<std::vector<bulk::Finding>> obstacles() = 0;

  /// What is remembered of a migration into it; `set_state` changes that, with a sentence on it.
  [[nodiscard]] virtual Result<bulk::Run> run() = 0;
  [[nodiscard]] virtual Result<void> set_state(bulk::RunState state, std::string_view detail) = 0;

  /// A transaction, around what the methods below do.
  [[nodiscard]] virtual Result<void> begin() = 0;
  [[nodiscard]] virtual Result<void> commit() = 0;
  virtual void roll_back() noexcept = 0;

  /// Makes the schema without keys and indexes, and notes a running migration from `source`. In a
  /// transaction of the caller's.
  [[nodiscard]] virtual Result<void> create_schema(std::string_view source) = 0;

  /// Empties all tables whose rows change.
  [[nodiscard]] virtual Result<void> empty_rewritten_tables() = 0;

  /// Empties one table, which no other refers to.
  [[nodiscard]] virtual Result<void> empty(const bulk::Table& table) = 0;

  /// Removes the rows of an appended table whose key is less than `key`.
  [[nodiscard]] virtual Result<void> remove_before(const bulk::Table& table, std::int64_t key) = 0;

  /// Rows come by `put` from here until `end_rows`; nothing else in between. In a transaction of
  /// the caller's. A row need not outlive its call.
  [[nodiscard]] virtual Result<void> begin_rows(const bulk::Table& table) = 0;

  /// internal: a number does not fit the column that the database has.
  [[nodiscard]] virtual Result<void> put(const bulk::Table& table, const bulk::Row& row) = 0;
  [[nodiscard]] virtual Result<void> end_rows() = 0;
  [[nodiscard]] virtual Result<void> set_last_identity(const bulk::Table& table,
                                                       std::int64_t last) = 0;

  /// Returns what `create_schema` left out and is not there yet, in the order in which it is to be
  /// made. conflict: another version of the program made the schema.
  [[nodiscard]] virtual Result<std::vector<bulk::SchemaPart>> missing_parts() = 0;
  [[nodiscard]] virtual Result<void> make_part(const bulk::SchemaPart& part) = 0;

  /// What follows once all parts are there: triggers, figures that follow from rows. May be called
  /// again.
  [[nodiscard]] virtual Result<void> finish_schema() = 0;

  /// Back to an empty database. The writer is of no use afterwards.
  [[nodiscard]] virtual Result<void> remove_everything() = 0;
};

/// A database that is read or filled as a whole: one side of a migration. Safe from many threads.
class BulkStore {
 public:
  virtual ~BulkStore() = default;

  /// Returns the tables that move, parents before children, and among them one of each content. The
  /// same for every store that rows can move between. They live as long as the program.
  [[nodiscard]] virtual std::span<const bulk::Table> tables() const = 0;

  /// Returns the version of the schema that the program makes and needs.
  [[nodiscard]] virtual std::int64_t needed_version() const = 0;

  /// Returns whether several writers can fill it at the same time, and readers read beside them.
  [[nodiscard]] virtual bool is_concurrent() const = 0;

  /// Returns whether `BulkReader::changed` knows; else it always says true.
  [[nodiscard]] virtual bool notices_changes() const = 0;

  /// not_found: there is no such database. conflict: a connection pooler stands in between.
  /// invalid_request: its address. unavailable.
  [[nodiscard]] virtual Result<std::unique_ptr<BulkReader>> open_reader() = 0;

  /// Makes the database where it is a file that is not there; the writer removes it again if
  /// nothing was put into it. Errors as of `open_reader`.
  [[nodiscard]] virtual Result<std::unique_ptr<BulkWriter>> open_writer() = 0;
};

} // namespace baluhost
