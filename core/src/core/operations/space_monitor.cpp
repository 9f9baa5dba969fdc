#include "baluhost/core/operations/space_monitor.hpp"

namespace baluhost {
namespace {

constexpr std::size_t kMostUnrecorded = 100;

} // namespace

SpaceMonitor::SpaceMonitor(BlobStore& blobs, Database& database, AuditLog& audit,
                           std::int64_t min_free_bytes)
    : blobs_(blobs), database_(database), audit_log_(audit), min_free_bytes_(min_free_bytes) {}

Result<StorageSpace> SpaceMonitor::measure() {
  BALUHOST_TRY(const auto space, blobs_.space());
  const bool few_inodes = space.total_inodes > 0 && space.free_inodes < kMinFreeInodes;
  low_ = space.free_bytes < min_free_bytes_ || few_inodes || !database_.admit(SpaceUse::grows);
  return space;
}

Result<void> SpaceMonitor::look() {
  BALUHOST_CHECK(measure());
  return {};
}

NewAuditEvent SpaceMonitor::crossing(bool low, const StorageSpace& space) const {
  JsonObject details;
  details.add("free_bytes", space.free_bytes)
      .add("total_bytes", space.total_bytes)
      .add("free_inodes", space.free_inodes);
  details.add("min_free_bytes", min_free_bytes_);
  return with_details(audit_log_.draft(low ? Action::disk_space_low : Action::disk_space_recovered),
                      details);
}

Result<void> SpaceMonitor::check() {
  BALUHOST_TRY(const auto space, measure());
  const bool low = low_;
  if (low != seen_low_ && unrecorded_.size() < kMostUnrecorded)
    unrecorded_.push_back(crossing(low, space));
  seen_low_ = low;
  while (!unrecorded_.empty()) {
    BALUHOST_CHECK(audit_log_.record(unrecorded_.front()));
    unrecorded_.erase(unrecorded_.begin());
  }
  return {};
}

} // namespace baluhost
