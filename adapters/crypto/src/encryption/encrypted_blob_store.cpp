#include "baluhost/crypto/encrypted_blob_store.hpp"
#include "encryption/encrypted_content.hpp"

#include <utility>

namespace baluhost {
namespace {

using namespace encryption;

class EncryptedBlobStore final : public BlobStore {
 public:
  EncryptedBlobStore(std::unique_ptr<BlobStore> inner, const Surroundings& around)
      : inner_(std::move(inner)), around_(around), logs_(std::make_shared<StagedLogs>()) {}

  Result<std::unique_ptr<BlobWriter>> create() override {
    BALUHOST_TRY(auto writer, inner_->create());
    return make_encrypting_writer(std::move(writer), around_);
  }
  Result<std::unique_ptr<BlobReader>> open(const BlobId& id) const override {
    BALUHOST_TRY(auto stored, inner_->open(id));
    return open_encrypted(std::move(stored), around_.keys);
  }
  Result<void> remove(const BlobId& id) override { return inner_->remove(id); }
  Result<std::vector<BlobInfo>> list(const std::optional<BlobId>& after,
                                     std::size_t limit) const override {
    return inner_->list(after, limit);
  }
  Result<std::unique_ptr<StagedBlob>> stage(const UploadId& id, std::int64_t offset) override {
    if (offset < 0 && offset != kAllStaged)
      return Error{Errc::not_found, "nothing is staged there"};
    // Only to begin anew is the offset that of the staging file.
    BALUHOST_TRY(auto staged, inner_->stage(id, offset == 0 ? 0 : kAllStaged));
    auto log = logs_->take(id);
    return open_encrypting_staged(std::move(staged), around_, {logs_, id, std::move(log)}, offset);
  }
  Result<void> discard_staged(const UploadId& id) override {
    logs_->forget(id);
    return inner_->discard_staged(id);
  }
  Result<void> restage(const BlobId& blob, const UploadId& id) override {
    return inner_->restage(blob, id);
  }
  Result<std::vector<UploadId>> list_staged() const override { return inner_->list_staged(); }
  Result<StorageSpace> space() const override { return inner_->space(); }

 private:
  std::unique_ptr<BlobStore> inner_;
  Surroundings around_;
  std::shared_ptr<StagedLogs> logs_;
};

} // namespace

std::unique_ptr<BlobStore> with_encryption(std::unique_ptr<BlobStore> inner,
                                           const EncryptionOptions& options, KeyDirectory& keys,
                                           const Digester& digester, RandomSource& random) {
  return std::make_unique<EncryptedBlobStore>(std::move(inner),
                                              Surroundings{options, keys, digester, random});
}

} // namespace baluhost
