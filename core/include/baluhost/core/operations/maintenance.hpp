#pragma once

#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/ports/blob_store.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/ports/digester.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace baluhost {

struct SweepResult {
  std::int64_t blobs{};
  std::int64_t bytes{};
};

/// Removes doomed blobs. Cheap: looks at the list of doomed ones only. `bytes` counts what could be
/// measured.
[[nodiscard]] Result<SweepResult> sweep_doomed(Database& database, BlobStore& blobs);

/// Removes what was received of uploads that are no more.
[[nodiscard]] Result<void> sweep_staged(Database& database, BlobStore& blobs);

/// Removes every published blob that no file refers to and that is older than `older_than` (an
/// upload about to commit has published its blob but not its row), and staging files without an
/// upload. Walks the store.
[[nodiscard]] Result<SweepResult> sweep_orphans(
    Database& database, BlobStore& blobs, Timestamp older_than,
    const std::function<void(std::int64_t seen)>& progress = {});

/// Removes what is left of trees that were removed at least `age` ago, with an event for each file,
/// in transactions that others' writes go between. Ends when nothing is left, or `go_on`, which is
/// called between them, returns false.
[[nodiscard]] Result<void> clear_removed_trees(Database& database, const Clock& clock,
                                               std::chrono::microseconds age,
                                               const std::function<bool()>& go_on);

struct ScrubOptions {
  std::int64_t bytes_per_second{0};                                     ///< 0: as fast as it goes
  std::function<bool(std::int64_t blobs, std::int64_t bytes)> progress; ///< false stops it
};

struct ScrubFinding {
  std::string kind; ///< "damaged", "missing", "orphan"
  BlobId blob;
  std::vector<std::string> paths; ///< of files that refer to it
  std::string detail;
};

struct ScrubReport {
  std::int64_t blobs{};
  std::int64_t bytes{};
  std::vector<ScrubFinding> findings;
};

/// Re-hashes every blob that files refer to and compares both ways; an orphan is one that is an
/// hour old. Damage is marked and recorded (`blob_damaged`, once per blob), never deleted; ends
/// with `integrity_scrub`, also where it was stopped.
[[nodiscard]] Result<ScrubReport> scrub(Database& database, BlobStore& blobs, AuditLog& audit,
                                        Digester& digester, const Clock& clock,
                                        const Principal* principal, const ScrubOptions& options);

/// Watches free space and inodes against a floor, and whether the database still takes what only
/// adds to it; records each crossing once, one that could not be recorded at the time as soon as it
/// can. Call `check` every few seconds, from one thread; of several servers over one store only
/// one, while the others `look`. `look` and `low` from many threads.
class SpaceMonitor {
 public:
  static constexpr std::int64_t kMinFreeInodes = 1000; ///< where the store counts them
  SpaceMonitor(BlobStore& blobs, Database& database, AuditLog& audit, std::int64_t min_free_bytes);
  [[nodiscard]] Result<void> check();
  [[nodiscard]] Result<void> look(); ///< without a record
  [[nodiscard]] bool low() const noexcept { return low_; }

 private:
  Result<StorageSpace> measure();
  [[nodiscard]] NewAuditEvent crossing(bool low, const StorageSpace& space) const;
  BlobStore& blobs_;
  Database& database_;
  AuditLog& audit_log_;
  std::int64_t min_free_bytes_;
  std::atomic<bool> low_{false};
  bool seen_low_{false};
  std::vector<NewAuditEvent> unrecorded_;
};

/// A task on a thread of its own, at once and then again and again until it is dropped; a failed
/// run is reported to `on_error` and tried again next time. Dropping it waits for a run under way,
/// never for the interval.
class PeriodicTask {
 public:
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
