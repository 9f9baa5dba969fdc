#pragma once

#include "baluhost/core/migration/migration.hpp"

#include <cstdint>

namespace baluhost::migration {

/// Writes `database_migrated` into the finished target and seals it. Errors of the database and the
/// keys.
Result<void> record_migration(const Dependencies& given, std::int64_t rows, std::int64_t tables);

} // namespace baluhost::migration
