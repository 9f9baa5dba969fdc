#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/migration/report.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/ports/bulk_store.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/seal_signer.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

/// Moves a BaluHost from one database to another and proves that nothing was lost: every row is
/// compared, and the audit chain verified on both sides. The source is never written to. Until all
/// is the same the target says of itself that it is not usable.
namespace baluhost::migration {

/// What a run is to do.
enum class Mode {
  move,     ///< into an empty target
  resume,   ///< goes on with a run that was stopped
  dry_run,  ///< everything in one transaction, which is rolled back
  compare,  ///< the two sides, without writing
  roll_back ///< empties what a run wrote into the target
};

/// Of `run`.
struct Options {
  Mode mode{Mode::move};
  std::int64_t batch{50'000};       ///< rows of one commit
  bool discards_used_target{false}; ///< rolls back a finished run too, with what was written since
};

/// One side of a migration.
struct Side {
  std::string name; ///< for people, and what the target remembers of its source; without secrets
  BulkStore& rows;
  /// Opens the same database to read its audit trail, also while a migration into it is unfinished.
  std::function<Result<std::unique_ptr<Database>>()> open_trail;
};

/// How thoroughly a backup of the source is looked at.
enum class BackupCheck {
  full,
  quick ///< enough for a backup whose rows are compared with the source's
};

/// Makes a backup of the source, before anything is moved. Safe from two threads that use different
/// backups.
class SourceBackup {
 public:
  virtual ~SourceBackup() = default;

  /// Returns what keeps one from being made.
  [[nodiscard]] virtual std::vector<bulk::Finding> obstacles() = 0;

  /// Makes one of the source as it is now, never over another. Returns its name, or a sentence why
  /// there is none. unavailable and others: it cannot be made.
  [[nodiscard]] virtual Result<std::string> make() = 0;

  /// Returns the rows of a backup; null if it has no form that a migration reads.
  [[nodiscard]] virtual std::unique_ptr<BulkStore> rows(const std::string& name) = 0;

  /// internal: it is not sound.
  [[nodiscard]] virtual Result<void> check(const std::string& name, BackupCheck check) = 0;

  /// Removes one that is not needed any more, if that can be done.
  virtual void remove(const std::string& name) noexcept = 0;
};

/// How far a step is.
struct Progress {
  std::string_view step;
  std::int64_t done{};  ///< 0: it begins
  std::int64_t total{}; ///< 0: not known
  std::string_view unit;
};
/// Called now and then, by one thread at a time. False stops the run, as an error does: what was
/// committed stays, and a later run resumes.
using OnProgress = std::function<bool(const Progress&)>;

/// What it works with; all must outlive it.
struct Dependencies {
  Side source;
  Side target;
  SourceBackup* backup; ///< null: none is made
  /// Public keys, which verify the seals. An error's `detail` becomes a finding.
  std::function<Result<std::unique_ptr<SealVerifier>>()> seal_keys;
  /// Private keys, which seal the event of the migration. As above.
  std::function<Result<std::unique_ptr<SealSigner>>()> seal_signer;
  /// Opens the finished target to record the migration in it.
  std::function<Result<std::unique_ptr<Database>>()> open_target;
  Digester& digester;
  const Clock& clock;
  InstanceId instance; ///< writes that event
  Principal principal; ///< who migrates
  OnProgress progress;
};

/// How a run ended.
enum class Outcome {
  ok,
  failed, ///< nothing is known to be lost: mend what the report says, then resume
  lost    ///< the sides differ although the source stood still, or a proof failed
};

/// Does what `options.mode` says, step by step, and puts into `report` what happened. Uses several
/// threads, all of which have ended when this returns. The two stores must have the same tables.
Outcome run(const Options& options, const Dependencies& dependencies, Report& report);

} // namespace baluhost::migration
