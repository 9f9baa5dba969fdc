#pragma once

#include "baluhost/domain/digest.hpp"
#include "baluhost/domain/files/file_entry.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace baluhost {

/// Content being received: nothing of it is visible until `publish`, and nothing of it stays if it
/// is dropped before. One thread at a time.
class BlobWriter {
 public:
  virtual ~BlobWriter() = default;

  /// Appends. insufficient_storage when the disk is full, unavailable for any other failure; the
  /// writer is spent then.
  [[nodiscard]] virtual Result<void> write(std::string_view bytes) = 0;

  /// How many bytes were written so far.
  [[nodiscard]] virtual std::int64_t size() const noexcept = 0;

  /// Of the bytes so far.
  [[nodiscard]] virtual Sha256Digest sha256() const noexcept = 0;

  /// Likewise; none where the store does not compute it.
  [[nodiscard]] virtual std::optional<Sha1Digest> sha1() const noexcept = 0;

  /// Makes the content, its name and its directory durable under a new random id. An error is
  /// not retried: the content is gone. insufficient_storage or unavailable. The writer is spent.
  [[nodiscard]] virtual Result<Content> publish() = 0;
};

/// Content received over several requests; survives a restart. One thread at a time, one holder at
/// a time.
class StagedBlob {
 public:
  virtual ~StagedBlob() = default;

  /// As `BlobWriter::write`; bytes before it stay.
  [[nodiscard]] virtual Result<void> write(std::string_view bytes) = 0;

  /// All bytes so far are durable; else unavailable.
  [[nodiscard]] virtual Result<void> sync() = 0;

  /// Of what is staged so far, in bytes.
  [[nodiscard]] virtual std::int64_t size() const noexcept = 0;

  /// As BlobReader::read_at, of the bytes written so far, flushed or not. unavailable once it is
  /// published.
  [[nodiscard]] virtual Result<std::size_t> read_at(std::int64_t offset,
                                                    std::span<char> buffer) const = 0;

  /// Cuts back to `size` bytes: undoes what a failed checksum let in. Re-reads for the digest.
  [[nodiscard]] virtual Result<void> truncate(std::int64_t size) = 0;
  [[nodiscard]] virtual Sha256Digest sha256() const noexcept = 0; ///< of all bytes so far
  /// As BlobWriter::publish; the staging file becomes the blob.
  [[nodiscard]] virtual Result<Content> publish() = 0;
};

/// An open blob. Its bytes stay readable until it is dropped, also when the blob is removed
/// meanwhile. Safe from many threads.
class BlobReader {
 public:
  virtual ~BlobReader() = default;

  /// In bytes.
  [[nodiscard]] virtual std::int64_t size() const noexcept = 0;

  /// Fills `buffer` from `offset`; returns how many bytes, fewer than asked for only at the end.
  /// unavailable on a read error, internal for a negative offset.
  [[nodiscard]] virtual Result<std::size_t> read_at(std::int64_t offset,
                                                    std::span<char> buffer) const = 0;

  /// A descriptor to send from, where the store has one; owned by the reader.
  [[nodiscard]] virtual std::optional<int> file_descriptor() const noexcept = 0;
};

/// What the file system of the blobs has.
struct StorageSpace {
  std::int64_t free_bytes{};
  std::int64_t total_bytes{};
  std::int64_t free_inodes{};
  std::int64_t total_inodes{}; ///< 0 where the store does not count them
};

/// A blob in a list.
struct BlobInfo {
  BlobId id;
  std::int64_t size{}; ///< that it takes in the store
  Timestamp published_at;
};

/// For `BlobStore::stage`, in place of an offset: whatever is staged, without cutting it. For those
/// who stand between a store and its users, and change how contents lie there.
inline constexpr std::int64_t kAllStaged = -1;

/// Immutable contents, named by random ids. Nothing that a user names ever reaches it. Safe from
/// many threads.
class BlobStore {
 public:
  virtual ~BlobStore() = default;

  /// Begins a new blob. insufficient_storage, unavailable.
  [[nodiscard]] virtual Result<std::unique_ptr<BlobWriter>> create() = 0;

  /// The blob, to be read. not_found, unavailable.
  [[nodiscard]] virtual Result<std::unique_ptr<BlobReader>> open(const BlobId& id) const = 0;

  /// Removes it; a reader that has it open finishes. Removing what is not there succeeds.
  [[nodiscard]] virtual Result<void> remove(const BlobId& id) = 0;

  /// Blobs after `after` in the order of their ids, at most `limit`.
  [[nodiscard]] virtual Result<std::vector<BlobInfo>> list(const std::optional<BlobId>& after,
                                                           std::size_t limit) const = 0;

  /// The staging file of `id`, cut to `offset` bytes (made if that is 0), or whole with
  /// `kAllStaged`. conflict while another holder has it, not_found if fewer bytes are there.
  /// Hashing goes on from memory where the previous holder was in this process and ended at
  /// `offset`; else the bytes are read once more.
  [[nodiscard]] virtual Result<std::unique_ptr<StagedBlob>> stage(const UploadId& id,
                                                                  std::int64_t offset) = 0;

  /// What is not there is discarded already.
  [[nodiscard]] virtual Result<void> discard_staged(const UploadId& id) = 0;

  /// The uploads of which something is staged, in no order. unavailable.
  [[nodiscard]] virtual Result<std::vector<UploadId>> list_staged() const = 0;

  /// Makes a published blob the staging file of `id` again, durably and with all its bytes: for
  /// content whose place was refused, before anything names the blob. Then the blob is gone.
  /// not_found, conflict where something is staged under `id`, unavailable.
  [[nodiscard]] virtual Result<void> restage(const BlobId& blob, const UploadId& id) = 0;

  /// What is free below it. unavailable.
  [[nodiscard]] virtual Result<StorageSpace> space() const = 0;
};

} // namespace baluhost
