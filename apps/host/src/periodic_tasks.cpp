#include "periodic_tasks.hpp"

#include "lost_keys.hpp"

#include "baluhost/core/archives/archive_service.hpp"
#include "baluhost/core/audit/retention.hpp"
#include "baluhost/core/operations/roll_up.hpp"
#include "baluhost/core/operations/sweep.hpp"
#include "baluhost/core/trash/trash_service.hpp"
#include "baluhost/core/versions/version_service.hpp"

#include <string>
#include <thread>
#include <utility>

namespace baluhost {

using namespace std::chrono_literals;

void report_findings(Lifecycle& lifecycle, const HostReport& report) {
  for (const auto& found : lifecycle.take_findings()) {
    report({Severity::error,
            "recovery found what is not as it was written: " + std::string{to_string(found.kind)},
            {{"event", found.event ? std::to_string(found.event->value) : ""},
             {"detail", found.detail}}});
  }
}

PeriodicTasks::PeriodicTasks(const HostOptions& options, Backend& backend, Services& services,
                             SpaceMonitor& space, const HostReport& report)
    : options_(options), backend_(backend), services_(services), space_(space), report_(report) {
  watch();
  sweep();
  forget();
  keep_trail();
}

void PeriodicTasks::every(std::chrono::milliseconds interval, const char* name, Task task) {
  std::size_t index = 0;
  {
    std::lock_guard lock{runs_mutex_};
    index = runs_.size();
    runs_.push_back({.name = name, .last_run = {}, .error = {}});
  }
  tasks_.push_back(std::make_unique<PeriodicTask>(
      interval,
      [this, index, task = std::move(task)]() -> Result<void> {
        auto done = task();
        note(index, done);
        return done;
      },
      [this, name](const Error& error) {
        report_({Severity::warn,
                 std::string{name} + " failed",
                 {{"code", std::string{code_of(error.code)}}, {"detail", error.detail}}});
      }));
}

void PeriodicTasks::note(std::size_t index, const Result<void>& done) {
  const auto now = backend_.clock->now();
  std::lock_guard lock{runs_mutex_};
  runs_[index].last_run = now;
  runs_[index].error = done ? "" : std::string{code_of(done.error().code)};
}

std::vector<TaskRun> PeriodicTasks::runs() const {
  std::lock_guard lock{runs_mutex_};
  return runs_;
}

void PeriodicTasks::once_every(std::chrono::milliseconds interval, const char* name, Task task) {
  every(interval, name, [this, task = std::move(task)]() -> Result<void> {
    BALUHOST_TRY(const bool leads, services_.lifecycle.leads());
    return leads ? task() : Result<void>{};
  });
}

void PeriodicTasks::watch() {
  every(200ms, "looking for changes of users by other programs",
        [this] { return services_.identities.poll(); });
  every(5s, "noting when keys were used",
        [this] { return services_.key_uses.write(backend_.clock->now()); });
  every(10s, "the heartbeat", [this]() -> Result<void> {
    auto beaten = services_.lifecycle.heartbeat();
    report_findings(services_.lifecycle, report_);
    return beaten;
  });
  every(1s, "recording failures that could not be recorded at once",
        [this] { return services_.audit_log.write_waiting(); });
  every(5s, "setting space aside", [this] { return backend_.database->keep_reserve(); });
  every(1s, "looking for the keys of contents",
        [lost = std::make_shared<LostContentKeys>(backend_, options_.keys_dir, report_)] {
          return lost->look(250ms);
        });
  every(5s, "the look at the free space", [this]() -> Result<void> {
    const auto leads = services_.lifecycle.leads();
    return leads && *leads ? space_.check() : space_.look();
  });
}

std::function<bool()> PeriodicTasks::within(std::chrono::milliseconds time) const {
  return [clock = backend_.clock.get(), until = backend_.clock->monotonic() + time] {
    return clock->monotonic() < until;
  };
}

std::function<bool()> PeriodicTasks::at_half_pace(std::chrono::milliseconds time) const {
  return [in_time = within(time), clock = backend_.clock.get(),
          resumed = backend_.clock->monotonic()]() mutable {
    std::this_thread::sleep_for(clock->monotonic() - resumed);
    resumed = clock->monotonic();
    return in_time();
  };
}

void PeriodicTasks::sweep() {
  once_every(2s, "removing deleted blobs", [this]() -> Result<void> {
    BALUHOST_CHECK(sweep_doomed(*backend_.database, *backend_.blobs));
    return {};
  });
  once_every(1s, "removing what is left of removed trees", [this] {
    return clear_removed_trees(*backend_.database, *backend_.clock, 5s, at_half_pace(3s));
  });
  once_every(1s, "putting files of large trees on record", [this] {
    return write_tree_records(*backend_.database, *backend_.clock, 1s, at_half_pace(3s));
  });
  once_every(5s, "purging what expired in the trash", [this] {
    return purge_expired(*backend_.database, services_.audit_log, *backend_.clock, within(5s));
  });
  once_every(5s, "removing old versions", [this, position = FileId{}]() mutable {
    return remove_old_versions(*backend_.database, services_.audit_log, *backend_.clock,
                               keep_rules(options_), position, within(5s));
  });
  once_every(2s, "removing archives that are over",
             [this] { return clear_archives(*backend_.database, *backend_.clock, within(1s)); });
  once_every(60s, "removing expired uploads", [this]() -> Result<void> {
    BALUHOST_CHECK(services_.uploads.remove_unpermitted());
    BALUHOST_CHECK(services_.uploads.remove_expired());
    return sweep_staged(*backend_.database, *backend_.blobs);
  });
  // What a crash left: uploads that had published their blob but not its row. Nothing under way
  // takes an hour from one to the other.
  once_every(24h, "removing orphaned blobs", [this]() -> Result<void> {
    BALUHOST_CHECK(sweep_orphans(*backend_.database, *backend_.blobs, backend_.clock->now() - 1h));
    return {};
  });
}

void PeriodicTasks::forget() {
  once_every(1h, "forgetting expired sessions, keys and challenges", [this] {
    return backend_.database->bookkeep([&](Bookkeeping& tx) -> Result<void> {
      BALUHOST_CHECK(tx.sessions().forget_expired(backend_.clock->now() - 24h * 30, 1000));
      BALUHOST_CHECK(tx.keys().forget_expired(backend_.clock->now() - 24h, 1000));
      BALUHOST_CHECK(tx.challenges().forget_expired(backend_.clock->now(), 1000));
      return {};
    });
  });
  once_every(1h, "forgetting ended shares", [this] {
    return backend_.database->bookkeep([&](Bookkeeping& tx) -> Result<void> {
      BALUHOST_CHECK(tx.shares().forget_ended(backend_.clock->now() - 24h * 30, 1000));
      return {};
    });
  });
}

void PeriodicTasks::keep_trail() {
  every(10s, "sealing the audit trail", [this]() -> Result<void> {
    if (auto trouble = services_.sealer.trouble())
      return Error{.code = Errc::unavailable, .detail = *std::move(trouble)};
    return {};
  });
  once_every(60s, "noting how far the audit trail is sealed",
             [this] { return services_.sealer.note_progress(backend_.clock->now() - 1min); });
  once_every(5s, "keeping figures of the audit trail", [this] {
    return roll_up_trail(*backend_.database, backend_.clock->now(), within(2s));
  });
  if (options_.audit.retention_days == 0) return;
  once_every(1h, "pruning the audit trail", [this]() -> Result<void> {
    BALUHOST_CHECK(prune_trail(*backend_.database, services_.audit_log, *backend_.signer,
                               *backend_.clock, nullptr,
                               backend_.clock->now() - 24h * options_.audit.retention_days));
    return {};
  });
}

} // namespace baluhost
