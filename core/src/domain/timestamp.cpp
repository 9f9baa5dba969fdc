#include "baluhost/domain/timestamp.hpp"

#include <array>
#include <cstdio>
#include <optional>

// The texts are parsed by hand: the standard parsers of C++20 are missing from this compiler, and
// strptime and timegm accept more than the RFCs do and depend on the locale. A leap second (":60")
// is refused, since the count of microseconds has no place for it.

namespace baluhost {
namespace {

constexpr std::int64_t kMicrosPerSecond = 1'000'000;
constexpr std::int64_t kSecondsPerDay = 86'400;
constexpr Timestamp kEarliest{-62'135'596'800 * kMicrosPerSecond};
constexpr Timestamp kLatest{253'402'300'800 * kMicrosPerSecond - 1};

constexpr std::array<std::string_view, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 7> kLongDays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                    "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::int64_t floor_div(std::int64_t a, std::int64_t b) noexcept {
  return a / b - (a % b < 0 ? 1 : 0);
}

/// Takes a text apart from its front. After the first thing that does not fit, everything fails.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] bool done() const { return !failed_ && rest_.empty(); }
  [[nodiscard]] char peek() const { return rest_.empty() ? '\0' : rest_.front(); }

  bool literal(std::string_view expected) {
    if (!rest_.starts_with(expected)) return fail();
    rest_.remove_prefix(expected.size());
    return !failed_;
  }
  bool one_of(std::string_view characters) {
    if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) return fail();
    rest_.remove_prefix(1);
    return !failed_;
  }
  int digits(std::size_t count) {
    if (rest_.size() < count) return fail();
    int value = 0;
    for (const char c : rest_.substr(0, count)) {
      if (c < '0' || c > '9') return fail();
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }
  template <std::size_t N>
  int name(const std::array<std::string_view, N>& names) {
    for (std::size_t i = 0; i < N; ++i) {
      if (!rest_.starts_with(names[i])) continue;
      rest_.remove_prefix(names[i].size());
      return static_cast<int>(i);
    }
    return fail();
  }

 private:
  bool fail() {
    failed_ = true;
    rest_ = {};
    return false;
  }
  std::string_view rest_;
  bool failed_{false};
};

struct Civil {
  int year{}, month{}, day{}, hour{}, minute{}, second{};
};

std::optional<Timestamp> from_civil(const Civil& c) {
  const std::chrono::year_month_day date{std::chrono::year{c.year},
                                         std::chrono::month{static_cast<unsigned>(c.month)},
                                         std::chrono::day{static_cast<unsigned>(c.day)}};
  if (c.year < 1 || !date.ok() || c.hour > 23 || c.minute > 59 || c.second > 59)
    return std::nullopt;
  const std::int64_t days = std::chrono::sys_days{date}.time_since_epoch().count();
  return Timestamp{(days * kSecondsPerDay + c.hour * 3600 + c.minute * 60 + c.second) *
                   kMicrosPerSecond};
}

struct Broken {
  Civil civil;
  unsigned weekday{};
  std::int64_t micros{};
};

Broken to_civil(Timestamp t) {
  const std::int64_t seconds = t.seconds();
  const std::int64_t days = floor_div(seconds, kSecondsPerDay);
  const int of_day = static_cast<int>(seconds - days * kSecondsPerDay);
  const std::chrono::sys_days date{std::chrono::days{days}};
  const std::chrono::year_month_day ymd{date};
  return {.civil = {.year = static_cast<int>(ymd.year()),
                    .month = static_cast<int>(static_cast<unsigned>(ymd.month())),
                    .day = static_cast<int>(static_cast<unsigned>(ymd.day())),
                    .hour = of_day / 3600,
                    .minute = of_day / 60 % 60,
                    .second = of_day % 60},
          .weekday = std::chrono::weekday{date}.c_encoding(),
          .micros = (t.microseconds % kMicrosPerSecond + kMicrosPerSecond) % kMicrosPerSecond};
}

template <class... Args>
std::string format(const char* pattern, Args... args) {
  std::array<char, 80> buffer{};
  const int size = std::snprintf(buffer.data(), buffer.size(), pattern, args...);
  return {buffer.data(), static_cast<std::size_t>(size)};
}

/// Puts `number` into `text`, right-aligned in `width` digits from `at` on.
void put_digits(std::string& text, std::size_t at, std::size_t width, std::int64_t number) {
  for (std::size_t i = at + width; i-- > at; number /= 10)
    text[i] = static_cast<char>('0' + number % 10);
}

void clock_time(Scanner& in, Civil& c) {
  c.hour = in.digits(2);
  in.literal(":");
  c.minute = in.digits(2);
  in.literal(":");
  c.second = in.digits(2);
}

/// The two forms that begin with a day of the week and a comma.
template <class Days>
std::optional<Civil> date_in_gmt(std::string_view text, const Days& days, std::string_view between,
                                 std::size_t digits_of_year) {
  Scanner in{text};
  Civil c;
  in.name(days);
  in.literal(", ");
  c.day = in.digits(2);
  in.literal(between);
  c.month = in.name(kMonths) + 1;
  in.literal(between);
  c.year = in.digits(digits_of_year);
  in.literal(" ");
  clock_time(in, c);
  in.literal(" GMT");
  return in.done() ? std::optional{c} : std::nullopt;
}

std::optional<Civil> imf_fixdate(std::string_view text) { return date_in_gmt(text, kDays, " ", 4); }

// No clock is here to measure the RFC's fifty years by: POSIX's pivot instead.
std::optional<Civil> rfc850_date(std::string_view text) {
  auto date = date_in_gmt(text, kLongDays, "-", 2);
  if (date) date->year += date->year < 70 ? 2000 : 1900;
  return date;
}

std::optional<Civil> asctime_date(std::string_view text) {
  Scanner in{text};
  Civil c;
  in.name(kDays);
  in.literal(" ");
  c.month = in.name(kMonths) + 1;
  in.literal(" ");
  if (in.peek() == ' ') {
    in.literal(" ");
    c.day = in.digits(1);
  } else {
    c.day = in.digits(2);
  }
  in.literal(" ");
  clock_time(in, c);
  in.literal(" ");
  c.year = in.digits(4);
  return in.done() ? std::optional{c} : std::nullopt;
}

/// Microseconds of the fraction that may follow, of 1 to 9 digits; none if it is of another length.
std::optional<std::int64_t> fraction(Scanner& in) {
  if (in.peek() != '.') return 0;
  in.literal(".");
  std::int64_t micros = 0;
  int count = 0;
  for (std::int64_t unit = kMicrosPerSecond / 10; in.peek() >= '0' && in.peek() <= '9';
       unit /= 10, ++count)
    micros += in.digits(1) * unit;
  return count >= 1 && count <= 9 ? std::optional{micros} : std::nullopt;
}

/// Seconds east of UTC; none if there are no such hours or minutes.
std::optional<std::int64_t> offset(Scanner& in) {
  if (in.peek() != '+' && in.peek() != '-') {
    in.one_of("Zz");
    return 0;
  }
  const int sign = in.peek() == '-' ? -1 : 1;
  in.one_of("+-");
  const int hours = in.digits(2);
  in.literal(":");
  const int minutes = in.digits(2);
  if (hours > 23 || minutes > 59) return std::nullopt;
  return sign * (hours * 3600 + minutes * 60);
}

} // namespace

Result<Timestamp> Timestamp::parse(std::string_view text) {
  const auto refused = [] {
    return invalid("must be a time as RFC 3339 has it, such as 2026-11-24T02:54:31Z");
  };
  Scanner in{text};
  Civil c;
  c.year = in.digits(4);
  in.literal("-");
  c.month = in.digits(2);
  in.literal("-");
  c.day = in.digits(2);
  in.one_of("Tt");
  clock_time(in, c);

  const auto micros = fraction(in);
  if (!micros) return refused();
  const auto offset_seconds = offset(in);
  if (!offset_seconds || !in.done()) return refused();

  const auto local = from_civil(c);
  if (!local) return refused();
  const Timestamp utc{local->microseconds + *micros - *offset_seconds * kMicrosPerSecond};
  if (utc < kEarliest || utc > kLatest) return refused();
  return utc;
}

std::int64_t Timestamp::seconds() const noexcept {
  return floor_div(microseconds, kMicrosPerSecond);
}

std::string Timestamp::to_rfc3339() const {
  const auto [c, weekday, micros] = to_civil(*this);
  if (c.year < 0 || c.year > 9999) {
    return format("%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", c.year, c.month, c.day, c.hour, c.minute,
                  c.second, static_cast<int>(micros));
  }
  // Each entry of a page has two, and snprintf would take three times as long.
  std::string text = "0000-00-00T00:00:00.000000Z";
  put_digits(text, 0, 4, c.year);
  put_digits(text, 5, 2, c.month);
  put_digits(text, 8, 2, c.day);
  put_digits(text, 11, 2, c.hour);
  put_digits(text, 14, 2, c.minute);
  put_digits(text, 17, 2, c.second);
  put_digits(text, 20, 6, micros);
  return text;
}

std::string Timestamp::to_date() const {
  const auto c = to_civil(*this).civil;
  return format("%04d-%02d-%02d", c.year, c.month, c.day);
}

std::string Timestamp::to_http_date() const {
  const auto [c, weekday, micros] = to_civil(*this);
  return format("%s, %02d %s %04d %02d:%02d:%02d GMT", kDays[weekday].data(), c.day,
                kMonths[static_cast<std::size_t>(c.month - 1)].data(), c.year, c.hour, c.minute,
                c.second);
}

Result<Timestamp> Timestamp::parse_http_date(std::string_view text) {
  for (const auto form : {imf_fixdate, rfc850_date, asctime_date}) {
    if (const auto civil = form(text)) {
      if (const auto moment = from_civil(*civil)) return *moment;
    }
  }
  return invalid("must be a date as RFC 9110 section 5.6.7 has it");
}

} // namespace baluhost
