#include "baluhost/domain/time_zone.hpp"

#include "baluhost/domain/ascii.hpp"
#include "tzif.hpp"

#include <algorithm>
#include <chrono>
#include <limits>

namespace baluhost {
namespace {

constexpr std::size_t kLongestFile = 256 * 1024;
constexpr std::size_t kLongestName = 64;
constexpr std::size_t kHeader = 44;
constexpr std::int64_t kFarthestOffset = 26 * 3600; // RFC 8536, section 3.2
constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 86'400;
constexpr std::int64_t kMicroseconds = 1'000'000;

std::int64_t big_endian(std::string_view bytes) {
  std::uint64_t value = !bytes.empty() && (bytes.front() & 0x80) != 0 ? ~std::uint64_t{0} : 0;
  for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(value);
}

struct Counts {
  std::size_t ut{}, standard{}, leap{}, time{}, type{}, letter{};

  /// Of the data that follows the header, where times have so many bytes.
  [[nodiscard]] std::size_t size(std::size_t width) const {
    return time * (width + 1) + type * 6 + letter + leap * (width + 4) + standard + ut;
  }
};

/// None if it is no header, or counts more than such a file can hold.
std::optional<Counts> read_header(std::string_view tzif) {
  if (tzif.size() < kHeader || !tzif.starts_with("TZif") || tzif[4] < '2') return std::nullopt;
  std::size_t counts[6];
  for (std::size_t i = 0; i < 6; ++i) {
    const auto count = big_endian(tzif.substr(20 + 4 * i, 4));
    if (count < 0 || count > static_cast<std::int64_t>(kLongestFile)) return std::nullopt;
    counts[i] = static_cast<std::size_t>(count);
  }
  return Counts{counts[0], counts[1], counts[2], counts[3], counts[4], counts[5]};
}

std::int64_t floor_to(std::int64_t value, std::int64_t unit) {
  const auto rest = value % unit;
  return value - (rest < 0 ? rest + unit : rest);
}

/// The first of the intervals after the one that begins on `day`.
std::int64_t next_day(Interval interval, std::int64_t day) {
  using namespace std::chrono;
  switch (interval) {
    case Interval::hour:
    case Interval::day:
      return day + 1;
    case Interval::week:
      return day + 7;
    case Interval::month:
      break;
  }
  const year_month_day date{sys_days{days{day}}};
  return sys_days{date.year() / date.month() / 1 + months{1}}.time_since_epoch().count();
}

/// The day on which the interval begins that holds `day`.
std::int64_t first_day(Interval interval, std::int64_t day) {
  using namespace std::chrono;
  switch (interval) {
    case Interval::hour:
    case Interval::day:
      return day;
    case Interval::week:
      return floor_to(day + 3, 7) - 3; // day 0 was a Thursday
    case Interval::month:
      break;
  }
  const year_month_day date{sys_days{days{day}}};
  return sys_days{date.year() / date.month() / 1}.time_since_epoch().count();
}

/// Where the hour of local clocks begins that holds `second`, if they were not set meanwhile.
std::int64_t hour_of(const TimeZone& zone, std::int64_t second) {
  const auto offset = zone.offset_at(second);
  return floor_to(second + offset, kHour) - offset;
}

/// Where the next hour of local clocks begins. Clocks that are set by parts of an hour make one
/// that is shorter or longer.
std::int64_t next_hour(const TimeZone& zone, std::int64_t second) {
  const auto next = hour_of(zone, second) + kHour;
  const auto change = zone.next_change(second);
  if (!change || *change >= next) return next;
  const auto hour = hour_of(zone, *change);
  return hour > second && hour >= *change ? hour : hour + kHour;
}

} // namespace

Result<TimeZone> TimeZone::parse(std::string_view tzif) {
  const Error wrong = invalid("is no time zone file");
  if (tzif.size() > kLongestFile) return wrong;
  const auto old = read_header(tzif);
  if (!old || tzif.size() < kHeader + old->size(4)) return wrong;
  tzif.remove_prefix(kHeader + old->size(4));
  const auto counts = read_header(tzif);
  if (!counts || tzif.size() < kHeader + counts->size(8) || counts->type == 0) return wrong;
  const auto times = tzif.substr(kHeader, counts->time * 8);
  const auto indexes = tzif.substr(kHeader + counts->time * 8, counts->time);
  const auto types = tzif.substr(kHeader + counts->time * 9, counts->type * 6);
  const auto offset_of = [&](std::size_t type) { return big_endian(types.substr(type * 6, 4)); };
  for (std::size_t i = 0; i < counts->type; ++i)
    if (offset_of(i) < -kFarthestOffset || offset_of(i) > kFarthestOffset) return wrong;

  std::vector<Change> changes;
  for (std::size_t i = 0; i < counts->time; ++i) {
    const auto type = static_cast<std::size_t>(static_cast<unsigned char>(indexes[i]));
    const auto at = big_endian(times.substr(i * 8, 8));
    if (type >= counts->type || (!changes.empty() && at <= changes.back().at)) return wrong;
    changes.push_back({at, offset_of(type)});
  }
  auto footer = tzif.substr(kHeader + counts->size(8));
  if (footer.size() < 2 || footer.front() != '\n' || footer.back() != '\n') return wrong;
  footer = footer.substr(1, footer.size() - 2);
  constexpr auto kFirst = std::numeric_limits<std::int64_t>::min();
  BALUHOST_TRY(const auto later,
               changes_of_rule(footer, changes.empty() ? kFirst : changes.back().at));
  changes.insert(changes.end(), later.begin(), later.end());
  return TimeZone{offset_of(0), std::move(changes)};
}

bool TimeZone::is_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > kLongestName || !is_upper(name.front())) return false;
  bool begins = true; // a segment, which is not empty and begins with a letter
  for (const char c : name) {
    const bool letter = is_letter(c);
    if (begins && !letter) return false;
    begins = c == '/';
    if (!letter && !begins && !is_digit(c) && c != '_' && c != '-' && c != '+') return false;
  }
  return !begins;
}

