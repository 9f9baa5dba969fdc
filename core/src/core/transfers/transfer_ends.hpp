#pragma once

#include "baluhost/domain/audit/audit_event.hpp"
#include "baluhost/domain/files/transfer.hpp"
#include "baluhost/ports/database.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace baluhost {

/// A download that is over, with its number among those under way, if it has one.
struct EndedTransfer {
  std::optional<TransferId> id;
  NewAuditEvent event;
};

/// Where downloads are on record while they are under way.
class TransferRecords {
 public:
  virtual ~TransferRecords() = default;

  /// Takes `ids` off the record, and returns those that were on it.
  virtual Result<std::vector<TransferId>> end(WriteTransaction& tx,
                                              std::span<const TransferId> ids) = 0;

  /// The transaction in which `end` was called last, with `ids`, was committed, or left out since
  /// none of them was on record.
  virtual void ended(std::span<const TransferId> ids) noexcept = 0;
};

/// Exchanges the records of `ends` for their events, and takes out of `ends` what is done; returns
/// how many events it wrote. All go in one transaction. Where the database refuses that, the one
/// that it does not take is found and recorded as `event_refused`, and the others go on. One whose
/// record is gone was recorded before, and is not again. After an error what is left in `ends` may
/// be passed again: unavailable, insufficient_storage; internal if not even `event_refused` is
/// taken.
Result<std::int64_t> write_ends(Database& database, TransferRecords& records,
                                std::vector<EndedTransfer>& ends);

} // namespace baluhost
