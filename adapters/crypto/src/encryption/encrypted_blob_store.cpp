#include "baluhost/crypto/encrypted_blob_store.hpp"
#include "baluhost/ports/common/forwarding_blob_store.hpp"
#include "encryption/encrypted_content.hpp"

#include <utility>

namespace baluhost {
namespace {

using namespace encryption;

class EncryptedBlobStore final : public ForwardingBlobStore {
 public:
  EncryptedBlobStore(std::unique_ptr<BlobStore> store, const Surroundings& around)
      : ForwardingBlobStore(std::move(store)),
        around_(around),
        logs_(std::make_shared<StagedLogs>()) {}

  Result<std::unique_ptr<BlobWriter>> create() override {
    BALUHOST_TRY(auto writer, inner().create());
    return make_encrypting_writer(std::move(writer), around_);
  }
  Result<std::unique_ptr<BlobReader>> open(const BlobId& id) const override {
    BALUHOST_TRY(auto stored, inner().open(id));
    return open_encrypted(std::move(stored), around_.keys);
  }
  Result<std::unique_ptr<StagedBlob>> stage(const UploadId& id, std::int64_t offset) override {
    if (offset < 0 && offset != kAllStaged)
      return Error{Errc::not_found, "nothing is staged there"};
    // Only to begin anew is the offset that of the staging file.
    BALUHOST_TRY(auto staged, inner().stage(id, offset == 0 ? 0 : kAllStaged));
    auto log = logs_->take(id);
    return open_encrypting_staged(std::move(staged), around_, {logs_, id, std::move(log)}, offset);
  }
  Result<void> discard_staged(const UploadId& id) override {
    logs_->forget(id);
    return inner().discard_staged(id);
  }

 private:
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
