#pragma once

#include "repositories/audit/days.hpp"

#include <cstddef>
#include <optional>

namespace baluhost::sql {

/// What `resources_of_span` does where no list is remembered.
enum class MissingList { skip, make };

/// The `limit` resources that most events of `parts` are about, by one list of the busiest of all
/// days that are kept, which is remembered. None if no list is remembered and none is to be made,
/// or if that does not tell.
std::optional<BusiestCounts> resources_of_span(Connection& db, const SpanParts& parts,
                                               std::size_t limit, MissingList missing);

} // namespace baluhost::sql
