#include "blob_shelf.hpp"

#include <algorithm>
#include <mutex>
#include <set>
#include <string>
#include <utility>

/// Bytes lie in shared strings: a reader keeps its own share, so removing a blob takes nothing from
/// it. Writers and readers share the store's shelf with it, so they may outlive the store. Staged
/// bytes stay on the shelf while no holder has them.
namespace baluhost {
namespace {

using namespace memory;

/// Makes room for `bytes`; whose writer there is none for is spent.
Result<void> reserve(Shelf& shelf, std::string_view bytes, bool& spent) {
  auto room = shelf.reserve(bytes.size());
  spent = !room;
  return room;
}

class MemoryBlobWriter final : public BlobWriter {
 public:
  explicit MemoryBlobWriter(std::shared_ptr<Shelf> shelf)
      : shelf_(std::move(shelf)), hashes_(shelf_->new_hashes()) {}
  ~MemoryBlobWriter() override { drop(); }

  Result<void> write(std::string_view bytes) override {
    if (spent_) return spent();
    {
      const std::lock_guard lock(shelf_->mutex);
      BALUHOST_CHECK(reserve(*shelf_, bytes, spent_));
    }
    bytes_ += bytes;
    size_ += static_cast<std::int64_t>(bytes.size());
    hashes_.update(bytes);
    return {};
  }

  std::int64_t size() const noexcept override { return size_; }
  Sha256Digest sha256() const noexcept override { return hashes_.sha256->digest(); }
  std::optional<Sha1Digest> sha1() const noexcept override { return hashes_.sha1_digest(); }

  Result<Content> publish() override {
    if (spent_) return spent();
    spent_ = true;
    const std::lock_guard lock(shelf_->mutex);
    BALUHOST_TRY(auto id, shelf_->put(bytes_));
    bytes_.clear();
    return Content{std::move(id), size_, sha256(), sha1(), hashes_.crc32->value()};
  }

 private:
  /// Gives back the room of bytes that were not published.
  void drop() noexcept {
    const std::lock_guard lock(shelf_->mutex);
    shelf_->release(bytes_.size());
  }

  std::shared_ptr<Shelf> shelf_;
  ContentHashes hashes_;
  std::string bytes_;
  std::int64_t size_{0};
  bool spent_{false};
};

class MemoryStagedBlob final : public StagedBlob {
 public:
  MemoryStagedBlob(std::shared_ptr<Shelf> shelf, UploadId id, std::shared_ptr<Staged> staged)
      : shelf_(std::move(shelf)),
        id_(std::move(id)),
        staged_(std::move(staged)),
        hashes_(shelf_->new_hashes()),
        size_(0) {
    rehash();
  }
  ~MemoryStagedBlob() override {
    const std::lock_guard lock(shelf_->mutex);
    staged_->held = false;
    if (!is_on_shelf()) shelf_->release(staged_->bytes.size());
  }

  Result<void> write(std::string_view bytes) override {
    if (spent_) return spent();
    const std::lock_guard lock(shelf_->mutex);
    BALUHOST_CHECK(reserve(*shelf_, bytes, spent_));
    staged_->bytes += bytes;
    size_ += static_cast<std::int64_t>(bytes.size());
    hashes_.update(bytes);
    return {};
  }

  Result<void> sync() override {
    if (published_) return spent();
    const std::lock_guard lock(shelf_->mutex);
    if (auto error = shelf_->sync.pull()) {
      spent_ = true;
      return *std::move(error);
    }
    staged_->synced = staged_->bytes.size();
    return {};
  }

  std::int64_t size() const noexcept override { return size_; }
  Result<std::size_t> read_at(std::int64_t offset, std::span<char> buffer) const override {
    if (published_) return spent();
    const std::lock_guard lock(shelf_->mutex);
    if (auto error = shelf_->read.pull()) return *std::move(error);
    return copy_at(staged_->bytes, offset, buffer);
  }
  Sha256Digest sha256() const noexcept override { return hashes_.sha256->digest(); }

