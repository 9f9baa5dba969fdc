#pragma once

#include "baluhost/domain/time_zone.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace baluhost {

/// The changes that a rule as of POSIX's TZ makes after `after`, until the year 2500, by time:
/// "CET-1CEST,M3.5.0,M10.5.0/3". invalid_request for what is none; nothing for an empty one.
Result<std::vector<TimeZone::Change>> changes_of_rule(std::string_view rule, std::int64_t after);

} // namespace baluhost
