#pragma once

#include "baluhost/host/message.hpp"

#include <string_view>

namespace baluhost {

enum class LogFormat {
  automatic, ///< text on a terminal, else json
  text,
  json
};

/// Starts the log on stderr, with what is at least as severe as `level`. Once, before anything is
/// logged.
void start_log(Severity level, LogFormat format);

[[nodiscard]] bool log_enabled(Severity severity);

/// One line. `message` and `fields` may hold anything: what is not printable is escaped. Safe from
/// many threads.
void log_line(Severity severity, std::string_view message, const LogFields& fields = {});

} // namespace baluhost
