// The order makes a backup of a running server whole: the anchor first, so that it is never newer
// than the database; then the blobs that are there, then one view of the database, then the blobs
// that came meanwhile. A blob that went away in between was copied before, or another view of the
// database is taken.

#include "backup.hpp"

#include "backup_files.hpp"
#include "output.hpp"

#include "baluhost/filesystem/private_file.hpp"
#include "baluhost/host/database_kind.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace baluhost::ctl {
namespace {

constexpr int kAttempts = 5;

Error refused(std::string why) { return Error{Errc::conflict, std::move(why)}; }

Result<bool> copy_blob(const fs::path& from, const fs::path& to, const std::string& id) {
  if (fs::exists(place_of(to, id))) return true;
  if (!fs::exists(place_of(from, id))) return false;
  BALUHOST_CHECK(make_private_directory(place_of(to, id).parent_path().string()));
  auto copied = copy_private(place_of(from, id), place_of(to, id));
  if (!copied && !fs::exists(place_of(from, id))) return false;
  BALUHOST_CHECK(std::move(copied));
  return true;
}

/// Copies those that are not there yet; gives how many went away.
Result<std::int64_t> copy_listed(const Manifest& manifest, const fs::path& from,
                                 const fs::path& to) {
  std::int64_t missing = 0;
  for (const auto& [id, blob] : manifest) {
    BALUHOST_TRY(const bool copied, copy_blob(from, to, id));
    if (!copied) ++missing;
  }
  return missing;
}

/// Takes away what was copied early and the view of the database does not need.
void remove_unlisted(const Manifest& manifest, const fs::path& root) {
  std::error_code ignored;
  std::vector<fs::path> unlisted;
  for (const auto& entry : fs::recursive_directory_iterator{root, ignored}) {
    if (entry.is_regular_file() && !manifest.contains(entry.path().filename().string()))
      unlisted.push_back(entry.path());
  }
  for (const fs::path& path : unlisted) fs::remove(path, ignored);
}

/// What a copy of the database refers to, and how many of these blobs could not be copied.
struct Copied {
  Manifest manifest;
  std::int64_t missing{};
};

/// What is deleted while the database is copied is in the copy and was copied before.
Result<Copied> copy_database(DatabaseBackup& database, const Configuration& configuration,
                             const fs::path& directory, bool with_blobs) {
  Copied copied;
  Progress progress{"copying the database", 0, "pages"};
  BALUHOST_CHECK(database.copy(
      (directory / database.file_name()).string(),
      [&](ReadTransaction& tx) -> Result<bool> {
        BALUHOST_TRY(copied.manifest, manifest_of(tx));
        if (!with_blobs) return true;
        BALUHOST_TRY(copied.missing, copy_listed(copied.manifest, configuration.files.blob_dir,
                                                 directory / kBlobs));
        return copied.missing == 0;
      },
      [&](std::int64_t done, std::int64_t total) { progress.update(done, total); }));
  return copied;
}

Result<void> copy_present_blobs(const BlobStore& blobs, const fs::path& from, const fs::path& to) {
  std::optional<BlobId> after;
  Progress progress{"copying blobs", 0, "blobs"};
  std::int64_t copied = 0;
  for (;;) {
    BALUHOST_TRY(const auto page, blobs.list(after, 1000));
    if (page.empty()) return {};
    for (const BlobInfo& blob : page) {
      BALUHOST_CHECK(copy_blob(from, to, blob.id.value));
      progress.update(++copied);
    }
    after = page.back().id;
  }
}

Result<BackupFigures> copy_everything(Program& program, const fs::path& directory,
                                      bool with_blobs) {
  if (!is_absent_or_empty(directory))
    return refused(directory.string() +
                   " is not empty: a backup goes into a new or empty directory");
  BALUHOST_TRY(Host * host, program.host());
  BALUHOST_TRY(const Configuration* configuration, program.configuration());
  ::umask(077);
  BALUHOST_CHECK(make_private_directory(directory.string()));
  if (fs::exists(configuration->audit.anchor_file))
    BALUHOST_CHECK(copy_private(configuration->audit.anchor_file, directory / kAnchor));
  BALUHOST_CHECK(copy_keys(configuration->keys_dir, directory / kKeys));
  if (with_blobs)
    BALUHOST_CHECK(
        copy_present_blobs(host->blobs(), configuration->files.blob_dir, directory / kBlobs));

  Copied copied;
  const DatabaseOptions options = database_options(*configuration);
  BALUHOST_TRY(const auto database, find_database_kind(options.url)->backup(options));
  for (int attempt = 1; attempt == 1 || copied.missing > 0; ++attempt) {
    if (attempt > kAttempts) {
      return Error{Errc::unavailable,
                   fmt::format("{} blobs are missing in {}: baluhostctl files scrub says which",
                               copied.missing, configuration->files.blob_dir)};
    }
    BALUHOST_TRY(copied, copy_database(*database, *configuration, directory, with_blobs));
  }
  const Manifest& manifest = copied.manifest;
  if (with_blobs) remove_unlisted(manifest, directory / kBlobs);
  BALUHOST_CHECK(write_manifest(directory, manifest));
  BackupFigures figures;
  figures.blobs = static_cast<std::int64_t>(manifest.size());
  for (const auto& [id, blob] : manifest) figures.bytes += blob.size;
  BALUHOST_TRY(const DatabaseStatus status, host->database().status());
  BALUHOST_CHECK(host->database().read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(const EventId newest, tx.audit().newest());
    figures.newest_event = newest.value;
    return {};
  }));
  // Last: a directory without it is not a whole backup.
  BALUHOST_CHECK(write_description(directory, {.database = status.kind,
                                               .schema_version = status.schema_version,
                                               .with_blobs = with_blobs,
                                               .blobs = figures.blobs,
                                               .bytes = figures.bytes}));
  ::sync();
  return figures;
}

} // namespace

Result<BackupFigures> back_up(Program& program, const fs::path& directory, bool with_blobs) {
  BALUHOST_TRY(Host * host, program.host());
  auto event = host->audit_log().draft(Action::backup_created, program.operator_principal());
  auto figures = copy_everything(program, directory, with_blobs);
  JsonObject details;
  details.add("with_blobs", with_blobs);
  if (!figures)
    return host->audit_log().failed(with_details(std::move(event), details),
                                    std::move(figures).error());
  details.add("blobs", figures->blobs).add("bytes", figures->bytes);
  BALUHOST_CHECK(host->audit_log().record(with_details(std::move(event), details)));
  return figures;
}

} // namespace baluhost::ctl
