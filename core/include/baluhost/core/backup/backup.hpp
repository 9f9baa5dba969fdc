#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/audit/audit_log.hpp"
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

/// What a backup holds.
struct BackupFigures {
  std::int64_t blobs{};
  std::int64_t bytes{};
  std::int64_t newest_event{};
};

/// What `back_up` works with; all must outlive the call.
struct BackupParts {
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
/// Recorded as `backup_created`, whether it succeeds or not. conflict: there is something where it
/// would go. unavailable: something cannot be read or written, or blobs are missing.
[[nodiscard]] Result<BackupFigures> back_up(const BackupParts& parts, const Principal& principal,
                                            const BackupOptions& options);

/// What `restore` works with; all must outlive the call.
struct RestoreParts {
  DatabaseBackup& database_backup;
  RestoreFiles& files;
  const Digester& digester;
  const Clock& clock;
  /// Verifies seals with the public keys of the backup, in PEM.
  std::function<Result<std::unique_ptr<SealVerifier>>(std::string_view public_keys)> verifier;
};

/// What `restore` did.
struct RestoreOutcome {
  BackupFigures figures;
  std::int64_t missing{};                 ///< blobs that files refer to and that are not there
  std::vector<std::string> missing_files; ///< paths of some of them
  /// False: the backup is of a version that did not name its files, so one of them may be missing.
  bool is_known_whole{true};
};

/// Puts a backup into an empty host, all of it or nothing: that each of its files is there and as
/// it was is looked at before anything is touched; then it is built beside its place and checked
/// there (structure, blobs, audit trail) before any of it is put in place, and a try that fails
/// leaves nothing. What a try that was killed left behind is removed by the next one; until then no
/// host opens the data directory.
///
/// A backup without blobs is restored too; the blobs that are not in place are marked as missing in
/// the database. conflict: something is there already, or the backup is damaged. unavailable:
/// something cannot be read or written.
[[nodiscard]] Result<RestoreOutcome> restore(const RestoreParts& parts,
                                             const BackupProgress& progress = {});

} // namespace baluhost
