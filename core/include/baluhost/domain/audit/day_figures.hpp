#pragma once

#include "baluhost/domain/audit/audit_statistics.hpp"
#include "baluhost/domain/ids.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace baluhost {

/// What events of a day are counted by.
enum class FigureKind {
  ip_address = 1,
  failed_login_address = 2,
  failed_login_name = 3,
  resource = 4, ///< those with the most events alone
  user = 5,
  action = 6, ///< "EVENT_TYPE action"
};

/// How many events of the day have that key. `bytes`: of an action, what it moved.
struct KeyFigure {
  FigureKind kind{};
  std::string key;
  AuditCount count;
  std::int64_t bytes{};

  bool operator==(const KeyFigure&) const = default;
};

/// How many events of a type a quarter of an hour has, the first of the day being 0.
struct QuarterFigure {
  std::int64_t quarter{};
  std::string event_type;
  AuditCount count;

  bool operator==(const QuarterFigure&) const = default;
};

/// The figures of a day of UTC, by its number since 1970.
struct DayFigures {
  std::int64_t day{};
  std::int64_t run{};       ///< of `RollUpRepository::settle`
  bool is_too_large{false}; ///< the day has too many different keys: none is kept
  EventId first{};          ///< the least id of its events
  EventId last{};           ///< the greatest
  /// How many events a resource has that is not among `keys`: none has more.
  std::int64_t most_left{};
  std::vector<KeyFigure> keys; ///< by kind, then key
  std::vector<QuarterFigure> quarters;

  /// `run` apart.
  [[nodiscard]] bool is_same(const DayFigures& other) const {
    return day == other.day && is_too_large == other.is_too_large && first == other.first &&
           last == other.last && most_left == other.most_left && keys == other.keys &&
           quarters == other.quarters;
  }
};

} // namespace baluhost
