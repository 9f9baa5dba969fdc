#include "baluhost/contract/blob_store_contract.hpp"
#include "baluhost/memory/manual_clock.hpp"
#include "baluhost/memory/memory_blob_store.hpp"
#include "baluhost/memory/portable_digester.hpp"
#include "baluhost/memory/seeded_random.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <utility>

// The suite of blob stores against stores that break one promise each: a suite that stays green
// under one of them proves nothing about that promise. `[!shouldfail]` turns the result around.
namespace baluhost::contract {
namespace {

enum class Fault {
  none,
  no_time,
  no_sync,
  syncs_once,
  no_read_back,
  forgets_blobs,
  forgets_removals
};

class BrokenStagedBlob final : public StagedBlob {
 public:
  BrokenStagedBlob(std::unique_ptr<StagedBlob> inner, Fault fault)
      : inner_(std::move(inner)), fault_(fault) {}
  Result<void> write(std::string_view bytes) override { return inner_->write(bytes); }
  Result<void> sync() override {
    if (fault_ == Fault::no_sync) return {};
    if (fault_ == Fault::syncs_once && std::exchange(has_synced_, true)) return {};
    return inner_->sync();
  }
  std::int64_t size() const noexcept override { return inner_->size(); }
  Result<std::size_t> read_at(std::int64_t offset, std::span<char> buffer) const override {
    if (fault_ == Fault::no_read_back) return std::size_t{0};
    return inner_->read_at(offset, buffer);
  }
  Result<void> truncate(std::int64_t size) override { return inner_->truncate(size); }
  Sha256Digest sha256() const noexcept override { return inner_->sha256(); }
  Result<Content> publish() override { return inner_->publish(); }

 private:
  std::unique_ptr<StagedBlob> inner_;
  Fault fault_;
  bool has_synced_{false};
};

class BrokenBlobStore final : public BlobStore {
 public:
  BrokenBlobStore(std::unique_ptr<MemoryBlobStore> inner, Fault fault)
      : inner_(std::move(inner)), fault_(fault) {}

  Result<std::unique_ptr<BlobWriter>> create() override { return inner_->create(); }
  Result<std::unique_ptr<BlobReader>> open(const BlobId& id) const override {
    if (is_removed(id)) return Error{Errc::not_found};
    return inner_->open(id);
  }
  Result<void> remove(const BlobId& id) override {
    if (fault_ != Fault::forgets_removals) return inner_->remove(id);
    removed_.push_back(id);
    return {};
  }
  Result<std::vector<BlobInfo>> list(const std::optional<BlobId>& after,
                                     std::size_t limit) const override {
    BALUHOST_TRY(auto blobs, inner_->list(after, limit));
    std::erase_if(blobs, [&](const BlobInfo& info) { return is_removed(info.id); });
    if (fault_ == Fault::no_time) {
      for (auto& info : blobs) info.published_at = {};
    }
    return blobs;
  }
  Result<std::unique_ptr<StagedBlob>> stage(const UploadId& id, std::int64_t offset) override {
    BALUHOST_TRY(auto staged, inner_->stage(id, offset));
    return std::unique_ptr<StagedBlob>(
        std::make_unique<BrokenStagedBlob>(std::move(staged), fault_));
  }
  Result<void> restage(const BlobId& blob, const UploadId& id) override {
    return inner_->restage(blob, id);
  }
  Result<void> discard_staged(const UploadId& id) override { return inner_->discard_staged(id); }
  Result<std::vector<UploadId>> list_staged() const override { return inner_->list_staged(); }
  Result<StorageSpace> space() const override { return inner_->space(); }

  std::unique_ptr<BlobStore> reopen() {
    auto next = inner_->reopen();
    if (fault_ == Fault::forgets_blobs) {
      for (const auto& info : next->list(std::nullopt, 1000).value())
        REQUIRE(next->remove(info.id));
    }
    return std::make_unique<BrokenBlobStore>(std::move(next), fault_);
  }

 private:
  bool is_removed(const BlobId& id) const {
    return std::find(removed_.begin(), removed_.end(), id) != removed_.end();
  }

  std::unique_ptr<MemoryBlobStore> inner_;
  Fault fault_;
  std::vector<BlobId> removed_; ///< as this process believes
};

void run_suite(Fault fault) {
  const ManualClock clock{Timestamp{1'764'000'000'000'000}};
  const auto random = make_seeded_random();
  const auto digester = make_portable_digester();
  blob_store_contract([&] {
    return BlobStoreUnderTest{
        std::make_unique<BrokenBlobStore>(make_memory_blob_store(clock, *random, *digester), fault),
        [](std::unique_ptr<BlobStore> store) {
          return dynamic_cast<BrokenBlobStore&>(*store).reopen();
        },
        &clock};
  });
}

} // namespace

TEST_CASE("the suite of blob stores is green for the store that the broken ones are made of",
          "[fault-38]") {
  run_suite(Fault::none);
}
TEST_CASE("the suite of blob stores is red for a store without times", "[fault-38][!shouldfail]") {
  run_suite(Fault::no_time);
}
TEST_CASE("the suite of blob stores is red for a store that never syncs",
          "[fault-38][!shouldfail]") {
  run_suite(Fault::no_sync);
}
TEST_CASE("the suite of blob stores is red for a store that syncs once only",
          "[fault-38][!shouldfail]") {
  run_suite(Fault::syncs_once);
}
TEST_CASE("the suite of blob stores is red for a store that forgets its blobs in a crash",
          "[fault-38][!shouldfail]") {
  run_suite(Fault::forgets_blobs);
}
TEST_CASE("the suite of blob stores is red for a store that forgets removals in a crash",
          "[fault-38][!shouldfail]") {
  run_suite(Fault::forgets_removals);
}
TEST_CASE("the suite of blob stores is red for a store that reads nothing back",
          "[fault-39][!shouldfail]") {
  run_suite(Fault::no_read_back);
}

} // namespace baluhost::contract
