#pragma once

#include "baluhost/domain/timestamp.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace baluhost {

/// How many events there are of something.
struct AuditCount {
  std::int64_t succeeded{};
  std::int64_t failed{};

  bool operator==(const AuditCount&) const = default;
};

/// By name, those with the most events first, as many in the order of their bytes.
using BusiestCounts = std::vector<std::pair<std::string, AuditCount>>;

/// What most events are about. Events without an address or a resource are in none.
struct BusiestEvents {
  BusiestCounts by_ip_address;
  BusiestCounts by_resource;

  /// Of `login_failed`. A name is that of the account, or what was attempted where there is none.
  BusiestCounts failed_logins_by_name;
  BusiestCounts failed_logins_by_ip_address;
};

/// Counts by event type, of one interval.
using CountsByType = std::map<std::string, AuditCount>;

/// An interval of the calendar.
struct IntervalCounts {
  Timestamp start;
  CountsByType by_event_type;
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

/// What the API's object has.
struct AuditFigures {
  AuditStatistics statistics;
  BusiestEvents busiest;

  /// Where it was asked for.
  std::optional<std::vector<IntervalCounts>> series;
};

} // namespace baluhost
