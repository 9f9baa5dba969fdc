#pragma once

#include "baluhost/domain/audit/day_figures.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/ports/common/repository.hpp"

#include <cstdint>
#include <optional>

namespace baluhost {

/// What is kept of the figures of days that are over, so that statistics over long ranges need not
/// count their events. It is no other than what a count would find: an event that comes or goes
/// later makes its day be counted from the events again, until it is kept anew.
///
/// A day is kept in steps, each in a transaction of its own, so that nobody waits for the count:
/// `mark`, `settle`, `count`, `keep`. Whoever writes to the day after `mark` was committed takes
/// the mark away, and `keep` keeps nothing; whoever began before has ended when `count` counts.
///
/// Days are of UTC, by their number since 1970. A database that needs no such thing has no day to
/// keep.
class RollUpRepository : public Repository {
 public:
  /// The newest day before `before` that has events and is not kept; none: all are.
  [[nodiscard]] virtual Result<std::optional<std::int64_t>> next(std::int64_t before) const = 0;

  /// Begins with the day, anew if somebody has begun.
  [[nodiscard]] virtual Result<void> mark(std::int64_t day) = 0;

  /// After `mark` was committed: who writes without seeing the mark has begun by now.
  [[nodiscard]] virtual Result<void> settle(std::int64_t day) = 0;

  /// None: the mark is gone, or some who may not see it still write.
  [[nodiscard]] virtual Result<std::optional<DayFigures>> count(std::int64_t day) const = 0;

  /// False, and nothing is kept: the day was written to since, or begun anew.
  [[nodiscard]] virtual Result<bool> keep(const DayFigures& figures) = 0;
};

} // namespace baluhost
