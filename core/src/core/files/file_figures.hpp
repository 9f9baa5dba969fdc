#pragma once

#include "baluhost/domain/details.hpp"
#include "baluhost/domain/files/byte_range.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <string>

/// Figures of file events, the same wherever they are made.
namespace baluhost {

inline double in_milliseconds(std::chrono::microseconds duration) {
  return static_cast<double>(duration.count()) / 1000.0;
}

/// Megabits per second; a duration below the clock's resolution counts as one microsecond.
inline double megabits_per_second(std::int64_t bytes, std::chrono::microseconds duration) {
  return static_cast<double>(bytes) * 8.0 /
         static_cast<double>(std::max<std::int64_t>(duration.count(), 1));
}

inline std::string to_text(const ByteRange& range) {
  return std::to_string(range.first) + '-' + std::to_string(range.last);
}

} // namespace baluhost
