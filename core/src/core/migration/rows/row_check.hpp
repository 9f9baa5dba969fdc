#pragma once

#include "migration/context.hpp"

namespace baluhost::migration {

/// Looks at every row of the source's snapshot and hashes it into `context.source.seen`, while the
/// source looks for damage by itself. Where several connections see one moment, the rows prove the
/// audit chain on the way. What is wrong goes into the journal.
Result<void> check_contents(Context& context);

} // namespace baluhost::migration
