#pragma once

#include "baluhost/ports/database_backup.hpp"
#include "baluhost/postgres/postgres_database.hpp"

#include <memory>

namespace baluhost {

/// Backups of a database by PostgreSQL's own programs, pg_dump and pg_restore; not_found where
/// these are not installed.
std::unique_ptr<DatabaseBackup> make_postgres_backup(PostgresOptions options);

} // namespace baluhost
