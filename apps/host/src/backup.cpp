#include "baluhost/host/backup.hpp"

#include "baluhost/crypto/encrypted_blob_store.hpp"
#include "baluhost/crypto/key_directory.hpp"
#include "baluhost/crypto/openssl_random.hpp"
#include "baluhost/filesystem/backup_directory.hpp"
#include "baluhost/host/database_kind.hpp"
#include "baluhost/host/offline.hpp"

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

} // namespace

Result<BackupFigures> back_up(Host& host, const Principal& principal, const std::string& directory,
                              bool with_blobs, const BackupProgress& progress) {
  BALUHOST_TRY(const auto database, backup_of_database(host.options()));
  const auto files = make_backup_directory(directories(host.options(), directory), host.digester());
  return back_up({.database = host.database(),
                  .blobs = host.blobs(),
                  .audit_log = host.audit_log(),
                  .clock = host.clock(),
                  .database_backup = *database,
                  .files = *files},
                 principal,
                 {.with_blobs = with_blobs, .version = BALUHOST_VERSION, .progress = progress});
}

Result<RestoreOutcome> restore(HostOptions options, const std::string& directory,
                               const BackupProgress& progress) {
  fill_in_paths(options);
  BALUHOST_TRY(const auto database, backup_of_database(options));
  const auto digester = make_digester();
  const auto clock = make_clock();
  const auto random = make_openssl_random();
  const auto keys =
      KeyDirectory::open(directory + "/keys", KeyDirectory::Missing::refuse, *random, *clock);
  const auto open_content = [&](std::unique_ptr<BlobReader> stored) {
    return keys ? open_encrypted(std::move(stored), **keys)
                : Result<std::unique_ptr<BlobReader>>{std::move(stored)};
  };
  const auto files =
      make_restore_directory(directories(options, directory), *digester, open_content);
  return restore({.database_backup = *database,
                  .files = *files,
                  .digester = *digester,
                  .clock = *clock,
                  .verifier = make_seal_verifier},
                 progress);
}

} // namespace baluhost
