#include "baluhost/host/backup.hpp"

#include "baluhost/core/operations/lost_uploads.hpp"
#include "baluhost/crypto/encrypted_blob_store.hpp"
#include "baluhost/crypto/key_directory.hpp"
#include "baluhost/crypto/openssl_random.hpp"
#include "baluhost/filesystem/backup_directory.hpp"
#include "baluhost/filesystem/private_file.hpp"
#include "baluhost/host/database_kind.hpp"
#include "baluhost/host/offline.hpp"

#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

namespace baluhost {
namespace {

Result<std::unique_ptr<DatabaseBackup>> backup_of_database(const HostOptions& options) {
  const DatabaseTools* tools = find_database_tools(options.database_url);
  if (!tools) return invalid(database_url_forms());
  return tools->backup(database_options(options));
}

BackupDirectoryOptions directories(const HostOptions& options, const std::string& backup) {
  return {.backup = backup,
          .data_dir = options.data_dir,
          .keys_dir = options.keys_dir,
          .blob_dir = options.files.blob_dir,
          .anchor_file = options.audit.anchor_file};
}

/// A backup that lacks a kind of key is of a version that encrypted no contents.
Result<OpenContent> open_by_keys_in(const std::string& keys_dir, RandomSource& random,
                                    const Clock& clock) {
  auto opened = KeyDirectory::open(keys_dir, KeyDirectory::Missing::refuse, random, clock);
  if (!opened && opened.error().code == Errc::not_found) return OpenContent{};
  if (!opened) return std::move(opened).error();
  return [keys = std::shared_ptr{*std::move(opened)}](std::unique_ptr<BlobReader> stored) {
    return open_encrypted(std::move(stored), *keys);
  };
}

/// In the host that was just restored: its unfinished uploads without bytes end, and its trail says
/// that it is a restored one.
Result<void> complete(HostOptions options, const Principal& principal, RestoreOutcome& outcome) {
  options.during_restore = true;
  BALUHOST_TRY(const auto host, Host::open(std::move(options), HostRole::tool));
  BALUHOST_TRY(outcome.ended_uploads,
               end_lost_uploads(host->database(), host->blobs(), host->audit_log()));
  const auto& figures = outcome.figures;
  return host->audit_log().record(
      with_details(host->audit_log().draft(Action::backup_restored, principal),
                   JsonObject{}
                       .add("made_at", outcome.made_at.to_rfc3339())
                       .add("newest_event", figures.newest_event.value)
                       .add("blobs", figures.blobs)
                       .add("bytes", figures.bytes)
                       .add("damaged", figures.bad.damaged)
                       .add("missing", figures.bad.missing)
                       .add("ended_uploads", outcome.ended_uploads)));
}

} // namespace

Result<BackupFigures> back_up(Host& host, const Principal& principal, const std::string& directory,
                              bool with_blobs, const BackupProgress& progress) {
  BALUHOST_TRY(const auto database, backup_of_database(host.options()));
  const auto files = make_backup_directory(directories(host.options(), directory), host.digester(),
                                           [&host](std::unique_ptr<BlobReader> stored) {
                                             return open_encrypted(std::move(stored), host.keys());
                                           });
  return back_up({.database = host.database(),
                  .blobs = host.blobs(),
                  .audit_log = host.audit_log(),
                  .clock = host.clock(),
                  .database_backup = *database,
                  .files = *files},
                 principal,
                 {.with_blobs = with_blobs, .version = BALUHOST_VERSION, .progress = progress});
}

bool is_backup(const std::string& directory) {
  const std::filesystem::path path{directory};
  std::error_code failure;
  return std::filesystem::exists(path / kBackupDescriptionFile, failure) &&
         !std::filesystem::exists(path / DirectoryLock::kFileName, failure);
}

Result<RestoreOutcome> restore(HostOptions options, const Principal& principal,
                               const std::string& directory, RestoreOptions how) {
  fill_in_paths(options);
  BALUHOST_TRY(const auto database, backup_of_database(options));
  const auto digester = make_digester();
  const auto clock = make_clock();
  const auto random = make_openssl_random();
  const auto files = make_restore_directory(
      directories(options, directory), *digester,
      [&](const std::string& keys) { return open_by_keys_in(keys, *random, *clock); });
  how.complete = [&](RestoreOutcome& outcome) {
    if (auto done = complete(options, principal, outcome); !done)
      outcome.trouble = std::move(done).error().detail;
  };
  return restore({.database_backup = *database,
                  .files = *files,
                  .digester = *digester,
                  .clock = *clock,
                  .verifier = make_seal_verifier},
                 how);
}

} // namespace baluhost