std::int64_t TimeZone::offset_at(std::int64_t second) const noexcept {
  const auto after = std::upper_bound(
      changes_.begin(), changes_.end(), second,
      [](std::int64_t moment, const Change& change) { return moment < change.at; });
  return after == changes_.begin() ? first_offset_ : std::prev(after)->offset;
}

std::optional<std::int64_t> TimeZone::next_change(std::int64_t second) const noexcept {
  const auto after = std::upper_bound(
      changes_.begin(), changes_.end(), second,
      [](std::int64_t moment, const Change& change) { return moment < change.at; });
  if (after == changes_.end()) return std::nullopt;
  return after->at;
}

std::int64_t TimeZone::first_at(std::int64_t local) const noexcept {
  auto begin = local - kFarthestOffset - kHour;
  for (;;) {
    const auto end = next_change(begin);
    const auto at = std::max(begin, local - offset_at(begin));
    if (!end || at < *end) return at;
    begin = *end;
  }
}

Result<Interval> parse_interval(std::string_view name) {
  if (name == "hour") return Interval::hour;
  if (name == "day") return Interval::day;
  if (name == "week") return Interval::week;
  if (name == "month") return Interval::month;
  return invalid("is hour, day, week or month");
}

Result<std::vector<Timestamp>> interval_bounds(const TimeZone& zone, Interval interval,
                                               Timestamp from, Timestamp to, std::size_t most) {
  std::vector<Timestamp> bounds;
  if (from >= to) return bounds;
  const auto add = [&](std::int64_t second) {
    const Timestamp bound{second * kMicroseconds};
    if (bound <= from) bounds.clear(); // what came before is over by then
    if (bounds.empty() || bounds.back() < bound) bounds.push_back(bound);
  };
  auto second = hour_of(zone, from.seconds());
  auto day =
      first_day(interval, floor_to(from.seconds() + zone.offset_at(from.seconds()), kDay) / kDay);
  while (bounds.empty() || bounds.back() < to) {
    if (bounds.size() > most) return invalid("makes too many intervals of this range");
    if (interval == Interval::hour) {
      add(second);
      second = next_hour(zone, second);
    } else {
      add(zone.first_at(day * kDay));
      day = next_day(interval, day);
    }
  }
  return bounds;
}

} // namespace baluhost
