// The order makes a backup of a running server whole: the anchor first, so that it is never newer
// than the database; then the blobs that are there, then one view of the database, then the blobs
// that came meanwhile. A blob that went away in between was copied before, or another view of the
// database is taken.

#include "backup/backup_contents.hpp"

#include "baluhost/core/backup/backup.hpp"
#include "baluhost/domain/details.hpp"

#include <optional>
#include <utility>

namespace baluhost {
namespace {

constexpr int kAttempts = 5;

/// What a copy of the database refers to, and how many of these blobs could not be copied.
struct Copied {
  Manifest manifest;
  EventId newest;
  std::int64_t missing{};
};

Result<void> copy_present_blobs(const BackupParts& parts, const BackupProgress& progress) {
  std::optional<BlobId> after;
  std::int64_t copied = 0;
  for (;;) {
    BALUHOST_TRY(const auto page, parts.blobs.list(after, 1000));
    if (page.empty()) return {};
    for (const BlobInfo& blob : page) {
      BALUHOST_CHECK(parts.files.copy_blob(blob.id));
      if (progress) progress(BackupStep::copying_blobs, ++copied, 0);
    }
    after = page.back().id;
  }
}

/// Those that are not copied yet. Returns how many the host does not have.
Result<std::int64_t> copy_listed(BackupFiles& files, const Manifest& manifest) {
  std::int64_t missing = 0;
  for (const auto& [id, blob] : manifest) {
    BALUHOST_TRY(const bool is_copied, files.copy_blob(BlobId{id}));
    if (!is_copied) ++missing;
  }
  return missing;
}

Result<Copied> copy_database(const BackupParts& parts, const BackupOptions& options) {
  Copied copied;
  DatabaseBackup& database = parts.database_backup;
  BALUHOST_CHECK(database.copy(
      parts.files.path_of(database.file_name()),
      [&](ReadTransaction& tx) -> Result<bool> {
        BALUHOST_TRY(copied.manifest, manifest_of(tx));
        BALUHOST_TRY(copied.newest, tx.audit().newest());
        copied.missing = 0;
        if (!options.with_blobs) return true;
        BALUHOST_TRY(copied.missing, copy_listed(parts.files, copied.manifest));
        return copied.missing == 0;
      },
      [&](std::int64_t done, std::int64_t total) {
        if (options.progress) options.progress(BackupStep::copying_database, done, total);
      }));
  return copied;
}

/// A copy of the database and all blobs that it refers to.
Result<Copied> copy_consistently(const BackupParts& parts, const BackupOptions& options) {
  Copied copied;
  for (int attempt = 1; attempt <= kAttempts; ++attempt) {
    BALUHOST_TRY(copied, copy_database(parts, options));
    if (copied.missing == 0) return copied;
  }
  return Error{Errc::unavailable, std::to_string(copied.missing) +
                                      " blobs are missing: baluhostctl files scrub says which"};
}

/// Of the copy, not of the host, where more has happened since.
BackupFigures figures_of(const Copied& copied) {
  BackupFigures figures;
  figures.blobs = static_cast<std::int64_t>(copied.manifest.size());
  for (const auto& [id, blob] : copied.manifest) figures.bytes += blob.size;
  figures.newest_event = copied.newest.value;
  return figures;
}

Result<BackupFigures> copy_everything(const BackupParts& parts, const BackupOptions& options) {
  BALUHOST_CHECK(parts.files.begin());
  BALUHOST_CHECK(parts.files.copy_anchor_and_keys());
  if (options.with_blobs) BALUHOST_CHECK(copy_present_blobs(parts, options.progress));
  BALUHOST_TRY(const Copied copied, copy_consistently(parts, options));
  const Manifest& manifest = copied.manifest;
  // What was copied early and the view of the database does not need.
  if (options.with_blobs)
    parts.files.keep_blobs([&](const BlobId& id) { return manifest.contains(id.value); });
  BALUHOST_CHECK(parts.files.write(kManifestFile, to_text(manifest)));
  const BackupFigures figures = figures_of(copied);
  BALUHOST_TRY(const DatabaseStatus status, parts.database.status());
  BALUHOST_TRY(auto files, parts.files.files());
  BALUHOST_CHECK(
      parts.files.write(kDescriptionFile, to_text({.version = std::string{options.version},
                                                   .created_at = parts.clock.now(),
                                                   .database = status.kind,
                                                   .schema_version = status.schema_version,
                                                   .with_blobs = options.with_blobs,
                                                   .blobs = figures.blobs,
                                                   .bytes = figures.bytes,
                                                   .files = std::move(files)})));
  parts.files.flush();
  return figures;
}

} // namespace

Result<BackupFigures> back_up(const BackupParts& parts, const Principal& principal,
                              const BackupOptions& options) {
  AuditLog& audit = parts.audit_log;
  NewAuditEvent event = audit.draft(Action::backup_created, principal);
  JsonObject details;
  details.add("with_blobs", options.with_blobs);
  auto figures = copy_everything(parts, options);
  if (!figures)
    return audit.failed(with_details(std::move(event), details), std::move(figures).error());
  details.add("blobs", figures->blobs).add("bytes", figures->bytes);
  BALUHOST_CHECK(audit.record(with_details(std::move(event), details)));
  return figures;
}

} // namespace baluhost