  Result<void> truncate(std::int64_t size) override {
    if (published_) return spent();
    if (size < 0 || size > size_)
      return Error{Errc::internal, "a staged blob can only be cut to less than it has"};
    const std::lock_guard lock(shelf_->mutex);
    shelf_->release(static_cast<std::size_t>(size_ - size));
    staged_->cut(static_cast<std::size_t>(size));
    rehash();
    spent_ = false;
    return {};
  }

  Result<Content> publish() override {
    if (spent_) return spent();
    spent_ = published_ = true;
    const std::lock_guard lock(shelf_->mutex);
    if (is_on_shelf()) shelf_->staged.erase(id_);
    BALUHOST_TRY(auto id, shelf_->put(staged_->bytes));
    staged_->bytes.clear();
    return Content{std::move(id), size_, sha256(), hashes_.sha1_digest(), hashes_.crc32->value()};
  }

 private:
  void rehash() {
    hashes_ = shelf_->new_hashes();
    hashes_.update(staged_->bytes);
    size_ = static_cast<std::int64_t>(staged_->bytes.size());
  }

  /// False once it was published or discarded.
  bool is_on_shelf() const {
    const auto found = shelf_->staged.find(id_);
    return found != shelf_->staged.end() && found->second == staged_;
  }

  std::shared_ptr<Shelf> shelf_;
  UploadId id_;
  std::shared_ptr<Staged> staged_;
  ContentHashes hashes_;
  std::int64_t size_;
  bool spent_{false}; ///< a write failed, or it is published
  bool published_{false};
};

class MemoryBlobReader final : public BlobReader {
 public:
  MemoryBlobReader(std::shared_ptr<Shelf> shelf, std::shared_ptr<const std::string> bytes)
      : shelf_(std::move(shelf)), bytes_(std::move(bytes)) {}

  std::int64_t size() const noexcept override { return static_cast<std::int64_t>(bytes_->size()); }
  Result<std::size_t> read_at(std::int64_t offset, std::span<char> buffer) const override {
    {
      const std::lock_guard lock(shelf_->mutex);
      if (auto error = shelf_->read.pull()) return *std::move(error);
    }
    return copy_at(*bytes_, offset, buffer);
  }
  std::optional<int> file_descriptor() const noexcept override { return std::nullopt; }

 private:
  std::shared_ptr<Shelf> shelf_;
  std::shared_ptr<const std::string> bytes_;
};

class MemoryBlobs final : public MemoryBlobStore {
 public:
  explicit MemoryBlobs(std::shared_ptr<Shelf> shelf) : shelf_(std::move(shelf)) {}

  Result<std::unique_ptr<BlobWriter>> create() override {
    return std::unique_ptr<BlobWriter>(std::make_unique<MemoryBlobWriter>(shelf_));
  }

  Result<std::unique_ptr<BlobReader>> open(const BlobId& id) const override {
    const std::lock_guard lock(shelf_->mutex);
    const auto found = shelf_->blobs.find(id);
    if (found == shelf_->blobs.end()) return Error{Errc::not_found, "no such blob"};
    return std::unique_ptr<BlobReader>(
        std::make_unique<MemoryBlobReader>(shelf_, found->second.bytes));
  }

  Result<void> remove(const BlobId& id) override {
    const std::lock_guard lock(shelf_->mutex);
    const auto found = shelf_->blobs.find(id);
    if (found == shelf_->blobs.end()) return {};
    shelf_->release(found->second.bytes->size());
    shelf_->blobs.erase(found);
    return {};
  }

  Result<std::vector<BlobInfo>> list(const std::optional<BlobId>& after,
                                     std::size_t limit) const override {
    const std::lock_guard lock(shelf_->mutex);
    std::vector<BlobInfo> infos;
    auto next = after ? shelf_->blobs.upper_bound(*after) : shelf_->blobs.begin();
    for (; next != shelf_->blobs.end() && infos.size() < limit; ++next) {
      const auto& [id, blob] = *next;
      infos.push_back({id, static_cast<std::int64_t>(blob.bytes->size()), blob.published_at});
    }
    return infos;
  }

