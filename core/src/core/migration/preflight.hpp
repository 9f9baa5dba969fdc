#pragma once

#include "migration/context.hpp"

#include "baluhost/domain/function_ref.hpp"

#include <string>

namespace baluhost::migration {

class BackupTask;

/// Looks at both sides and at every row before anything is written; all findings go into the report
/// together. Leaves the source in a snapshot, and the checksums of that in `context.source.seen`.
/// Starts `backup` once nothing but the rows can still be wrong. conflict: there are findings; no
/// backup is left. A side that is not open is left out.
Result<std::string> preflight(Context& context, BackupTask& backup);

} // namespace baluhost::migration
