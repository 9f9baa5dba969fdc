#pragma once

#include "baluhost/domain/audit/audit_filter.hpp"
#include "baluhost/domain/audit/audit_statistics.hpp"
#include "baluhost/domain/audit/day_figures.hpp"
#include "baluhost/sql_common/connection.hpp"

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost::sql {

inline constexpr std::int64_t kDay = 86'400'000'000;
inline constexpr std::int64_t kQuarter = kDay / 96;
inline constexpr std::int64_t kFirstMoment = std::numeric_limits<std::int64_t>::min();
inline constexpr std::int64_t kLastMoment = std::numeric_limits<std::int64_t>::max();

/// The day of UTC, by its number since 1970.
inline std::int64_t floor_day(std::int64_t time) { return time / kDay - (time % kDay < 0 ? 1 : 0); }

/// Of the day; days beyond what a time can hold have its limits.
inline std::int64_t first_moment(std::int64_t day) {
  if (day > kLastMoment / kDay) return kLastMoment;
  return day < kFirstMoment / kDay ? kFirstMoment : day * kDay;
}

/// How many of a group of `audit_logs a` succeeded, and how many failed.
inline const Columns kCounts = number("cast(sum(case when a.success then 1 else 0 end) as bigint)",
                                      "cast(sum(case when a.success then 0 else 1 end) as bigint)");

/// A column to group by: by an expression, since for the order of its index SQLite would read every
/// event of the trail.
inline std::string as_group(std::string_view column) { return std::string{column} + " || ''"; }

inline AuditCount read_count(Row& row) {
  const std::int64_t succeeded = row.number();
  return {succeeded, row.number()};
}

inline std::int64_t total_of(const AuditCount& count) { return count.succeeded + count.failed; }

inline void add(AuditCount& to, bool success, std::int64_t count) {
  (success ? to.succeeded : to.failed) += count;
}
inline void add(AuditCount& to, const AuditCount& count) {
  to.succeeded += count.succeeded;
  to.failed += count.failed;
}

/// From the first moment on, before the second; without one, from the beginning or to the end.
struct Moments {
  std::optional<Timestamp> from;
  std::optional<Timestamp> to;
};

/// Days from `first` on, before `end`, of which some have their figures kept.
struct DaySpan {
  std::int64_t first{};
  std::int64_t end{};
};

/// How the events of a range are counted: by the figures of days that are kept, and one by one.
struct SpanParts {
  std::optional<DaySpan> kept; ///< the whole days of the range; none: no day of it is kept
  std::vector<DaySpan> loose;  ///< days of `kept` that are not
  std::vector<Moments> events; ///< those days, and what is no whole day
};

/// The whole days from `from` on, before `to`; none if there is none.
std::optional<DaySpan> whole_days(const std::optional<Timestamp>& from,
                                  const std::optional<Timestamp>& to);

SpanParts parts_of(Connection& db, const DaySpan& span);
SpanParts parts_of(Connection& db, const std::optional<Timestamp>& from,
                   const std::optional<Timestamp>& to);

/// Adds to conditions on `audit_logs a` that the time is within `moments`.
void within(const Moments& moments, std::string& conditions, Arguments& values);

/// Whether nothing but the time of an event counts.
bool is_of_all(const AuditFilter& filter);

/// Before the columns of a select over days that are kept.
inline constexpr const char* kFromKeptKeys =
    "from audit_keys k join audit_rolled r on r.day = k.day and r.state = 2 where k.kind = ? and "
    "k.day >= ? and k.day < ?";

} // namespace baluhost::sql
