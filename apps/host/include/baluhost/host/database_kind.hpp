#pragma once

#include "baluhost/core/operations/schema_history.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/host/host_options.hpp"
#include "baluhost/ports/bulk_store.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/ports/database_backup.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

/// What may be done to a database while it is opened.
enum class DatabaseAccess {
  create,         ///< makes what is missing and upgrades an old schema
  write,          ///< the present schema must be there
  read,           ///< likewise, and every write is refused
  read_unfinished ///< also where a migration into it is not finished
};

/// What a database reports while it works; all optional.
struct DatabaseHooks {
  std::function<void(std::size_t)> on_group{}; ///< how many writes one commit carried
  std::function<void()> on_retry{};
  std::function<void(std::string_view what)> on_listener_failure{};

  /// The index of names cannot be kept up.
  std::function<void(std::string_view why)> on_damaged_index{};
};

/// Which database, and how to reach it.
struct DatabaseOptions {
  std::string url{};
  std::string password_file{}; ///< empty: none
  std::int64_t pool_size{8};
};

/// All that differs between the kinds of databases, for who serves one. Each is one line of the
/// table in database_kinds.cpp.
struct DatabaseKind {
  std::string_view name;  ///< as in `DatabaseStatus`: "sqlite"
  std::string_view title; ///< for people: "SQLite"
  std::vector<std::string_view> schemes;
  std::string_view form; ///< of a URL, for people
  /// Servers on several machines may share it; else one server has it for itself.
  bool is_shared;

  /// invalid_request: it cannot be read as it stands, or means another thing than it seems to.
  Result<void> (*check_url)(std::string_view url);
  /// `url` without its secrets, fit to be printed.
  std::string (*redact)(std::string_view url);
  /// The file that holds it; none where that is another machine's matter.
  std::optional<std::string> (*file)(std::string_view url);

  /// not_found, conflict, unavailable, invalid_request: as of its factory.
  Result<std::unique_ptr<Database>> (*open)(const DatabaseOptions& options, DatabaseAccess access,
                                            const DatabaseHooks& hooks, SchemaChange& change);
};

/// The same for who moves, saves or checks a database as a whole: a table of its own, so that a
/// server does not carry it.
struct DatabaseTools {
  std::string_view name; ///< of the kind

  /// Its rows as a whole, and its backups. Errors as of its factories.
  Result<std::unique_ptr<BulkStore>> (*bulk_store)(const DatabaseOptions& options);
  Result<std::unique_ptr<DatabaseBackup>> (*backup)(const DatabaseOptions& options);
  /// What is wrong with its search keys and, where no server sees to that, with its structure, a
  /// sentence each.
  Result<std::vector<std::string>> (*check)(const DatabaseOptions& options);
  /// Writes what searches look up anew; returns how many names had a wrong search key.
  Result<std::int64_t> (*reindex)(const DatabaseOptions& options);
};

/// The kind whose scheme `url` has; null: there is none.
const DatabaseKind* find_database_kind(std::string_view url) noexcept;

/// The tools for that kind; null likewise.
const DatabaseTools* find_database_tools(std::string_view url) noexcept;

/// Of the database that a host has where none is named: a file in its data directory.
std::string default_database_url(const std::string& data_dir);

/// The forms of all kinds, for people: "sqlite:PATH or …".
std::string database_url_forms();

/// `url` without its secrets, fit to be printed; of one that cannot be read, nothing but that.
std::string redacted_url(std::string_view url);

/// Opens the database alone, without keys, blobs and seals. Errors as of `DatabaseKind::open`, with
/// the redacted URL in front of `detail`; invalid_request where there is no such kind.
Result<std::unique_ptr<Database>> open_database(const DatabaseOptions& options,
                                                DatabaseAccess access,
                                                const DatabaseHooks& hooks = {},
                                                SchemaChange* change = nullptr);

/// What `options` say of the database.
DatabaseOptions database_options(const HostOptions& options);

} // namespace baluhost
