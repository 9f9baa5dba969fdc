#pragma once

#include "baluhost/core/seals/verify.hpp"
#include "baluhost/domain/details.hpp"

#include <vector>

namespace baluhost {

/// Puts into the details of an event what was found: the first 50, and how many there are. Events
/// that are gone come before all others, since nothing else tells of those.
void add_findings(JsonObject& details, std::vector<VerifyProblem> findings);

} // namespace baluhost
