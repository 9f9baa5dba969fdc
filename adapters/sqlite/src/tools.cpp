#include "baluhost/sqlite/sqlite_backup.hpp"
#include "baluhost/sqlite/sqlite_bulk_store.hpp"
#include "baluhost/sqlite/sqlite_kind.hpp"
#include "baluhost/sqlite/sqlite_maintenance.hpp"
#include "url.hpp"

namespace baluhost {

DatabaseTools sqlite_tools() {
  return {
      .name = "sqlite",
      .bulk_store = [](const DatabaseOptions& o) -> Result<std::unique_ptr<BulkStore>> {
        return make_sqlite_bulk_store(sqlite::path_of(o.url));
      },
      .backup = [](const DatabaseOptions& o) -> Result<std::unique_ptr<DatabaseBackup>> {
        return make_sqlite_backup(sqlite::path_of(o.url));
      },
      .check =
          [](const DatabaseOptions& o) {
            return check_sqlite(sqlite::path_of(o.url), SqliteCheck::everything);
          },
      .reindex = [](const DatabaseOptions& o) { return reindex_sqlite(sqlite::path_of(o.url)); },
  };
}

} // namespace baluhost
