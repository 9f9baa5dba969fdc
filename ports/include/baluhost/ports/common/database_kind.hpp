#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/domain/secret.hpp"
#include "baluhost/ports/bulk_store.hpp"
#include "baluhost/ports/common/schema_change.hpp"
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

/// What an adapter of a database tells of itself to who opens one by its URL.
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
  /// Reads what goes with it; none: nothing does.
  std::function<Result<Secret>()> password{};
  std::int64_t pool_size{8};
};

/// All that differs between the kinds of databases, for who serves one. An adapter makes it,
/// the registry in apps/host/src/database_kinds.cpp has a line for it.
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

/// Whether every write is to be refused.
[[nodiscard]] constexpr bool is_read_only(DatabaseAccess access) noexcept {
  return access == DatabaseAccess::read || access == DatabaseAccess::read_unfinished;
}

/// Puts into an adapter's own `options` what each has of `access`, `hooks` and `change`, which must
/// outlive the call that opens.
template <class Options>
void open_for(Options& options, DatabaseAccess access, const DatabaseHooks& hooks,
              SchemaChange& change) {
  options.create = access == DatabaseAccess::create;
  options.read_only = is_read_only(access);
  options.unfinished = access == DatabaseAccess::read_unfinished;
  options.on_group = hooks.on_group;
  options.on_listener_failure = hooks.on_listener_failure;
  options.on_schema_change = [&change](const SchemaChange& made) { change = made; };
}

} // namespace baluhost
