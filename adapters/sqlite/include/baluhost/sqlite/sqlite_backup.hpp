#pragma once

#include "baluhost/ports/database_backup.hpp"

#include <memory>
#include <string>

namespace baluhost {

/// Backups of the database in the file `path`, which need not exist for a restore.
std::unique_ptr<DatabaseBackup> make_sqlite_backup(std::string path);

} // namespace baluhost
