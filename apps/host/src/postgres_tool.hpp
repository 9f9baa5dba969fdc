#pragma once

#include "configuration.hpp"

#include "baluhost/domain/result.hpp"

#include <string>
#include <vector>

namespace baluhost {

/// Runs a program of PostgreSQL's, such as {"pg_dump", "--format=custom"}, on the configured
/// database to its end. The password goes through its environment, which only its user can read,
/// never through its arguments. It makes files that only their owner may read, and dies with this
/// process. not_found: it is not installed. unavailable: it failed, and said why on stderr.
/// invalid_request: the URL.
Result<void> run_postgres_tool(const Configuration& configuration,
                               const std::vector<std::string>& command);

} // namespace baluhost
