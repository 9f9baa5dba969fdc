#pragma once

#include "baluhost/domain/error.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/ports/backup_files.hpp"
#include "baluhost/ports/digester.hpp"

#include <filesystem>
#include <string>

/// What the two directions of a backup share.
namespace baluhost::backup {

namespace fs = std::filesystem;

inline constexpr auto kKeys = "keys";
inline constexpr auto kAnchor = "audit.anchor";
inline constexpr auto kBlobs = "blobs";

/// unavailable, with the path in front of the reason.
Error failed(const fs::path& path, const std::string& why);
Error os_error(const fs::path& path); ///< of errno

/// Where a blob lies below the directory of a blob store.
fs::path place_of(const fs::path& root, const BlobId& blob);

/// Copies a file, for its owner's eyes only. unavailable.
Result<void> copy_private(const fs::path& from, const fs::path& to);

/// Copies every file of a directory of keys into the new directory `to`. unavailable.
Result<void> copy_keys(const fs::path& from, const fs::path& to);

/// The file `name` below `root`. not_found: it is not there, or no file. unavailable.
Result<BackupFile> examine(const fs::path& root, const std::string& name, const Digester& digester);

bool is_absent_or_empty(const fs::path& path);

} // namespace baluhost::backup
