#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace baluhost {

enum class Severity { trace, debug, info, warn, error };

/// Starts the log on stderr. `format` is "text", "json" or empty: text on a terminal, else json.
/// Once, before anything is logged.
void start_log(const std::string& level, const std::string& format);

[[nodiscard]] bool log_enabled(Severity severity);

using LogFields = std::vector<std::pair<std::string_view, std::string>>;

/// One line. `message` and `fields` may hold anything: what is not printable is escaped. Safe from
/// many threads.
void log_line(Severity severity, std::string_view message, const LogFields& fields = {});

} // namespace baluhost
