#include "baluhost/testing/faults.hpp"
#include "failing.hpp"

#include <utility>

namespace baluhost::testing {
namespace {

class FaultyWriter final : public BlobWriter {
 public:
  FaultyWriter(std::unique_ptr<BlobWriter> inner, Faults& faults)
      : inner_(std::move(inner)), faults_(faults) {}
  Result<void> write(std::string_view bytes) override {
    if (is_spent_) return spent();
    return spending(Call::blob_write, [&] { return inner_->write(bytes); });
  }
  std::int64_t size() const noexcept override { return inner_->size(); }
  Sha256Digest sha256() const noexcept override { return inner_->sha256(); }
  std::optional<Sha1Digest> sha1() const noexcept override { return inner_->sha1(); }
  Result<Content> publish() override {
    if (is_spent_) return spent();
    return spending(Call::blob_publish, [&] { return inner_->publish(); });
  }

 private:
  static Error spent() { return {Errc::unavailable, "this blob writer is spent"}; }
  template <class Work>
  auto spending(Call call, const Work& work) -> decltype(work()) {
    if (auto planned = faults_.take(call)) {
      is_spent_ = true;
      return *std::move(planned);
    }
    return work();
  }

  std::unique_ptr<BlobWriter> inner_;
  Faults& faults_;
  bool is_spent_{false};
};

class FaultyStaged final : public StagedBlob {
 public:
  FaultyStaged(std::unique_ptr<StagedBlob> inner, Faults& faults)
      : inner_(std::move(inner)), faults_(faults) {}
  Result<void> write(std::string_view bytes) override {
    if (is_spent_) return spent();
    if (auto planned = faults_.take(Call::blob_write)) {
      is_spent_ = true;
      return *std::move(planned);
    }
    return inner_->write(bytes);
  }
  Result<void> sync() override {
    BALUHOST_TESTING_CALL(faults_, Call::blob_sync);
    return inner_->sync();
  }
  std::int64_t size() const noexcept override { return inner_->size(); }
  Result<std::size_t> read_at(std::int64_t offset, std::span<char> buffer) const override {
    BALUHOST_TESTING_CALL(faults_, Call::blob_read);
    return inner_->read_at(offset, buffer);
  }
  Result<void> truncate(std::int64_t size) override {
    BALUHOST_TESTING_CALL(faults_, Call::blob_truncate);
    BALUHOST_CHECK(inner_->truncate(size));
    is_spent_ = false;
    return {};
  }
  Sha256Digest sha256() const noexcept override { return inner_->sha256(); }
  Result<Content> publish() override {
    if (is_spent_) return spent();
    if (auto planned = faults_.take(Call::blob_publish)) {
      is_spent_ = true;
      return *std::move(planned);
    }
    return inner_->publish();
  }

 private:
  static Error spent() { return {Errc::unavailable, "this staging file failed before"}; }

  std::unique_ptr<StagedBlob> inner_;
  Faults& faults_;
  bool is_spent_{false};
};

class FaultyReader final : public BlobReader {
 public:
  FaultyReader(std::unique_ptr<BlobReader> inner, Faults& faults)
      : inner_(std::move(inner)), faults_(faults) {}
  std::int64_t size() const noexcept override { return inner_->size(); }
  Result<std::size_t> read_at(std::int64_t offset, std::span<char> buffer) const override {
    BALUHOST_TESTING_CALL(faults_, Call::blob_read);
    return inner_->read_at(offset, buffer);
  }
  /// None: what is sent from a descriptor could not fail.
  std::optional<int> file_descriptor() const noexcept override { return std::nullopt; }

 private:
  std::unique_ptr<BlobReader> inner_;
  Faults& faults_;
};

class FaultyBlobStore final : public BlobStore {
 public:
  FaultyBlobStore(BlobStore& inner, Faults& faults) : inner_(inner), faults_(faults) {}

  Result<std::unique_ptr<BlobWriter>> create() override {
    BALUHOST_TESTING_CALL(faults_, Call::blob_create);
    BALUHOST_TRY(auto writer, inner_.create());
    return std::unique_ptr<BlobWriter>(std::make_unique<FaultyWriter>(std::move(writer), faults_));
  }
  Result<std::unique_ptr<BlobReader>> open(const BlobId& id) const override {
    BALUHOST_TESTING_CALL(faults_, Call::blob_open);
    BALUHOST_TRY(auto reader, inner_.open(id));
    return std::unique_ptr<BlobReader>(std::make_unique<FaultyReader>(std::move(reader), faults_));
  }
  Result<void> remove(const BlobId& id) override {
    BALUHOST_TESTING_CALL(faults_, Call::blob_remove);
    return inner_.remove(id);
  }
  Result<std::vector<BlobInfo>> list(const std::optional<BlobId>& after,
                                     std::size_t limit) const override {
    BALUHOST_TESTING_CALL(faults_, Call::blob_list);
    return inner_.list(after, limit);
  }
  Result<std::unique_ptr<StagedBlob>> stage(const UploadId& id, std::int64_t offset) override {
    BALUHOST_TESTING_CALL(faults_, Call::blob_stage);
    BALUHOST_TRY(auto staged, inner_.stage(id, offset));
    return std::unique_ptr<StagedBlob>(std::make_unique<FaultyStaged>(std::move(staged), faults_));
  }
  Result<void> discard_staged(const UploadId& id) override {
    BALUHOST_TESTING_CALL(faults_, Call::blob_discard);
    return inner_.discard_staged(id);
  }
  Result<std::vector<UploadId>> list_staged() const override {
    BALUHOST_TESTING_CALL(faults_, Call::blob_list);
    return inner_.list_staged();
  }
  Result<void> restage(const BlobId& blob, const UploadId& id) override {
    BALUHOST_TESTING_CALL(faults_, Call::blob_restage);
    return inner_.restage(blob, id);
  }
  Result<StorageSpace> space() const override {
    BALUHOST_TESTING_CALL(faults_, Call::blob_space);
    return inner_.space();
  }

 private:
  BlobStore& inner_;
  Faults& faults_;
};

} // namespace

std::unique_ptr<BlobStore> with_faults(BlobStore& inner, Faults& faults) {
  return std::make_unique<FaultyBlobStore>(inner, faults);
}

} // namespace baluhost::testing
