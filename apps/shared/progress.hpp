#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace baluhost {

/// A line on the terminal that is written over: what is done, the rate, the time left. Silent in a
/// pipe. One thread at a time.
class Progress {
 public:
  explicit Progress(std::string what, std::int64_t total = 0,
                    std::string unit = "rows"); ///< `total` 0: unknown
  ~Progress();
  void update(std::int64_t done) { update(done, total_); }
  void update(std::int64_t done, std::int64_t total) {
    if (terminal_) show(done, total);
  }

 private:
  void show(std::int64_t done, std::int64_t total);

  std::string what_;
  std::int64_t total_;
  std::string unit_;
  bool terminal_;
  bool printed_{false};
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_;
};

} // namespace baluhost
