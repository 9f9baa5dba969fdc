#pragma once

#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/ports/blob_store.hpp"
#include "baluhost/ports/database.hpp"

#include <atomic>
#include <cstdint>
#include <vector>

namespace baluhost {

/// Knows whether space is low: free bytes or inodes are below a floor, or the database takes
/// nothing any more that only adds to it. What it learns by `check` is on record, each change once,
/// one that could not be recorded at the time as soon as it can. Call that every few seconds, from
/// one thread; of several servers over one store only one, while the others `look`. `look` and
/// `low` from many threads.
class SpaceMonitor {
 public:
  static constexpr std::int64_t kMinFreeInodes = 1000; ///< where the store counts them

  /// All references must outlive it.
  SpaceMonitor(BlobStore& blobs, Database& database, AuditLog& audit, std::int64_t min_free_bytes);

  /// Looks, and records what has changed. unavailable.
  [[nodiscard]] Result<void> check();

  /// Without a record.
  [[nodiscard]] Result<void> look();
  [[nodiscard]] bool low() const noexcept { return low_; }

 private:
  Result<StorageSpace> measure();
  [[nodiscard]] NewAuditEvent crossing(bool low, const StorageSpace& space) const;
  BlobStore& blobs_;
  Database& database_;
  AuditLog& audit_log_;
  std::int64_t min_free_bytes_;
  std::atomic<bool> low_{false};
  bool seen_low_{false};
  std::vector<NewAuditEvent> unrecorded_;
};

} // namespace baluhost
