#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/ports/backup_files.hpp"
#include "baluhost/ports/blob_store.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/ports/database_backup.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/seal_signer.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

/// What a backup or a restore does just now.
enum class BackupStep { copying_database, copying_blobs, restoring_blobs };

/// `total` 0: not known.
using BackupProgress = std::function<void(BackupStep step, std::int64_t done, std::int64_t total)>;

/// A content that is not as the database has it.
struct BadContent {
  BlobId blob;
  bool is_missing{false};         ///< else it is damaged, or cannot be read
  std::string detail;             ///< as a scrub says it
  std::vector<std::string> paths; ///< of some of the files that it is of
  /// Of a restore: the backup does not say so, so it came about since.
  bool is_new{false};
};

/// All of them counted, and some named.
struct BadContents {
  std::int64_t damaged{}; ///< other bytes, another size, or not to be read
  std::int64_t missing{}; ///< not there
  std::vector<BadContent> named;

  /// Of all.
  [[nodiscard]] std::int64_t count() const noexcept { return damaged + missing; }
};

/// What a backup holds.
struct BackupFigures {
  std::int64_t blobs{};
  std::int64_t bytes{};
  EventId newest_event;
  /// Of a backup with blobs: contents that were bad in the host. They are in the backup as they lie
  /// there, as far as they are there and can be read.
  BadContents bad;
};

/// The file of a backup that says what it is of. Written last: a directory without it is not a
/// whole backup.
inline constexpr std::string_view kBackupDescriptionFile = "backup.json";

/// What `back_up` works with; all must outlive the call.
struct BackupDependencies {
  Database& database;
  BlobStore& blobs;
  AuditLog& audit_log;
  const Clock& clock;
  DatabaseBackup& database_backup;
  BackupFiles& files;
};

/// Of `back_up`.
struct BackupOptions {
  bool with_blobs{false};
  std::string_view version; ///< of the program, for the backup's description
  BackupProgress progress{};
};

/// Makes a backup of a host, which may serve meanwhile: the database as it is at one moment, the
/// list of the blobs that it refers to, the anchor and the keys; with `with_blobs` the blobs too.
/// Each content is compared with its SHA-256 while it is copied; what is wrong with one is no
/// error: the backup is made of everything else, and says which are bad. Recorded as
/// `backup_created`, whether it succeeds or not. conflict: there is something where it would go.
/// unavailable: something cannot be read or written.
[[nodiscard]] Result<BackupFigures> back_up(const BackupDependencies& deps,
                                            const Principal& principal,
                                            const BackupOptions& options);

/// What `restore` works with; all must outlive the call.
struct RestoreDependencies {
  DatabaseBackup& database_backup;
  RestoreFiles& files;
  const Digester& digester;
  const Clock& clock;
  /// Verifies seals with the public keys of the backup, in PEM.
  std::function<Result<std::unique_ptr<SealVerifier>>(std::string_view public_keys)> verifier;
};

struct RestoreOutcome;

/// Of `restore`.
struct RestoreOptions {
  /// Contents that were damaged or lost since the backup was made hold up nothing either.
  bool skip_damaged{false};
  BackupProgress progress; ///< called now and then
  /// What is to be done by a host once all is in place; where it is killed the next restore begins
  /// anew.
  std::function<void(RestoreOutcome&)> complete;
};

/// What `restore` did.
struct RestoreOutcome {
  BackupFigures figures; ///< with the contents that are bad in the restored host
  /// False: the backup is of a version that did not name its files, so one of them may be missing.
  bool is_known_whole{true};
  Timestamp made_at; ///< the backup

  /// Of a host: unfinished uploads that were ended, since a backup does not have their bytes.
  std::int64_t ended_uploads{};
  /// Of a host: why they were not ended, or the restore is not on its record; empty: all was done.
  std::string trouble;
};

/// Puts a backup into an empty host, all of it or nothing, but for contents that are bad: that each
/// of its files is there and as it was is looked at before anything is touched; then it is built
/// beside its place and checked there (structure, audit trail) before any of it is put in place,
/// and a try that fails leaves nothing. What a try that was killed left behind is removed by the
/// next one; until then no host opens the data directory.
///
/// Contents that the backup says were bad, and in one without blobs those that are not in place,
/// hold up nothing: what there is of them is restored, and they are marked in the database, as a
/// scrub marks them. One whose key is lost is not marked: it is sound with its key. conflict:
/// something is there already, or the backup is damaged; `detail` names contents that are.
/// unavailable: something cannot be read or written.
[[nodiscard]] Result<RestoreOutcome> restore(const RestoreDependencies& deps,
                                             const RestoreOptions& options = {});

} // namespace baluhost
