#include "log.hpp"

#include "baluhost/domain/details.hpp"
#include "baluhost/domain/text.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <unistd.h>

#include <chrono>

namespace baluhost {
namespace {

bool json_lines = false;

spdlog::level::level_enum level_of(Severity severity) {
  switch (severity) {
    case Severity::trace: return spdlog::level::trace;
    case Severity::debug: return spdlog::level::debug;
    case Severity::info: return spdlog::level::info;
    case Severity::warn: return spdlog::level::warn;
    case Severity::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

std::string now() {
  using namespace std::chrono;
  return Timestamp{duration_cast<microseconds>(system_clock::now().time_since_epoch()).count()}.to_rfc3339();
}

} // namespace

void start_log(const std::string& level, const std::string& format) {
  json_lines = format == "json" || (format.empty() && isatty(STDERR_FILENO) == 0);
  auto logger = spdlog::stderr_color_mt("baluhost");
  logger->set_pattern(json_lines ? "%v" : "%Y-%m-%d %H:%M:%S.%e %^%-7l%$ %v");
  logger->set_level(spdlog::level::from_str(level));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(std::move(logger));
}

bool log_enabled(Severity severity) { return spdlog::should_log(level_of(severity)); }

void log_line(Severity severity, std::string_view message, const LogFields& fields) {
  const auto spd_level = level_of(severity);
  if (!spdlog::should_log(spd_level)) return;
  std::string line;
  if (json_lines) {
    JsonObject json;
    const auto name = spdlog::level::to_string_view(spd_level);
    json.add("time", now()).add("level", std::string_view{name.data(), name.size()}).add("message", message);
    for (const auto& [key, value] : fields) json.add(key, value);
    line = json.str();
  } else {
    line = printable(message);
    for (const auto& [key, value] : fields) line.append(" ").append(key).append("=").append(printable(value));
  }
  spdlog::log(spd_level, "{}", line);
}

} // namespace baluhost
