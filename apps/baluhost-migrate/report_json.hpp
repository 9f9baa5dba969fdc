#pragma once

#include "baluhost/core/migration/report.hpp"

#include <string>

namespace baluhost::migrate {

/// When the program ran, in RFC 3339.
struct Times {
  std::string started_at;
  std::string finished_at;
};

std::string to_json(const migration::Report& report, const Times& times);

} // namespace baluhost::migrate
