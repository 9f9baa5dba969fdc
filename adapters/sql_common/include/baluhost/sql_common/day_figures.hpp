#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/sql_common/connection.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace baluhost::sql {

/// Days whose kept figures are not what their events are. In a transaction of the caller's, so that
/// all is of one moment.
Result<std::vector<std::int64_t>> wrong_days(Connection& db);

/// Forgets all figures that are kept; a server keeps them anew.
void forget_figures(Connection& db);

/// What a check says of such days.
std::string wrong_days_sentence(const std::vector<std::int64_t>& days);

} // namespace baluhost::sql
