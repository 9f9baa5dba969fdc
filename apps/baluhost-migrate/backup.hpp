#pragma once

#include "migration.hpp"

#include "baluhost/sqlite/sqlite_maintenance.hpp"

namespace baluhost::migrate {

/// Copies the source as it is now into a file of its own below `backup_dir`, never over another;
/// gives its name, or why there is none.
Result<std::string> back_up(const Options& options);
/// internal: what `back_up` made is not sound. quick: enough where its rows are compared with the
/// source's.
Result<void> check_backup(const std::string& file, SqliteCheck check);

} // namespace baluhost::migrate
