#pragma once

#include "baluhost/ports/backup_files.hpp"
#include "baluhost/ports/blob_store.hpp"
#include "baluhost/ports/digester.hpp"

#include <functional>
#include <memory>
#include <string>

namespace baluhost {

/// Where a backup lies, and the files of the host that it is of:
///
///     backup.json, blobs.manifest, …   what is written by name, and the copy of the database
///     audit.anchor                     the anchors of seals
///     keys/…                           all keys
///     blobs/ab/ab34…                   the blobs, as in a store
struct BackupDirectoryOptions {
  std::string backup;
  std::string data_dir;
  std::string keys_dir;
  std::string blob_dir;
  std::string anchor_file;
};

/// `digester` must outlive it.
std::unique_ptr<BackupFiles> make_backup_directory(BackupDirectoryOptions options,
                                                   const Digester& digester);

/// The content of what lies as a blob in a store: that itself, or what it is decrypted to.
using OpenContent =
    std::function<Result<std::unique_ptr<BlobReader>>(std::unique_ptr<BlobReader> stored)>;

/// The mark is the file `restore_mark_in(options.data_dir)`. What lies in the backup is copied as
/// it is, and compared by `open_content`; without one it is taken for the content itself.
/// `digester` must outlive it.
std::unique_ptr<RestoreFiles> make_restore_directory(BackupDirectoryOptions options,
                                                     const Digester& digester,
                                                     OpenContent open_content = {});

/// The file that is there while a restore into the data directory is under way or was not finished.
std::string restore_mark_in(const std::string& data_dir);

} // namespace baluhost
