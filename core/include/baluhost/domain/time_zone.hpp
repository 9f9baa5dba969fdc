#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace baluhost {

/// The offset from UTC at each moment, in seconds. Immutable.
class TimeZone {
 public:
  /// From that second on, local time is so many seconds ahead of UTC.
  struct Change {
    std::int64_t at{};
    std::int64_t offset{};
  };

  /// The one without an offset.
  static TimeZone utc() { return TimeZone{0, {}}; }

  /// Of a TZif file (RFC 8536), version 2 or later. The rule at its end counts until the year 2500.
  /// invalid_request for what is none.
  static Result<TimeZone> parse(std::string_view tzif);

  /// Whether a time zone of the IANA database may have that name: "Europe/Berlin". What is one is
  /// no path that leads elsewhere.
  static bool is_name(std::string_view name) noexcept;

  /// How far local time is ahead of UTC at `second`, which counts from 1970 in UTC.
  [[nodiscard]] std::int64_t offset_at(std::int64_t second) const noexcept;

  /// The first moment that local clocks show `local` or later.
  [[nodiscard]] std::int64_t first_at(std::int64_t local) const noexcept;

  /// The first change after `second`.
  [[nodiscard]] std::optional<std::int64_t> next_change(std::int64_t second) const noexcept;

 private:
  TimeZone(std::int64_t first_offset, std::vector<Change> changes)
      : first_offset_(first_offset), changes_(std::move(changes)) {}

  std::int64_t first_offset_;
  std::vector<Change> changes_; ///< by time
};

/// The width of the columns of a series.
enum class Interval { hour, day, week, month };

/// "hour", "day", "week", "month"; else invalid_request.
Result<Interval> parse_interval(std::string_view name);

/// Where the intervals of the calendar begin that `from` to `to` touches, and where the last ends;
/// weeks begin on Monday. None where `from` is not before `to`. invalid_request if there are more
/// than `most`.
Result<std::vector<Timestamp>> interval_bounds(const TimeZone& zone, Interval interval,
                                               Timestamp from, Timestamp to, std::size_t most);

} // namespace baluhost
