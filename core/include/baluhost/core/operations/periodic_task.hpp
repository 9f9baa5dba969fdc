#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace baluhost {

/// How a task went last.
struct TaskRun {
  std::string name;                  ///< for people: "removing deleted blobs"
  std::optional<Timestamp> last_run; ///< none: it has not come to an end yet
  std::string error;                 ///< why it failed; empty: it did not
};

/// A task on a thread of its own, at once and then again and again until it is dropped; a failed
/// run is reported to `on_error` and tried again next time. Dropping it waits for a run under way,
/// never for the interval.
class PeriodicTask {
 public:
  /// Begins at once.
  PeriodicTask(std::chrono::milliseconds interval, std::function<Result<void>()> task,
               std::function<void(const Error&)> on_error);
  ~PeriodicTask();
  PeriodicTask(const PeriodicTask&) = delete;
  PeriodicTask& operator=(const PeriodicTask&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

} // namespace baluhost
