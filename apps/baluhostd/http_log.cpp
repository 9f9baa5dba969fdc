#include "http_log.hpp"

#include "log.hpp"

namespace baluhost {
namespace {

Severity severity_of(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return Severity::debug;
    case LogLevel::info:
      return Severity::info;
    case LogLevel::warning:
      return Severity::warn;
    case LogLevel::error:
      return Severity::error;
  }
  return Severity::error;
}

} // namespace

void LogToSpdlog::message(LogLevel level, std::string_view text) {
  log_line(severity_of(level), text);
}

void LogToSpdlog::access(const AccessEntry& entry) {
  if (!log_enabled(Severity::debug)) return;
  log_line(Severity::debug, "request",
           {{"client", std::string{entry.client}},
            {"user", std::string{entry.user}},
            {"method", std::string{entry.method}},
            {"path", std::string{entry.path}},
            {"status", std::to_string(entry.status)},
            {"bytes", std::to_string(entry.bytes)},
            {"microseconds", std::to_string(entry.duration.count())},
            {"request_id", std::string{entry.request_id}}});
}

} // namespace baluhost
