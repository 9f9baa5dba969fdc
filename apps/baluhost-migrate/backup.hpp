#pragma once

#include "baluhost/core/migration/migration.hpp"

#include <memory>
#include <string>

namespace baluhost::migrate {

/// Backs up the database at `url` into a file of its own below `directory`: a copy of a SQLite
/// database, a dump of a PostgreSQL one where pg_dump is installed.
std::unique_ptr<migration::SourceBackup> make_source_backup(const std::string& url,
                                                            const std::string& directory);

} // namespace baluhost::migrate
