#pragma once

#include "plan.hpp"

#include "baluhost/domain/function_ref.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/secret.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost::migrate {

/// Something that must be mended before rows can move, or that is not as it was.
struct Finding {
  std::string table;
  std::string column;
  std::string row;
  std::string problem;
};

enum class RunState { none, running, failed, done };

/// What the target remembers of a migration into it.
struct Run {
  RunState state{RunState::none};
  std::string source; ///< redacted; another source's run is not ours to go on with
};

/// A key, an index, a reference or a trigger.
struct SchemaPart {
  enum class Kind { key, index, reference } kind{Kind::index};
  std::string table;
  std::string name;
  std::string statement;
};

using RowSink = FunctionRef<Result<void>(const Row&)>;

/// One side of a migration. Errors are unavailable with a sentence of the database's in `detail`;
/// no secret is in it.
class Store {
 public:
  virtual ~Store() = default;

  // As a source; nothing here writes.
  [[nodiscard]] virtual Result<std::int64_t>
  schema_version() = 0; ///< 0: it is empty. conflict: it holds something else
  [[nodiscard]] virtual Result<std::vector<Finding>>
  structure() = 0; ///< unknown or missing tables and columns
  [[nodiscard]] virtual Result<std::vector<Finding>>
  damage() = 0; ///< what the database itself finds: broken pages, references and keys
  [[nodiscard]] virtual Result<void>
  begin_snapshot() = 0; ///< everything read until `end_snapshot` is of one moment
  virtual void end_snapshot() = 0;
  [[nodiscard]] virtual Result<bool> moved() = 0; ///< whether anything was or may have been written
                                                  ///< since the last snapshot began; outside of one
  /// Rows of `table` by key; behind `after` where that is set (only for keys of one integer),
  /// `limit` at most where that is not 0.
  [[nodiscard]] virtual Result<void> scan(const Table& table, std::optional<std::int64_t> after,
                                          RowSink sink, std::int64_t limit = 0) = 0;
  [[nodiscard]] virtual Result<std::int64_t> count(const Table& table) = 0;
  [[nodiscard]] virtual Result<std::optional<std::int64_t>> greatest_key(
      const Table& table) = 0; ///< of an appended table
  [[nodiscard]] virtual Result<std::optional<std::int64_t>> least_key(const Table& table) = 0;
  [[nodiscard]] virtual Result<std::int64_t> identity(
      const Table& table) = 0; ///< the last `id` given

  // As a target.
  [[nodiscard]] virtual Result<std::vector<Finding>>
  rights() = 0; ///< what is missing to be a target
  [[nodiscard]] virtual Result<Run> run() = 0;
  [[nodiscard]] virtual Result<void> begin() = 0;
  [[nodiscard]] virtual Result<void> commit() = 0;
  virtual void roll_back() noexcept = 0;
  [[nodiscard]] virtual Result<void> create_schema(
      std::string_view source) = 0; ///< with a run that is running, without keys and indexes
  [[nodiscard]] virtual Result<void> empty_mutable_tables() = 0;
  [[nodiscard]] virtual Result<void> empty(const Table& table) = 0; ///< one that no other refers to
  [[nodiscard]] virtual Result<void> drop_below(
      const Table& table, std::int64_t key) = 0; ///< of an appended table: what a prune took
  /// Rows come by `put` until `end_rows`.
  [[nodiscard]] virtual Result<void> begin_rows(const Table& table) = 0;
  [[nodiscard]] virtual Result<void> put(const Table& table, const Row& row) = 0;
  [[nodiscard]] virtual Result<void> end_rows() = 0;
  [[nodiscard]] virtual Result<void> set_identity(const Table& table, std::int64_t last) = 0;
  /// What was left out for speed and is not there yet, in the order in which it is to be made.
  [[nodiscard]] virtual Result<std::vector<SchemaPart>> missing_parts() = 0;
  [[nodiscard]] virtual Result<void> make_part(const SchemaPart& part) = 0;
  /// What follows once all parts are there: triggers, figures that follow from others. May be
  /// called again.
  [[nodiscard]] virtual Result<void> finish_schema() = 0;
  [[nodiscard]] virtual Result<void> set_state(RunState state, std::string_view detail) = 0;
  [[nodiscard]] virtual Result<void> remove_everything() = 0; ///< back to an empty database
};

enum class SqliteUse {
  source,
  frozen,
  target
}; ///< frozen: nobody writes it, so that reading needs no lock and leaves nothing behind

Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, SqliteUse use);
Result<std::unique_ptr<Store>> open_postgres_store(const std::string& url);

/// The finding in a cell that no target takes: U+0000, no UTF-8, too long, of the wrong type. Empty
/// if there is none.
std::string problem_of(const Column& column, const Cell& cell);

} // namespace baluhost::migrate
