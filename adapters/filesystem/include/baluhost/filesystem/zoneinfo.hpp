#pragma once

#include "baluhost/ports/time_zones.hpp"

#include <memory>
#include <string>

namespace baluhost {

/// Time zones of a directory of TZif files (RFC 8536), as the package tzdata has them. A file that
/// is none is not_found.
std::unique_ptr<TimeZones> make_zoneinfo(std::string directory = "/usr/share/zoneinfo");

} // namespace baluhost
