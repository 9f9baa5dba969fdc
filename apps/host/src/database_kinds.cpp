// The registry of databases. One more kind is its adapter's folder, a few functions here that
// translate options, and a line of each table.

#include "baluhost/host/database_kind.hpp"

#include "explained.hpp"

#include "baluhost/filesystem/private_file.hpp"
#include "baluhost/postgres/postgres_backup.hpp"
#include "baluhost/postgres/postgres_bulk_store.hpp"
#include "baluhost/postgres/postgres_database.hpp"
#include "baluhost/sqlite/sqlite_backup.hpp"
#include "baluhost/sqlite/sqlite_bulk_store.hpp"
#include "baluhost/sqlite/sqlite_database.hpp"
#include "baluhost/sqlite/sqlite_maintenance.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace baluhost {
namespace {

constexpr const char* kSqliteForm = "sqlite:PATH";

bool is_read_only(DatabaseAccess access) {
  return access == DatabaseAccess::read || access == DatabaseAccess::read_unfinished;
}

std::string sqlite_path(std::string_view url) {
  std::string path{url.substr(std::string_view{"sqlite:"}.size())};
  if (path.starts_with("///")) path.erase(0, 2); // sqlite:///srv/baluhost.db
  return path;
}

/// A path has no host before it, and no other scheme: who writes one of these means another kind
/// of database, and has perhaps put a password there.
Result<void> check_sqlite_url(std::string_view url) {
  const std::string_view path = url.substr(std::string_view{"sqlite:"}.size());
  const bool has_host = path.starts_with("//") && !path.starts_with("///");
  if (path.empty() || has_host || path.find("://") != std::string_view::npos)
    return invalid(kSqliteForm);
  return {};
}

/// What the options of both have of `access` and `hooks`.
template <class Options>
void open_for(Options& options, DatabaseAccess access, const DatabaseHooks& hooks) {
  options.create = access == DatabaseAccess::create;
  options.read_only = is_read_only(access);
  options.unfinished = access == DatabaseAccess::read_unfinished;
  options.on_group = hooks.on_group;
  options.on_listener_failure = hooks.on_listener_failure;
}

Result<std::unique_ptr<Database>> open_sqlite(const DatabaseOptions& from, DatabaseAccess access,
                                              const DatabaseHooks& hooks, SchemaChange& change) {
  SqliteOptions options;
  options.path = sqlite_path(from.url);
  options.readers = static_cast<int>(from.pool_size);
  open_for(options, access, hooks);
  options.on_damaged_index = hooks.on_damaged_index;
  options.on_schema_change = [&change](const SqliteSchemaChange& made) {
    change = {made.from, made.to};
  };
  return make_sqlite_database(options);
}

Result<PostgresOptions> postgres_options(const DatabaseOptions& from) {
  PostgresOptions options;
  options.url = from.url;
  options.pool_size = static_cast<int>(from.pool_size);
  if (!from.password_file.empty()) {
    BALUHOST_TRY(options.password, read_password_file(from.password_file));
  }
  return options;
}

Result<std::unique_ptr<Database>> open_postgres(const DatabaseOptions& from, DatabaseAccess access,
                                                const DatabaseHooks& hooks, SchemaChange& change) {
  BALUHOST_TRY(auto options, postgres_options(from));
  open_for(options, access, hooks);
  options.on_retry = hooks.on_retry;
  options.on_schema_change = [&change](const PostgresSchemaChange& made) {
    change = {made.from, made.to};
  };
  return make_postgres_database(options);
}

std::span<const DatabaseKind> kinds() {
  static const std::array table{
      DatabaseKind{
          .name = "sqlite",
          .title = "SQLite",
          .schemes = {"sqlite:"},
          .form = kSqliteForm,
          .is_shared = false,
          .check_url = check_sqlite_url,
          .redact =
              [](std::string_view url) {
                return check_sqlite_url(url) ? std::string{url} : "sqlite:…";
              },
          .file = [](std::string_view url) { return std::optional{sqlite_path(url)}; },
          .open = open_sqlite,
      },
      DatabaseKind{
          .name = "postgresql",
          .title = "PostgreSQL",
          .schemes = {"postgresql://", "postgres://"},
          .form = "postgresql://USER@HOST:PORT/DATABASE",
          .is_shared = true,
          .check_url = check_postgres_url,
          .redact = redacted_postgres_url,
          .file = [](std::string_view) { return std::optional<std::string>{}; },
          .open = open_postgres,
      },
  };
  return table;
}

std::span<const DatabaseTools> tools() {
  static const std::array table{
      DatabaseTools{
          .name = "sqlite",
          .bulk_store = [](const DatabaseOptions& o) -> Result<std::unique_ptr<BulkStore>> {
            return make_sqlite_bulk_store(sqlite_path(o.url));
          },
          .backup = [](const DatabaseOptions& o) -> Result<std::unique_ptr<DatabaseBackup>> {
            return make_sqlite_backup(sqlite_path(o.url));
          },
          .check =
              [](const DatabaseOptions& o) {
                return check_sqlite(sqlite_path(o.url), SqliteCheck::with_marks);
              },
          .reindex = [](const DatabaseOptions& o) { return reindex_sqlite(sqlite_path(o.url)); },
      },
      DatabaseTools{
          .name = "postgresql",
          .bulk_store = [](const DatabaseOptions& o) -> Result<std::unique_ptr<BulkStore>> {
            BALUHOST_TRY(auto options, postgres_options(o));
            return make_postgres_bulk_store(std::move(options));
          },
          .backup = [](const DatabaseOptions& o) -> Result<std::unique_ptr<DatabaseBackup>> {
            BALUHOST_TRY(auto options, postgres_options(o));
            return make_postgres_backup(std::move(options));
          },
          .check = [](const DatabaseOptions& o) -> Result<std::vector<std::string>> {
            BALUHOST_TRY(auto options, postgres_options(o));
            return check_postgres(options);
          },
          .reindex = [](const DatabaseOptions& o) -> Result<std::int64_t> {
            BALUHOST_TRY(auto options, postgres_options(o));
            return reindex_postgres(options);
          },
      },
  };
  return table;
}

} // namespace

