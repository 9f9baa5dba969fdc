#pragma once

#include "migration/context.hpp"

#include <string>

namespace baluhost::migration {

/// Whether the target goes on assigning identities after those of the source. Returns "". internal:
/// it would assign one again.
Result<std::string> verify_identities(Context& context);

/// Whether the target has its structure and finds no damage. Returns "". internal: what it has or
/// finds is in the journal.
Result<std::string> verify_references(Context& context);

} // namespace baluhost::migration
