#pragma once

#include "context.hpp"

namespace baluhost::migrate {

/// Looks at both sides and at every row before anything is written; all findings go into the report
/// together. Leaves the source in a snapshot, and the checksums of that in `context.snapshot`.
/// conflict if there are findings. Calls `rows_are_next` once nothing but the rows can still be
/// wrong.
Result<std::string> preflight(Context& context, FunctionRef<void()> rows_are_next);

} // namespace baluhost::migrate
