#pragma once

#include "repositories/audit/days.hpp"

#include <cstddef>
#include <optional>

namespace baluhost::sql {

/// The `limit` resources that most events of `parts` are about, by what days have kept of their
/// busiest. None if that does not tell: then all events have to be counted.
std::optional<BusiestCounts> busiest_resources(Connection& db, const Parts& parts,
                                               std::size_t limit);

} // namespace baluhost::sql
