#pragma once

#include "baluhost/postgres/postgres_database.hpp"

#include <string>
#include <vector>

namespace baluhost::postgres {

/// Runs a program of PostgreSQL's, such as {"pg_dump", "--format=custom"}, on the database of
/// `options` to its end. The password goes through its environment, which only its user can read,
/// never through its arguments. It makes files that only their owner may read, and dies with this
/// process. not_found: it is not installed. unavailable: it failed, and said why on stderr.
/// invalid_request: the URL.
Result<void> run_tool(const PostgresOptions& options, const std::vector<std::string>& command);

} // namespace baluhost::postgres
