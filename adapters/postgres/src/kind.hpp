#pragma once

#include "baluhost/ports/common/database_kind.hpp"
#include "baluhost/postgres/postgres_database.hpp"

namespace baluhost::postgres {

/// With the password read. Errors as of that.
Result<PostgresOptions> options_of(const DatabaseOptions& from);

} // namespace baluhost::postgres
