#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/files/transfer.hpp"
#include "baluhost/ports/database.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace baluhost {

/// A download that is over, with the row that it has while it runs, if it has one.
struct EndedTransfer {
  std::optional<TransferId> id;
  NewAuditEvent event;
};

/// Exchanges the rows of `ends` for their events, and takes out of `ends` what is done; returns how
/// many events it wrote. All go in one transaction. Where the database refuses that, the one that
/// it does not take is found and recorded as `event_refused`, and the others go on. One whose row
/// is gone was recorded before, and is not again. After an error what is left in `ends` may be
/// passed again: unavailable, insufficient_storage; internal if not even `event_refused` is taken.
Result<std::int64_t> write_ends(Database& database, std::vector<EndedTransfer>& ends);

} // namespace baluhost
