#pragma once

#include "baluhost/domain/timestamp.hpp"

#include <chrono>

namespace baluhost {

/// What time it is. Safe from many threads; never fails.
class Clock {
 public:
  virtual ~Clock() = default;

  /// The wall clock, which may step: for what is stored or shown.
  [[nodiscard]] virtual Timestamp now() const noexcept = 0;

  /// Never goes back: for durations and deadlines within one run.
  [[nodiscard]] virtual std::chrono::microseconds monotonic() const noexcept = 0;
};

} // namespace baluhost
