#pragma once

#include "baluhost/memory/memory_blob_store.hpp"
#include "baluhost/ports/common/content_hashes.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace baluhost::memory {

/// Says which call has to fail: the nth from when it was set.
class Trigger {
 public:
  void set(int nth, Errc code) {
    left_ = nth;
    code_ = code;
  }
  std::optional<Error> pull() {
    if (left_ == 0 || --left_ != 0) return std::nullopt;
    return Error{code_, "made to fail"};
  }

 private:
  int left_{0};
  Errc code_{Errc::unavailable};
};

struct StoredBlob {
  std::shared_ptr<const std::string> bytes;
  Timestamp published_at;
};

struct Staged {
  std::string bytes;
  std::size_t synced{0}; ///< bytes that a crash leaves
  bool held{false};

  void cut(std::size_t size) {
    bytes.resize(size);
    synced = std::min(synced, size);
  }
};

/// What store, writers and readers share, all under one mutex.
struct Shelf {
  Shelf(const Clock& clock_, RandomSource& random_, const Digester& digester_,
        const MemoryBlobStoreOptions& options_)
      : clock(clock_), random(random_), digester(digester_), options(options_) {}

  const Clock& clock;
  RandomSource& random;
  const Digester& digester;
  MemoryBlobStoreOptions options;

  std::mutex mutex;
  std::map<BlobId, StoredBlob> blobs;
  std::map<UploadId, std::shared_ptr<Staged>> staged;
  std::int64_t used{0};
  Trigger write;
  Trigger publish;
  Trigger sync;
  Trigger read;

  [[nodiscard]] ContentHashes new_hashes() const { return {digester, options.sha1}; }

  /// Takes room for what is to be written, or says why not. The mutex is held.
  Result<void> reserve(std::size_t size) {
    if (auto error = write.pull()) return *std::move(error);
    const auto bytes = static_cast<std::int64_t>(size);
    if (bytes > options.capacity_bytes - used)
      return Error{Errc::insufficient_storage, "the memory blob store is full"};
    used += bytes;
    return {};
  }
  void release(std::size_t size) { used -= static_cast<std::int64_t>(size); }

  /// Publishes bytes whose room is taken. The mutex is held.
  Result<BlobId> put(std::string bytes) {
    if (auto error = publish.pull()) return *std::move(error);
    BALUHOST_TRY(const auto raw, random.bytes(BlobId::kBytes));
    BlobId id{to_hex(raw)};
    const bool fresh =
        blobs
            .try_emplace(
                id, StoredBlob{std::make_shared<const std::string>(std::move(bytes)), clock.now()})
            .second;
    if (!fresh) return Error{Errc::unavailable, "a blob id twice"};
    return id;
  }
};

inline Error spent() { return Error{Errc::unavailable, "the writer is spent"}; }

inline Result<std::size_t> copy_at(std::string_view bytes, std::int64_t offset,
                                   std::span<char> buffer) {
  if (offset < 0) return Error{Errc::internal, "a blob has no bytes before its first"};
  if (std::cmp_greater_equal(offset, bytes.size())) return std::size_t{0};
  return bytes.copy(buffer.data(), buffer.size(), static_cast<std::size_t>(offset));
}

} // namespace baluhost::memory
