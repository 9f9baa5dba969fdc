#include "periodic_tasks.hpp"

#include "baluhost/core/audit/retention.hpp"
#include "baluhost/core/operations/sweep.hpp"

namespace baluhost {

void report_findings(Lifecycle& lifecycle, const HostReport& report) {
  for (const auto& found : lifecycle.take_findings()) {
    report({Severity::error,
            "recovery found what is not as it was written: " + std::string{to_string(found.kind)},
            {{"event", found.event ? std::to_string(found.event->value) : ""},
             {"detail", found.detail}}});
  }
}

std::vector<std::unique_ptr<PeriodicTask>> start_periodic_tasks(const HostOptions& options,
                                                                Backend& backend,
                                                                Services& services,
                                                                SpaceMonitor& space,
                                                                const HostReport& report) {
  using namespace std::chrono_literals;
  std::vector<std::unique_ptr<PeriodicTask>> tasks;
  const auto every = [&tasks, &report](std::chrono::milliseconds interval, const char* name,
                                       std::function<Result<void>()> task) {
    tasks.push_back(std::make_unique<PeriodicTask>(
        interval, std::move(task), [name, &report](const Error& error) {
          report({Severity::warn,
                  std::string{name} + " failed",
                  {{"code", std::string{code_of(error.code)}}, {"detail", error.detail}}});
        }));
  };

  // Of several servers on one database one does this.
  const auto once_every = [&every, &services](std::chrono::milliseconds interval, const char* name,
                                              std::function<Result<void>()> task) {
    every(interval, name, [&services, task = std::move(task)]() -> Result<void> {
      BALUHOST_TRY(const bool leads, services.lifecycle.leads());
      return leads ? task() : Result<void>{};
    });
  };

  every(200ms, "looking for changes of users by other programs",
        [&services] { return services.identities.poll(); });
  every(10s, "the heartbeat", [&services, &report]() -> Result<void> {
    auto beaten = services.lifecycle.heartbeat();
    report_findings(services.lifecycle, report);
    return beaten;
  });
  every(10s, "sealing the audit trail", [&services]() -> Result<void> {
    if (auto trouble = services.sealer.trouble())
      return Error{.code = Errc::unavailable, .detail = *std::move(trouble)};
    return {};
  });
  once_every(60s, "noting how far the audit trail is sealed", [&backend, &services] {
    return services.sealer.note_progress(backend.clock->now() - 1min);
  });
  every(5s, "setting space aside", [&backend] { return backend.database->keep_reserve(); });
  every(5s, "the look at the free space", [&services, &space]() -> Result<void> {
    const auto leads = services.lifecycle.leads();
    return leads && *leads ? space.check() : space.look();
  });
  once_every(2s, "removing deleted blobs", [&backend]() -> Result<void> {
    BALUHOST_CHECK(sweep_doomed(*backend.database, *backend.blobs));
    return {};
  });
  // Runs half of the time at most, and for a second, so that a stop does not wait for it.
  once_every(1s, "removing what is left of removed trees", [&backend]() -> Result<void> {
    const auto until = backend.clock->monotonic() + 1s;
    return clear_removed_trees(*backend.database, *backend.clock, 5s,
                               [&] { return backend.clock->monotonic() < until; });
  });
  once_every(60s, "removing expired uploads", [&backend, &services]() -> Result<void> {
    BALUHOST_CHECK(services.uploads.remove_unpermitted());
    BALUHOST_CHECK(services.uploads.remove_expired());
    return sweep_staged(*backend.database, *backend.blobs);
  });
  once_every(1h, "forgetting expired sessions", [&backend] {
    return backend.database->bookkeep([&](Bookkeeping& tx) -> Result<void> {
      BALUHOST_CHECK(tx.sessions().forget_expired(backend.clock->now() - 24h * 30, 1000));
      return {};
    });
  });
  // What a crash left: uploads that had published their blob but not its row. Nothing under way
  // takes an hour from one to the other.
  once_every(24h, "removing orphaned blobs", [&backend]() -> Result<void> {
    BALUHOST_CHECK(sweep_orphans(*backend.database, *backend.blobs, backend.clock->now() - 1h));
    return {};
  });
  if (options.audit.retention_days > 0) {
    once_every(1h, "pruning the audit trail", [&options, &backend, &services]() -> Result<void> {
      BALUHOST_CHECK(prune_trail(*backend.database, services.audit_log, *backend.signer,
                                 *backend.clock, nullptr,
                                 backend.clock->now() - 24h * options.audit.retention_days));
      return {};
    });
  }
  return tasks;
}

} // namespace baluhost
