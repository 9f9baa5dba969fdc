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

/// The content of what lies as a blob in a store: that itself, or what it is decrypted to. An error
/// says why it cannot be opened.
using OpenContent =
    std::function<Result<std::unique_ptr<BlobReader>>(std::unique_ptr<BlobReader> stored)>;

/// How contents are opened by the keys in a directory.
using OpenContentsBy = std::function<Result<OpenContent>(const std::string& keys_dir)>;

/// Blobs are copied as they lie, and their contents looked at by `open_content`; without one what
/// lies there is taken for the content itself. `digester` must outlive it.
std::unique_ptr<BackupFiles> make_backup_directory(BackupDirectoryOptions options,
                                                   const Digester& digester,
                                                   OpenContent open_content = {});

/// The mark is the file `restore_mark_in(options.data_dir)`. `open_by` as `open_content` above,
/// with the keys of the backup; an error of it is one of `copy_keys_and_anchor`. `digester` must
/// outlive it.
std::unique_ptr<RestoreFiles> make_restore_directory(BackupDirectoryOptions options,
                                                     const Digester& digester,
                                                     OpenContentsBy open_by = {});

/// The file that is there while a restore into the data directory is under way or was not finished.
std::string restore_mark_in(const std::string& data_dir);

} // namespace baluhost
