#pragma once

#include "backend.hpp"
#include "periodic_tasks.hpp"
#include "services.hpp"

#include "baluhost/core/operations/space_monitor.hpp"
#include "baluhost/filesystem/private_file.hpp"

#include <memory>
#include <optional>

namespace baluhost {

/// The hooks with something in each that a host calls itself.
HostHooks complete(HostHooks hooks);

/// What a host owns, in the order in which it is made.
struct Host::Impl {
  HostOptions options;
  HostReport report;
  bool is_in_memory{false};
  HostRole role{HostRole::server};
  std::optional<DirectoryLock> lock;
  std::unique_ptr<Backend> backend;
  std::unique_ptr<Services> services;
  std::unique_ptr<SpaceMonitor> space;
  std::optional<PeriodicTasks> tasks;
};

} // namespace baluhost
