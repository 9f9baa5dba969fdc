#pragma once

#include "backend.hpp"
#include "services.hpp"

#include "baluhost/core/operations/periodic_task.hpp"
#include "baluhost/core/operations/space_monitor.hpp"
#include "baluhost/host/message.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace baluhost {

using HostReport = std::function<void(const HostMessage&)>;

/// Everything that a server does without being asked, each task on a thread of its own, until this
/// is dropped. All references must outlive it.
class PeriodicTasks {
 public:
  PeriodicTasks(const HostOptions& options, Backend& backend, Services& services,
                SpaceMonitor& space, const HostReport& report);

  /// How each went last. Safe from any thread.
  [[nodiscard]] std::vector<TaskRun> runs() const;

 private:
  using Task = std::function<Result<void>()>;
  void every(std::chrono::milliseconds interval, const char* name, Task task);

  /// Of several servers on one database one does this.
  void once_every(std::chrono::milliseconds interval, const char* name, Task task);

  void note(std::size_t index, const Result<void>& done);

  /// Whether so much time has not yet passed from now on.
  [[nodiscard]] std::function<bool()> within(std::chrono::milliseconds time) const;

  /// The same for work of many steps: whoever asks between two of them pauses for as long as the
  /// last one took, so that others find a processor and the database free.
  [[nodiscard]] std::function<bool()> at_half_pace(std::chrono::milliseconds time) const;
  void watch();
  void sweep();
  void forget();
  void keep_trail();

  const HostOptions& options_;
  Backend& backend_;
  Services& services_;
  SpaceMonitor& space_;
  const HostReport& report_;
  mutable std::mutex runs_mutex_;
  std::vector<TaskRun> runs_;
  std::vector<std::unique_ptr<PeriodicTask>> tasks_;
};

/// Reports what recoveries found since the last call.
void report_findings(Lifecycle& lifecycle, const HostReport& report);

} // namespace baluhost
