#include "tzif.hpp"

#include "baluhost/domain/ascii.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

// POSIX's TZ with the extensions of RFC 8536: hours of a rule reach from -167 to 167.
namespace baluhost {
namespace {

constexpr int kFirstYear = 1900;
constexpr int kLastYear = 2500;
constexpr std::int64_t kHour = 3600;
constexpr std::int64_t kDay = 86'400;

/// A day of each year, and when on it, in seconds of local time.
struct YearDay {
  enum class Kind { month_week_day, day_without_leap, day } kind{};
  int month{};
  int week{};
  int day{};
  std::int64_t time{2 * kHour};
};

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  /// At most `most`, three digits at most.
  std::optional<int> number(int most) {
    int value = 0;
    std::size_t digits = 0;
    for (; digits < rest_.size() && digits < 3 && is_digit(rest_[digits]); ++digits)
      value = value * 10 + (rest_[digits] - '0');
    if (digits == 0 || value > most) return std::nullopt;
    rest_.remove_prefix(digits);
    return value;
  }

  bool name() {
    const bool quoted = take('<');
    std::size_t length = 0;
    while (length < rest_.size() &&
           (is_letter(rest_[length]) ||
            (quoted && (is_digit(rest_[length]) || rest_[length] == '+' || rest_[length] == '-'))))
      ++length;
    if (length < 3) return false;
    rest_.remove_prefix(length);
    return !quoted || take('>');
  }

  /// [+-]hh[:mm[:ss]]
  std::optional<std::int64_t> time(int most_hours) {
    const bool negative = take('-');
    if (!negative) (void)take('+');
    const auto hours = number(most_hours);
    if (!hours) return std::nullopt;
    std::int64_t seconds = *hours * kHour;
    for (const std::int64_t unit : {60, 1}) {
      if (!take(':')) break;
      const auto part = number(59);
      if (!part) return std::nullopt;
      seconds += *part * unit;
    }
    return negative ? -seconds : seconds;
  }

  std::optional<YearDay> year_day() {
    YearDay day;
    if (!take(',')) return std::nullopt;
    if (take('M')) {
      const auto month = number(12);
      const bool dotted = month && take('.');
      const auto week = dotted ? number(5) : std::nullopt;
      const auto weekday = week && take('.') ? number(6) : std::nullopt;
      if (!weekday || *month < 1 || *week < 1) return std::nullopt;
      day = {
          .kind = YearDay::Kind::month_week_day, .month = *month, .week = *week, .day = *weekday};
    } else {
      const bool without_leap = take('J');
      const auto number_of_day = number(365);
      if (!number_of_day || (without_leap && *number_of_day < 1)) return std::nullopt;
      day.kind = without_leap ? YearDay::Kind::day_without_leap : YearDay::Kind::day;
      day.day = *number_of_day;
    }
    if (take('/')) {
      const auto at = time(167);
      if (!at) return std::nullopt;
      day.time = *at;
    }
    return day;
  }

 private:
  std::string_view rest_;
};

/// In local time.
std::int64_t second_of(const YearDay& day, int number_of_year) {
  using namespace std::chrono;
  const year y{number_of_year};
  const auto first = sys_days{y / January / 1}.time_since_epoch().count();
  std::int64_t at = first + day.day;
  switch (day.kind) {
    case YearDay::Kind::day:
      break;
    case YearDay::Kind::day_without_leap:
      at -= y.is_leap() && day.day >= 60 ? 0 : 1;
      break;
    case YearDay::Kind::month_week_day: {
      const auto m = y / month{static_cast<unsigned>(day.month)};
      const weekday wanted{static_cast<unsigned>(day.day)};
      const auto found = day.week == 5 ? sys_days{m / wanted[last]}
                                       : sys_days{m / wanted[static_cast<unsigned>(day.week)]};
      at = found.time_since_epoch().count();
      break;
    }
  }
  return at * kDay + day.time;
}

} // namespace

Result<std::vector<TimeZone::Change>> changes_of_rule(std::string_view rule, std::int64_t after) {
  using Changes = std::vector<TimeZone::Change>;
  Changes changes;
  if (rule.empty()) return changes;
  const Error wrong = invalid("is no rule of a time zone");
  Reader reader(rule);
  if (!reader.name()) return wrong;
  const auto west = reader.time(24);
  if (!west) return wrong;
  if (reader.at_end()) return Changes{{after, -*west}};
  if (!reader.name()) return wrong;
  std::int64_t summer = -*west + kHour;
  Reader ahead = reader;
  if (!ahead.take(',')) {
    const auto summer_west = reader.time(24);
    if (!summer_west) return wrong;
    summer = -*summer_west;
  }
  const auto begin = reader.year_day();
  const auto end = begin ? reader.year_day() : std::nullopt;
  if (!end || !reader.at_end()) return wrong;
  for (int year = kFirstYear; year <= kLastYear; ++year) {
    changes.push_back({second_of(*begin, year) + *west, summer});
    changes.push_back({second_of(*end, year) - summer, -*west});
  }
  std::stable_sort(changes.begin(), changes.end(),
                   [](const auto& a, const auto& b) { return a.at < b.at; });
  const auto first = std::find_if(changes.begin(), changes.end(),
                                  [&](const auto& change) { return change.at > after; });
  changes.erase(changes.begin(), first);
  return changes;
}

} // namespace baluhost
