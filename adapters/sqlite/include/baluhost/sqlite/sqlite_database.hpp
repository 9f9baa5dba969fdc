#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/ports/common/schema_change.hpp"
#include "baluhost/ports/database.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace baluhost {

/// Of `make_sqlite_database`.
struct SqliteOptions {
  /// Of the file; its -wal and -shm lie beside it.
  std::string path;

  /// Reads at the same time.
  int readers{8};

  /// Make the file (0600) and its schema if there is none, upgrade an old schema.
  bool create{true};

  /// Also a database whose migration is not finished: for the tool that looks at it, read only.
  bool unfinished{false};

  /// Refuse every write, with forbidden; an old schema is refused too.
  bool read_only{false};

  /// `read_only`, of a file that nobody changes as long as it is open: nothing is made beside it.
  /// What lies in a log is not seen.
  bool frozen{false};

  /// Writes that share a commit, at most.
  std::size_t max_group{1000};

  /// Writes that wait, at most; more are refused with unavailable, at once.
  std::size_t max_queue{10000};

  /// Changes of names that wait before a commit brings them into the index, see ADR 0052.
  std::size_t names_at_once{256};

  /// For a write to begin and for a read to get a connection; then unavailable.
  std::chrono::milliseconds deadline{5000};

  /// Told the size of each group after its commit, on the writer's thread.
  std::function<void(std::size_t)> on_group;

  /// Told what a commit listener threw, on the writer's thread.
  std::function<void(std::string_view what)> on_listener_failure;

  /// Told once that the index of names cannot be kept up: searches may miss names until
  /// `reindex_sqlite`.
  std::function<void(std::string_view why)> on_damaged_index;

  /// Told before the factory returns.
  std::function<void(const SchemaChange&)> on_schema_change;
};

/// Opens the database. not_found: there is no file and `create` is off. conflict: the schema is
/// newer than this program, or older and may not be upgraded, the file is another program's, or a
/// migration into it was not finished. unavailable: it cannot be opened, a right on it or its
/// directory is missing, or it does not answer.
///
/// One thread writes; all writes that wait share one commit (group commit, `synchronous=FULL`),
/// each in a savepoint of its own. Other programs may use the file at the same time.
Result<std::unique_ptr<Database>> make_sqlite_database(const SqliteOptions& options);

/// The schema version that this program makes and needs.
std::int64_t sqlite_schema_version() noexcept;

/// The statements that make the present schema in an empty database, version included: for tools
/// that fill one themselves.
std::string sqlite_schema_sql();

} // namespace baluhost