  Result<std::unique_ptr<StagedBlob>> stage(const UploadId& id, std::int64_t offset) override {
    const std::lock_guard lock(shelf_->mutex);
    auto found = shelf_->staged.find(id);
    if (found == shelf_->staged.end()) {
      if (offset != 0) return Error{Errc::not_found, "nothing is staged"};
      found = shelf_->staged.emplace(id, std::make_shared<Staged>()).first;
    }
    auto& staged = *found->second;
    if (staged.held) return Error{Errc::conflict, "another holder has it"};
    if (offset == kAllStaged) offset = static_cast<std::int64_t>(staged.bytes.size());
    if (offset < 0 || std::cmp_greater(offset, staged.bytes.size()))
      return Error{Errc::not_found, "fewer bytes are there"};
    shelf_->release(staged.bytes.size() - static_cast<std::size_t>(offset));
    staged.cut(static_cast<std::size_t>(offset));
    staged.held = true;
    return std::unique_ptr<StagedBlob>(
        std::make_unique<MemoryStagedBlob>(shelf_, id, found->second));
  }

  Result<void> discard_staged(const UploadId& id) override {
    const std::lock_guard lock(shelf_->mutex);
    const auto found = shelf_->staged.find(id);
    if (found == shelf_->staged.end()) return {};
    if (!found->second->held) shelf_->release(found->second->bytes.size());
    shelf_->staged.erase(found);
    return {};
  }

  Result<void> restage(const BlobId& blob, const UploadId& id) override {
    const std::lock_guard lock(shelf_->mutex);
    const auto found = shelf_->blobs.find(blob);
    if (found == shelf_->blobs.end()) return Error{Errc::not_found, "no such blob"};
    if (shelf_->staged.contains(id)) return Error{Errc::conflict, "something is staged"};
    auto staged = std::make_shared<Staged>();
    staged->bytes = *found->second.bytes;
    staged->synced = staged->bytes.size();
    shelf_->staged.emplace(id, std::move(staged));
    shelf_->blobs.erase(found);
    return {};
  }

  Result<std::vector<UploadId>> list_staged() const override {
    const std::lock_guard lock(shelf_->mutex);
    std::vector<UploadId> ids;
    for (const auto& [id, staged] : shelf_->staged) ids.push_back(id);
    return ids;
  }

  Result<StorageSpace> space() const override {
    const std::lock_guard lock(shelf_->mutex);
    return StorageSpace{shelf_->options.capacity_bytes - shelf_->used,
                        shelf_->options.capacity_bytes, 0, 0};
  }

  void fail_write(int nth, Errc code) override { set(shelf_->write, nth, code); }
  void fail_publish(int nth, Errc code) override { set(shelf_->publish, nth, code); }
  void fail_sync(int nth) override { set(shelf_->sync, nth, Errc::unavailable); }
  void fail_read(int nth) override { set(shelf_->read, nth, Errc::unavailable); }

  bool damage(const BlobId& id, std::int64_t offset) override {
    const std::lock_guard lock(shelf_->mutex);
    const auto found = shelf_->blobs.find(id);
    if (found == shelf_->blobs.end() || offset < 0 ||
        std::cmp_greater_equal(offset, found->second.bytes->size()))
      return false;
    auto bytes = *found->second.bytes;
    auto& byte = bytes[static_cast<std::size_t>(offset)];
    byte = static_cast<char>(~byte);
    found->second.bytes = std::make_shared<const std::string>(std::move(bytes));
    return true;
  }

  std::unique_ptr<MemoryBlobStore> reopen() override {
    const std::lock_guard lock(shelf_->mutex);
    for (auto& [id, staged] : shelf_->staged) {
      shelf_->release(staged->bytes.size() - staged->synced);
      staged->cut(staged->synced);
    }
    return std::make_unique<MemoryBlobs>(shelf_);
  }

 private:
  void set(Trigger& trigger, int nth, Errc code) {
    const std::lock_guard lock(shelf_->mutex);
    trigger.set(nth, code);
  }

  std::shared_ptr<Shelf> shelf_;
};

} // namespace

std::unique_ptr<MemoryBlobStore> make_memory_blob_store(const MemoryBlobStoreOptions& options,
                                                        const Digester& digester,
                                                        RandomSource& random, const Clock& clock) {
  return std::make_unique<MemoryBlobs>(std::make_shared<Shelf>(clock, random, digester, options));
}

} // namespace baluhost