const DatabaseKind* find_database_kind(std::string_view url) noexcept {
  for (const DatabaseKind& kind : kinds()) {
    for (const std::string_view scheme : kind.schemes) {
      if (url.starts_with(scheme)) return &kind;
    }
  }
  return nullptr;
}

const DatabaseTools* find_database_tools(std::string_view url) noexcept {
  const DatabaseKind* kind = find_database_kind(url);
  const auto found = std::ranges::find_if(
      tools(), [&](const DatabaseTools& one) { return kind && one.name == kind->name; });
  return found == tools().end() ? nullptr : &*found;
}

std::string default_database_url(const std::string& data_dir) {
  return "sqlite:" + data_dir + "/baluhost.db";
}

std::string database_url_forms() {
  std::string forms;
  for (const DatabaseKind& kind : kinds())
    forms += (forms.empty() ? "" : " or ") + std::string{kind.form};
  return forms;
}

std::string redacted_url(std::string_view url) {
  const DatabaseKind* kind = find_database_kind(url);
  return kind ? kind->redact(url) : "…";
}

Result<std::unique_ptr<Database>> open_database(const DatabaseOptions& options,
                                                DatabaseAccess access, const DatabaseHooks& hooks,
                                                SchemaChange* change) {
  const DatabaseKind* kind = find_database_kind(options.url);
  if (!kind) return invalid(database_url_forms());
  SchemaChange unwatched;
  auto opened = kind->open(options, access, hooks, change ? *change : unwatched);
  if (!opened)
    return explained(std::move(opened).error(), "the database " + redacted_url(options.url));
  return opened;
}

DatabaseOptions database_options(const HostOptions& options) {
  return {.url = options.database_url,
          .password_file = options.database_password_file,
          .pool_size = options.database_pool_size};
}

} // namespace baluhost
