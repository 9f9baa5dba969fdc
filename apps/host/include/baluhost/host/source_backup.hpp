#pragma once

#include "baluhost/core/migration/migration.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/host/database_kind.hpp"

#include <memory>
#include <string>

namespace baluhost {

/// Backs up the database `source` into a file of its own below `directory`, before a migration: a
/// copy or a dump, as its kind makes them. invalid_request: there is no such kind.
Result<std::unique_ptr<migration::SourceBackup>> make_source_backup(const DatabaseOptions& source,
                                                                    const std::string& directory);

} // namespace baluhost
