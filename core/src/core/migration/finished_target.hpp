#pragma once

#include "migration/context.hpp"

namespace baluhost::migration {

constexpr const char* kFinished =
    "the target holds the finished migration of this source; --verify-only compares, --rollback "
    "empties it";

/// What became of source and target since the migration that the target holds was finished; the
/// source's rows are in `context.source.seen`. Sets `context.source_went_on`. A finding where
/// nothing is left to do, and where a server used the target although the source went on.
Result<void> look_at_finished_target(Context& context);

} // namespace baluhost::migration
