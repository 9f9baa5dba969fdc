#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

/// Ends the run with a report if a promise does not hold.
#define BALUHOST_PROMISE(condition) \
  do {                              \
    if (!(condition)) std::abort(); \
  } while (false)

inline std::string_view fuzz_text(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}
