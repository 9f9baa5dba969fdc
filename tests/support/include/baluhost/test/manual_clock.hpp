#pragma once

#include "baluhost/ports/clock.hpp"

#include <atomic>

namespace baluhost::test {

/// Time that passes when the test says so.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Timestamp start = {1'764'000'000'000'000}) : now_(start.microseconds) {}

  Timestamp now() const noexcept override { return {now_.load()}; }
  std::chrono::microseconds monotonic() const noexcept override { return std::chrono::microseconds(monotonic_.load()); }

  void advance(std::chrono::microseconds duration) noexcept {
    now_ += duration.count();
    monotonic_ += duration.count();
  }
  void set(Timestamp time) noexcept { now_ = time.microseconds; } ///< a step of the wall clock alone

 private:
  std::atomic<std::int64_t> now_;
  std::atomic<std::int64_t> monotonic_{1'000'000};
};

} // namespace baluhost::test
