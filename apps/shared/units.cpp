#include "units.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace baluhost {
namespace {

struct Unit {
  std::string_view name;
  std::int64_t factor;
};

// From large to small, as the formatters need them.
constexpr std::array kDurations{Unit{"d", 86'400'000}, Unit{"h", 3'600'000}, Unit{"m", 60'000},
                                Unit{"s", 1'000}, Unit{"ms", 1}};
constexpr std::array kSizes{Unit{"TiB", 1LL << 40}, Unit{"GiB", 1LL << 30}, Unit{"MiB", 1LL << 20},
                            Unit{"KiB", 1LL << 10}, Unit{"", 1}};

template <std::size_t N>
Result<std::int64_t> parse(std::string_view text, const std::array<Unit, N>& units,
                           const char* allowed) {
  std::int64_t number = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (failure != std::errc{} || number < 0) return invalid(allowed);
  const std::string_view name{end, static_cast<std::size_t>(text.data() + text.size() - end)};
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    if (number > std::numeric_limits<std::int64_t>::max() / unit.factor) return invalid(allowed);
    return number * unit.factor;
  }
  return invalid(allowed);
}

template <std::size_t N>
std::string format(std::int64_t number, const std::array<Unit, N>& units) {
  for (const Unit& unit : units) {
    if (number % unit.factor == 0 && (number != 0 || unit.factor == units.back().factor)) {
      return std::to_string(number / unit.factor) + std::string{unit.name};
    }
  }
  return std::to_string(number);
}

} // namespace

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  BALUHOST_TRY(
      const auto value,
      parse(text, kDurations, "a whole number and one of ms, s, m, h, d, such as \"15m\""));
  return std::chrono::milliseconds{value};
}

std::string format_duration(std::chrono::milliseconds duration) {
  return format(duration.count(), kDurations);
}

Result<std::int64_t> parse_size(std::string_view text) {
  return parse(text, kSizes,
               "a whole number of bytes, or one with KiB, MiB, GiB or TiB, such as \"256MiB\"");
}

std::string format_size(std::int64_t bytes) { return format(bytes, kSizes); }

} // namespace baluhost
