#include "progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace baluhost {

Progress::Progress(std::string what, std::int64_t total, std::string unit)
    : what_(std::move(what)),
      total_(total),
      unit_(std::move(unit)),
      terminal_(isatty(STDERR_FILENO) != 0),
      start_(std::chrono::steady_clock::now()),
      last_(start_) {}

Progress::~Progress() {
  if (printed_) fmt::print(stderr, "\n");
}

void Progress::show(std::int64_t done, std::int64_t total) {
  const auto now = std::chrono::steady_clock::now();
  if (now - last_ < std::chrono::milliseconds{200} && done != total) return;
  last_ = now;
  printed_ = true;
  const double rate = static_cast<double>(done) /
                      std::max(std::chrono::duration<double>(now - start_).count(), 1e-3);
  if (total > 0) {
    const double left =
        rate > 0 ? static_cast<double>(std::max<std::int64_t>(total - done, 0)) / rate : 0;
    fmt::print(stderr, "\r{}: {} of {} {} ({}%), {:.0f}/s, {:.0f} s left   ", what_, done, total,
               unit_, done * 100 / total, rate, left);
  } else {
    fmt::print(stderr, "\r{}: {} {}, {:.0f}/s   ", what_, done, unit_, rate);
  }
}

} // namespace baluhost
