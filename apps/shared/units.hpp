#pragma once

#include "baluhost/domain/result.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace baluhost {

/// "250ms", "30s", "15m", "24h", "7d": a whole number and a unit. Else invalid_request.
Result<std::chrono::milliseconds> parse_duration(std::string_view text);
/// The shortest text that `parse_duration` reads back.
std::string format_duration(std::chrono::milliseconds duration);

/// Bytes: "1048576", "256MiB", "2GiB", "1TiB", "64KiB". Else invalid_request.
Result<std::int64_t> parse_size(std::string_view text);
std::string format_size(std::int64_t bytes);

} // namespace baluhost
