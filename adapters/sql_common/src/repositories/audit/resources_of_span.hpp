#pragma once

#include "repositories/audit/days.hpp"

#include <cstddef>
#include <optional>

namespace baluhost::sql {

/// The `limit` resources that most events of `parts` are about, by one list of the busiest of all
/// days that are kept, which is remembered. None if no list is remembered and none `may_be_made`,
/// or if that does not tell.
std::optional<BusiestCounts> resources_of_span(Connection& db, const SpanParts& parts,
                                               std::size_t limit, bool may_be_made);

} // namespace baluhost::sql
