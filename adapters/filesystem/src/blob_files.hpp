#pragma once

#include "baluhost/posix_common/posix.hpp"
#include "blob_layout.hpp"

#include "baluhost/filesystem/directory_blob_store.hpp"
#include "baluhost/ports/common/content_hashes.hpp"
#include "baluhost/ports/common/staged_memory.hpp"

#include <optional>

namespace baluhost {

/// The digest of a staging file that nobody holds, as of the moment when its last holder in this
/// process let go.
struct StagedHash {
  ContentHashes hash;
  std::int64_t size{};        ///< of the bytes hashed
  std::uint64_t inode{};      ///< of the file, and
  std::int64_t change_time{}; ///< its ctime in nanoseconds: another process that wrote to it
                              ///< meanwhile shows here
};

/// What the store, its writers and its staging files share.
struct BlobFiles {
  posix::Fd root;
  bool sha1{false};
  bool unnamed_files{true};
  Digester& digester;
  RandomSource& random;
  const Clock& clock;
  StagedMemory<StagedHash> staged_hashes;

  [[nodiscard]] ContentHashes new_hash() const { return {digester, sha1}; }
  [[nodiscard]] Result<BlobId> new_id() const;

  /// Durably gives the file `fd` its last-modified time, so that `published_at` is the time of the
  /// clock.
  [[nodiscard]] Result<void> finish_data(int fd) const;

  /// The two halves of `finish_data`.
  [[nodiscard]] Result<void> set_time(int fd) const;
  [[nodiscard]] static Result<void> flush_data(int fd);

  /// Makes the name of a new blob in its directory durable; if that fails, the blob is removed.
  [[nodiscard]] static Result<void> finish_name(const posix::Fd& fan_out, const BlobId& id);

  /// Moves the file `name` in the directory `from` to the blob `id`, which must not exist.
  [[nodiscard]] Result<void> move_to_blob(const char* from, const std::string& name,
                                          const BlobId& id) const;

  /// Moves a blob back to the staging file of `id`. not_found, conflict where that exists,
  /// unavailable.
  [[nodiscard]] Result<void> move_to_staging(const BlobId& blob, const UploadId& id) const;

  /// A directory of the store, opened anew: no other call than `open_beneath` goes through more
  /// than one name.
  [[nodiscard]] posix::Fd directory(const std::string& name) const;

  /// Unlinks `name` in the directory `directory_name`; false and errno otherwise.
  [[nodiscard]] bool unlink(const std::string& directory_name, const std::string& name) const;
};

std::int64_t change_time(const struct stat& info) noexcept;

/// Asks the kernel to begin writing every `kWindow` bytes, so that little is left for the flush at
/// the end.
class EarlyWriteback {
 public:
  EarlyWriteback() = default;
  explicit EarlyWriteback(std::int64_t size) noexcept : begun_(size) {}
  void advance(int fd, std::int64_t size) noexcept;

 private:
  static constexpr std::int64_t kWindow = std::int64_t{8} << 20;
  std::int64_t begun_{};
};

/// The file `fd` as a blob; `name` is for messages. unavailable if it is no regular file.
Result<std::unique_ptr<BlobReader>> make_file_blob_reader(posix::Fd fd, const std::string& name);
Result<std::unique_ptr<BlobWriter>> make_blob_writer(std::shared_ptr<BlobFiles> files);
Result<std::unique_ptr<StagedBlob>> open_staged_blob(std::shared_ptr<BlobFiles> files,
                                                     const UploadId& id, std::int64_t offset);

} // namespace baluhost
