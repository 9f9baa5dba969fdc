#include "baluhost/filesystem/space_floor.hpp"

#include "baluhost/ports/common/forwarding_blob_store.hpp"

#include <algorithm>
#include <atomic>
#include <limits>
#include <mutex>

// A question to the file system costs about a microsecond, which a large upload would pay for every
// chunk: an answer is good for some time and for a budget of bytes, whichever ends first. The
// budget never exceeds the room that the answer left above the floor.
namespace baluhost {
namespace {

constexpr std::chrono::milliseconds kAnswerLife{100};
constexpr std::int64_t kMaxBudget = std::int64_t{64} << 20;

class SpaceGauge {
 public:
  SpaceGauge(const BlobStore& store, const SpaceFloor& floor, const Clock& clock)
      : store_(store), floor_(floor), clock_(clock) {}

  /// insufficient_storage if `bytes` more would break the floor.
  Result<void> admit(std::int64_t bytes) {
    const auto now = clock_.monotonic().count();
    if (now < good_until_.load(std::memory_order_acquire) && budget_.fetch_sub(bytes) >= bytes)
      return {};
    return ask(bytes, now);
  }

 private:
  Result<void> ask(std::int64_t bytes, std::int64_t now) {
    const std::lock_guard lock(mutex_);
    BALUHOST_TRY(const auto space, store_.space());
    const std::int64_t room = space.free_bytes - floor_.min_free_bytes;
    const bool inodes = space.total_inodes == 0 || space.free_inodes > floor_.min_free_inodes;
    if (room < bytes || !inodes) {
      good_until_ = std::numeric_limits<std::int64_t>::min();
      return Error{Errc::insufficient_storage,
                   inodes
                       ? "writing would leave less than the floor of free bytes on the blob store"
                       : "the floor of free inodes on the blob store is reached"};
    }
    budget_ = std::min(room - bytes, kMaxBudget);
    good_until_.store(now + std::chrono::microseconds(kAnswerLife).count(),
                      std::memory_order_release);
    return {};
  }

  const BlobStore& store_;
  const SpaceFloor floor_;
  const Clock& clock_;
  std::mutex mutex_;
  std::atomic<std::int64_t> good_until_{std::numeric_limits<std::int64_t>::min()};
  std::atomic<std::int64_t> budget_{0};
};

class FlooredWriter final : public BlobWriter {
 public:
  FlooredWriter(std::unique_ptr<BlobWriter> writer, std::shared_ptr<SpaceGauge> gauge)
      : writer_(std::move(writer)), gauge_(std::move(gauge)) {}

  Result<void> write(std::string_view bytes) override {
    if (!writer_) return spent();
    if (auto admitted = gauge_->admit(static_cast<std::int64_t>(bytes.size())); !admitted) {
      size_ = size();
      sha256_ = sha256();
      sha1_ = sha1();
      writer_.reset();
      return admitted;
    }
    return writer_->write(bytes);
  }
  std::int64_t size() const noexcept override { return writer_ ? writer_->size() : size_; }
  Sha256Digest sha256() const noexcept override { return writer_ ? writer_->sha256() : sha256_; }
  std::optional<Sha1Digest> sha1() const noexcept override {
    return writer_ ? writer_->sha1() : sha1_;
  }
  Result<Content> publish() override {
    return writer_ ? writer_->publish() : Result<Content>(spent());
  }

 private:
  static Error spent() { return {Errc::unavailable, "this blob writer is spent"}; }

  std::unique_ptr<BlobWriter> writer_; ///< null once refused: its disk space goes back at once
  std::shared_ptr<SpaceGauge> gauge_;
  std::int64_t size_{};
  Sha256Digest sha256_;
  std::optional<Sha1Digest> sha1_;
};

class FlooredStagedBlob final : public StagedBlob {
 public:
  FlooredStagedBlob(std::unique_ptr<StagedBlob> staged, std::shared_ptr<SpaceGauge> gauge)
      : staged_(std::move(staged)), gauge_(std::move(gauge)) {}

  Result<void> write(std::string_view bytes) override {
    BALUHOST_CHECK(gauge_->admit(static_cast<std::int64_t>(bytes.size())));
    return staged_->write(bytes);
  }
  Result<void> sync() override { return staged_->sync(); }
  std::int64_t size() const noexcept override { return staged_->size(); }
  Result<std::size_t> read_at(std::int64_t offset, std::span<char> buffer) const override {
    return staged_->read_at(offset, buffer);
  }
  Result<void> truncate(std::int64_t size) override { return staged_->truncate(size); }
  Sha256Digest sha256() const noexcept override { return staged_->sha256(); }
  Result<Content> publish() override { return staged_->publish(); }

 private:
  std::unique_ptr<StagedBlob> staged_;
  std::shared_ptr<SpaceGauge> gauge_;
};

class FlooredBlobStore final : public ForwardingBlobStore {
 public:
  FlooredBlobStore(std::unique_ptr<BlobStore> store, const SpaceFloor& floor, const Clock& clock)
      : ForwardingBlobStore(std::move(store)),
        gauge_(std::make_shared<SpaceGauge>(inner(), floor, clock)) {}

  Result<std::unique_ptr<BlobWriter>> create() override {
    BALUHOST_CHECK(gauge_->admit(0));
    BALUHOST_TRY(auto writer, inner().create());
    return std::unique_ptr<BlobWriter>(std::make_unique<FlooredWriter>(std::move(writer), gauge_));
  }
  Result<std::unique_ptr<StagedBlob>> stage(const UploadId& id, std::int64_t offset) override {
    if (offset == 0)
      BALUHOST_CHECK(gauge_->admit(0)); // one that is complete may still be published
    BALUHOST_TRY(auto staged, inner().stage(id, offset));
    return std::unique_ptr<StagedBlob>(
        std::make_unique<FlooredStagedBlob>(std::move(staged), gauge_));
  }

 private:
  std::shared_ptr<SpaceGauge> gauge_;
};

} // namespace

std::unique_ptr<BlobStore> with_space_floor(std::unique_ptr<BlobStore> store,
                                            const SpaceFloor& floor, const Clock& clock) {
  return std::make_unique<FlooredBlobStore>(std::move(store), floor, clock);
}

} // namespace baluhost
