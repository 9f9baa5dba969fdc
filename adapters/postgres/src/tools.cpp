#include "baluhost/postgres/postgres_backup.hpp"
#include "baluhost/postgres/postgres_bulk_store.hpp"
#include "baluhost/postgres/postgres_kind.hpp"
#include "kind.hpp"

namespace baluhost {

DatabaseTools postgres_tools() {
  return {
      .name = "postgresql",
      .bulk_store = [](const DatabaseOptions& o) -> Result<std::unique_ptr<BulkStore>> {
        BALUHOST_TRY(auto options, postgres::options_of(o));
        return make_postgres_bulk_store(std::move(options));
      },
      .backup = [](const DatabaseOptions& o) -> Result<std::unique_ptr<DatabaseBackup>> {
        BALUHOST_TRY(auto options, postgres::options_of(o));
        return make_postgres_backup(std::move(options));
      },
      .check = [](const DatabaseOptions& o) -> Result<std::vector<std::string>> {
        BALUHOST_TRY(auto options, postgres::options_of(o));
        return check_postgres(options);
      },
      .reindex = [](const DatabaseOptions& o) -> Result<std::int64_t> {
        BALUHOST_TRY(auto options, postgres::options_of(o));
        return reindex_postgres(options);
      },
  };
}

} // namespace baluhost
