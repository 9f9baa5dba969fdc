#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baluhost {

/// How much a message matters.
enum class Severity { trace, debug, info, warn, error };

/// What is added to a line of a log, by name.
using LogFields = std::vector<std::pair<std::string_view, std::string>>;

/// What a host has to say to its operator.
struct HostMessage {
  Severity severity{Severity::info};
  std::string text{};
  LogFields fields{};
};

} // namespace baluhost
