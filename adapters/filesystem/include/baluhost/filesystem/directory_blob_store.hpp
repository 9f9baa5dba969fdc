#pragma once

#include "baluhost/ports/blob_store.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/random_source.hpp"

#include <memory>
#include <string>

namespace baluhost {

/// Of `make_directory_blob_store`.
struct DirectoryBlobStoreOptions {
  std::string root;
  bool sha1{false}; ///< also compute the SHA-1 of what is stored
  /// Receive content in files without a name (O_TMPFILE) where the file system has them; false:
  /// never.
  bool unnamed_files{true};
};

/// Blobs as files of mode 0600 below a directory of mode 0700 on a Linux file system:
///
///     ab/ab34…      a published blob, in one of 256 directories by the first two digits of its id
///     staging/…     uploads of several requests, named by their ids; a lock on the file says who
///                   holds it
///     tmp/…         content being received, where the file system has no files without a name
///
/// Nothing outside the directory is reachable through it, whatever links others plant inside
/// (openat2, RESOLVE_BENEATH). Several processes may share it. unavailable if the directory cannot
/// be made or opened, or the kernel is older than 5.6. The references must outlive the store.
Result<std::unique_ptr<BlobStore>> make_directory_blob_store(
    const DirectoryBlobStoreOptions& options, Digester& digester, RandomSource& random,
    const Clock& clock);

} // namespace baluhost
