#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/domain/time_zone.hpp"

#include <string_view>

namespace baluhost {

/// The time zones of the IANA database. Safe from many threads.
class TimeZones {
 public:
  virtual ~TimeZones() = default;

  /// not_found: it has none of that name. unavailable: it cannot be read.
  [[nodiscard]] virtual Result<TimeZone> find(std::string_view name) const = 0;
};

} // namespace baluhost
