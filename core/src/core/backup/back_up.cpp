// The order makes a backup of a running server whole: the anchor first, so that it is never newer
// than the database; then the blobs that are there, then one view of the database, then the blobs
// that came meanwhile. A blob that went away in between was copied before, or another view of the
// database is taken; what two views in a row refer to and nobody has did not go away, it is lost.
// The keys come last, as those that are added meanwhile may be needed, and none that is needed
// goes.

#include "backup/backup_contents.hpp"

#include "baluhost/core/backup/backup.hpp"
#include "baluhost/domain/details.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace baluhost {
namespace {

constexpr int kAttempts = 5;

/// What was seen of the blobs that are copied.
using Copies = std::map<BlobId, CopiedContent>;

/// What a copy of the database refers to.
struct Copied {
  Manifest manifest;
  EventId newest;
  /// All of it is copied, or known to be lost.
  bool is_consistent{false};
};

/// False: the host does not have it.
Result<bool> copy_blob(BackupFiles& files, const BlobId& blob, Copies& copies) {
  if (copies.contains(blob)) return true;
  BALUHOST_TRY(auto copied, files.copy_blob(blob));
  if (!copied) return false;
  copies.emplace(blob, *std::move(copied));
  return true;
}

Result<void> copy_present_blobs(const BackupDependencies& deps, const BackupProgress& progress,
                                Copies& copies) {
  std::optional<BlobId> after;
  std::int64_t copied = 0;
  for (;;) {
    BALUHOST_TRY(const auto page, deps.blobs.list(after, 1000));
    if (page.empty()) return {};
    for (const BlobInfo& blob : page) {
      BALUHOST_CHECK(copy_blob(deps.files, blob.id, copies));
      if (progress) progress(BackupStep::copying_blobs, ++copied, 0);
    }
    after = page.back().id;
  }
}

/// Those that are not copied yet. Returns which the host does not have.
Result<std::set<BlobId>> copy_listed(BackupFiles& files, const Manifest& manifest, Copies& copies) {
  std::set<BlobId> missing;
  for (const auto& [id, blob] : manifest) {
    BALUHOST_TRY(const bool is_there, copy_blob(files, id, copies));
    if (!is_there) missing.insert(id);
  }
  return missing;
}

/// `lost`: what an earlier view referred to and the host did not have; this view's are added.
Result<Copied> copy_database(const BackupDependencies& deps, const BackupOptions& options,
                             Copies& copies, std::set<BlobId>& lost) {
  Copied copied;
  DatabaseBackup& database = deps.database_backup;
  BALUHOST_CHECK(database.copy(
      deps.files.path_of(database.file_name()),
      [&](ReadTransaction& tx) -> Result<bool> {
        BALUHOST_TRY(copied.manifest, manifest_of(tx));
        BALUHOST_TRY(copied.newest, tx.audit().newest());
        copied.is_consistent = true;
        if (!options.with_blobs) return true;
        BALUHOST_TRY(auto missing, copy_listed(deps.files, copied.manifest, copies));
        copied.is_consistent =
            std::includes(lost.begin(), lost.end(), missing.begin(), missing.end());
        lost.merge(missing);
        return copied.is_consistent;
      },
      [&](std::int64_t done, std::int64_t total) {
        if (options.progress) options.progress(BackupStep::copying_database, done, total);
      }));
  return copied;
}

/// A copy of the database and all blobs that it refers to and that are there.
Result<Copied> copy_consistently(const BackupDependencies& deps, const BackupOptions& options,
                                 Copies& copies) {
  std::set<BlobId> lost;
  for (int attempt = 1; attempt <= kAttempts; ++attempt) {
    BALUHOST_TRY(Copied copied, copy_database(deps, options, copies, lost));
    if (copied.is_consistent) return copied;
  }
  return Error{Errc::unavailable, "contents go away faster than they are copied: try again"};
}

std::vector<BadBlob> bad_blobs_of(const Manifest& manifest, const Copies& copies) {
  std::vector<BadBlob> bad_blobs;
  for (const auto& [id, blob] : manifest) {
    const auto copy = copies.find(id);
    auto bad_blob = check_blob(id, blob, copy == copies.end() ? nullptr : &copy->second);
    if (bad_blob) bad_blobs.push_back(*std::move(bad_blob));
  }
  return bad_blobs;
}

/// Of the copy, not of the host, where more has happened since.
BackupFigures figures_of(const Copied& copied) {
  BackupFigures figures;
  figures.blobs = static_cast<std::int64_t>(copied.manifest.size());
  for (const auto& [id, blob] : copied.manifest) figures.bytes += blob.size;
  figures.newest_event = copied.newest;
  return figures;
}

Result<BackupFigures> copy_everything(const BackupDependencies& deps,
                                      const BackupOptions& options) {
  BALUHOST_CHECK(deps.files.begin());
  BALUHOST_CHECK(deps.files.copy_anchor());
  Copies copies;
  if (options.with_blobs) BALUHOST_CHECK(copy_present_blobs(deps, options.progress, copies));
  BALUHOST_TRY(const Copied copied, copy_consistently(deps, options, copies));
  BALUHOST_CHECK(deps.files.copy_keys());
  const Manifest& manifest = copied.manifest;
  // What was copied early and the view of the database does not need.
  if (options.with_blobs)
    deps.files.keep_blobs([&](const BlobId& id) { return manifest.contains(id); });
  BALUHOST_CHECK(deps.files.write(kManifestFile, to_text(manifest)));
  BackupFigures figures = figures_of(copied);
  std::vector<BadBlob> bad_blobs;
  if (options.with_blobs) bad_blobs = bad_blobs_of(manifest, copies);
  BALUHOST_TRY(figures.bad, to_bad_contents(deps.database, bad_blobs));
  BALUHOST_TRY(const DatabaseStatus status, deps.database.status());
  BALUHOST_TRY(auto files, deps.files.files());
  BALUHOST_CHECK(
      deps.files.write(kBackupDescriptionFile, to_text({.version = std::string{options.version},
                                                        .created_at = deps.clock.now(),
                                                        .database = status.kind,
                                                        .schema_version = status.schema_version,
                                                        .with_blobs = options.with_blobs,
                                                        .blobs = figures.blobs,
                                                        .bytes = figures.bytes,
                                                        .files = std::move(files),
                                                        .bad_blobs = std::move(bad_blobs)})));
  deps.files.flush();
  return figures;
}

} // namespace

Result<BackupFigures> back_up(const BackupDependencies& deps, const Principal& principal,
                              const BackupOptions& options) {
  AuditLog& audit = deps.audit_log;
  NewAuditEvent event = audit.draft(Action::backup_created, principal);
  JsonObject details;
  details.add("with_blobs", options.with_blobs);
  auto figures = copy_everything(deps, options);
  if (!figures)
    return audit.failed(with_details(std::move(event), details), std::move(figures).error());
  details.add("blobs", figures->blobs).add("bytes", figures->bytes);
  if (options.with_blobs)
    details.add("damaged", figures->bad.damaged).add("missing", figures->bad.missing);
  BALUHOST_CHECK(audit.record(with_details(std::move(event), details)));
  return figures;
}

} // namespace baluhost
