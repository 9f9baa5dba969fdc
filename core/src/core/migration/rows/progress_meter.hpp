#pragma once

#include "baluhost/core/migration/migration.hpp"

#include <cstdint>
#include <string_view>

namespace baluhost::migration {

/// Tells how far a step is, so rarely that a row does not notice. One thread at a time.
class ProgressMeter {
 public:
  ProgressMeter(const OnProgress& progress, std::string_view step, std::int64_t total,
                std::string_view unit = "rows")
      : progress_(progress), update_{step, 0, total, unit} {
    going_ = tell(0);
  }

  /// Returns whether the run goes on.
  bool rows(std::int64_t done) {
    if (done % kEvery != 0 && done != update_.total) return going_;
    return going_ = going_ && tell(done);
  }
  bool objects(std::int64_t done) { return going_ = going_ && tell(done); }

 private:
  static constexpr std::int64_t kEvery = 1000;

  bool tell(std::int64_t done) {
    update_.done = done;
    return !progress_ || progress_(update_);
  }

  const OnProgress& progress_;
  Progress update_;
  bool going_{true};
};

inline Error stopped() { return Error{Errc::conflict, "the run was stopped"}; }

} // namespace baluhost::migration
