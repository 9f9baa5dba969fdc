#include "baluhost/domain/time_zone.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

using namespace baluhost;

/// A file of the time zone database. Whatever it says, the days of a range follow one another and
/// cover it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes{reinterpret_cast<const char*>(data), size};
  (void)TimeZone::is_name(bytes);
  const auto zone = TimeZone::parse(bytes);
  if (!zone) return 0;
  constexpr Timestamp kFrom{1'774'742'400'000'000}, kTo{1'777'420'800'000'000};
  for (const auto interval : {Interval::hour, Interval::day, Interval::week, Interval::month}) {
    const auto bounds = interval_bounds(*zone, interval, kFrom, kTo, 10'000);
    if (!bounds) continue;
    if (bounds->size() < 2 || bounds->front() > kFrom || bounds->back() < kTo) std::abort();
    for (std::size_t i = 1; i < bounds->size(); ++i)
      if ((*bounds)[i - 1] >= (*bounds)[i]) std::abort();
  }
  return 0;
}
