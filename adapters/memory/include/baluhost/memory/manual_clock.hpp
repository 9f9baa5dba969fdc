#pragma once

#include "baluhost/ports/clock.hpp"

#include <atomic>
#include <chrono>

namespace baluhost {

/// A clock that stands still until it is told otherwise. Safe from many threads.
class ManualClock final : public Clock {
 public:
  /// Starts at 2026-11-24T02:54:31.123456Z unless told otherwise.
  explicit ManualClock(Timestamp start = {1'795'488'871'123'456}) noexcept
      : now_(start.microseconds) {}

  [[nodiscard]] Timestamp now() const noexcept override { return {now_.load()}; }
  [[nodiscard]] std::chrono::microseconds monotonic() const noexcept override {
    return std::chrono::microseconds{monotonic_.load()};
  }

  /// Time passes, on both clocks; `time` must not be negative.
  void advance(std::chrono::microseconds time) noexcept {
    monotonic_ += time.count();
    now_ += time.count();
  }
  /// The wall clock steps, as by an administrator; no time passes.
  void step_to(Timestamp moment) noexcept { now_ = moment.microseconds; }

 private:
  std::atomic<std::int64_t> now_;
  std::atomic<std::int64_t> monotonic_{0};
};

} // namespace baluhost
