#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace baluhost {

struct AuditCount {
  std::int64_t succeeded{};
  std::int64_t failed{};
};

/// Days are like "2026-11-24". Events without a user are not in `by_user`.
struct AuditStatistics {
  AuditCount total;
  std::map<std::string, AuditCount> by_event_type;
  std::map<std::string, AuditCount> by_action;
  std::map<std::string, AuditCount> by_user;
  std::map<std::string, AuditCount> by_day;
  /// `file_size` of successful uploads.
  std::int64_t bytes_uploaded{};
  /// `bytes_sent` of all downloads.
  std::int64_t bytes_downloaded{};
};

} // namespace baluhost
