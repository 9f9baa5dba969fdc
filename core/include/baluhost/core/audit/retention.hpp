#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/ports/seal_signer.hpp"

#include <cstdint>
#include <functional>
#include <optional>

namespace baluhost {

/// What a pruning removed.
struct PruneResult {
  std::int64_t events{};
  std::optional<SealNumber> last_seal; ///< none: nothing was old enough
};

/// Removes the events of whole seals whose newest event is older than `before`, in bounded batches,
/// leaving the seals and a signed prune record; records `audit_pruned`. A seal that is younger than
/// an event that waits for its own stays. `principal` none: the server's own retention.
[[nodiscard]] Result<PruneResult> prune_trail(
    Database& database, AuditLog& audit, SealSigner& signer, const Clock& clock,
    const Principal* principal, Timestamp before,
    const std::function<void(std::int64_t events)>& progress = {});

} // namespace baluhost
