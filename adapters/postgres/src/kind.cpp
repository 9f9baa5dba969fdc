#include "kind.hpp"

#include "baluhost/postgres/postgres_kind.hpp"

namespace baluhost {
namespace postgres {

Result<PostgresOptions> options_of(const DatabaseOptions& from) {
  PostgresOptions options;
  options.url = from.url;
  options.pool_size = static_cast<int>(from.pool_size);
  if (from.password) {
    BALUHOST_TRY(options.password, from.password());
  }
  return options;
}

namespace {

Result<std::unique_ptr<Database>> open(const DatabaseOptions& from, DatabaseAccess access,
                                       const DatabaseHooks& hooks, SchemaChange& change) {
  BALUHOST_TRY(auto options, options_of(from));
  open_for(options, access, hooks, change);
  options.on_retry = hooks.on_retry;
  return make_postgres_database(options);
}

} // namespace
} // namespace postgres

DatabaseKind postgres_kind() {
  return {
      .name = "postgresql",
      .title = "PostgreSQL",
      .schemes = {"postgresql://", "postgres://"},
      .form = "postgresql://USER@HOST:PORT/DATABASE",
      .is_shared = true,
      .check_url = check_postgres_url,
      .redact = redacted_postgres_url,
      .file = [](std::string_view) { return std::optional<std::string>{}; },
      .open = postgres::open,
  };
}

} // namespace baluhost
