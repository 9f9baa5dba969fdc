#pragma once

#include "baluhost/sql_common/connection.hpp"

#include <string>
#include <vector>

namespace baluhost::sql {

/// A sentence for each content that files have and a scrub or a restore has marked as damaged.
/// Throws as the connection does.
std::vector<std::string> damage_sentences(Connection& db);

} // namespace baluhost::sql
