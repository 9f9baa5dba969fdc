#include "log.hpp"

#include "baluhost/domain/details.hpp"
#include "baluhost/domain/text.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <climits>
#include <memory>
#include <mutex>

namespace baluhost {
namespace {

bool json_lines = false;

spdlog::level::level_enum level_of(Severity severity) {
  switch (severity) {
    case Severity::trace:
      return spdlog::level::trace;
    case Severity::debug:
      return spdlog::level::debug;
    case Severity::info:
      return spdlog::level::info;
    case Severity::warn:
      return spdlog::level::warn;
    case Severity::error:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

std::string now() {
  using namespace std::chrono;
  return Timestamp{duration_cast<microseconds>(system_clock::now().time_since_epoch()).count()}
      .to_rfc3339();
}

/// Writes to stderr, but never waits long for its reader: a pipe that nobody reads, or a terminal
/// that was stopped, must not stop the server. Lines that found no room are counted, and their
/// number is the first thing that is written when there is room again.
class PatientSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit PatientSink(bool colors) : colors_(colors) {}

 private:
  static constexpr int kPatience = 50; // milliseconds, for a reader that is merely slow

  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t text;
    formatter_->format(message, text);
    std::string line{text.data(), text.size()};
    if (colors_ && message.color_range_end > message.color_range_start) {
      line.insert(message.color_range_end, "\033[0m");
      line.insert(message.color_range_start, kColors[message.level]);
    }
    if (lost_ > 0 && !write(lost_lines(), 0)) {
      ++lost_;
      return;
    }
    lost_ = 0;
    if (!write(line, kPatience)) ++lost_;
  }
  void flush_() override {}

  std::string lost_lines() const {
    const std::string message =
        std::to_string(lost_) + " lines of the log were lost, since nobody read them";
    if (!json_lines) return message + "\n";
    return JsonObject{}.add("time", now()).add("level", "warning").add("message", message).str() +
           "\n";
  }

  /// False if there was no room; then what was begun is closed by the next line's own beginning.
  bool write(std::string_view text, int patience) {
    while (!text.empty()) {
      pollfd there{STDERR_FILENO, POLLOUT, 0};
      if (::poll(&there, 1, patience) <= 0) return false;
      // POLLOUT says of a pipe that PIPE_BUF bytes can be written without waiting (POSIX, poll).
      const auto written =
          ::write(STDERR_FILENO, text.data(), std::min<std::size_t>(text.size(), PIPE_BUF));
      if (written < 0 && errno == EINTR) continue;
      if (written <= 0) return false;
      text.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
  }

  static constexpr std::array<const char*, spdlog::level::n_levels> kColors{
      "\033[37m",        "\033[36m",        "\033[32m", "\033[33m\033[1m",
      "\033[31m\033[1m", "\033[1m\033[41m", ""};
  const bool colors_;
  std::size_t lost_{0};
};

} // namespace

void start_log(Severity level, LogFormat format) {
  json_lines =
      format == LogFormat::json || (format == LogFormat::automatic && isatty(STDERR_FILENO) == 0);
  auto logger = std::make_shared<spdlog::logger>(
      "baluhost", std::make_shared<PatientSink>(isatty(STDERR_FILENO) != 0));
  logger->set_pattern(json_lines ? "%v" : "%Y-%m-%d %H:%M:%S.%e %^%-7l%$ %v");
  logger->set_level(level_of(level));
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
    json.add("time", now())
        .add("level", std::string_view{name.data(), name.size()})
        .add("message", message);
    for (const auto& [key, value] : fields) json.add(key, value);
    line = json.str();
  } else {
    line = printable(message);
    for (const auto& [key, value] : fields)
      line.append(" ").append(key).append("=").append(printable(value));
  }
  spdlog::log(spd_level, "{}", line);
}

} // namespace baluhost
