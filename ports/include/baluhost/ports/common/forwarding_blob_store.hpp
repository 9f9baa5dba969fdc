#pragma once

#include "baluhost/ports/blob_store.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace baluhost {

/// A blob store over another: each call goes on to that one, until it is overridden.
class ForwardingBlobStore : public BlobStore {
 public:
  /// `inner` must outlive it.
  explicit ForwardingBlobStore(BlobStore& inner) : inner_(inner) {}
  explicit ForwardingBlobStore(std::unique_ptr<BlobStore> inner)
      : owned_(std::move(inner)), inner_(*owned_) {}

  Result<std::unique_ptr<BlobWriter>> create() override { return inner_.create(); }
  Result<std::unique_ptr<BlobReader>> open(const BlobId& id) const override {
    return inner_.open(id);
  }
  Result<void> remove(const BlobId& id) override { return inner_.remove(id); }
  Result<std::vector<BlobInfo>> list(const std::optional<BlobId>& after,
                                     std::size_t limit) const override {
    return inner_.list(after, limit);
  }
  Result<std::unique_ptr<StagedBlob>> stage(const UploadId& id, std::int64_t offset) override {
    return inner_.stage(id, offset);
  }
  Result<void> discard_staged(const UploadId& id) override { return inner_.discard_staged(id); }
  Result<void> restage(const BlobId& blob, const UploadId& id) override {
    return inner_.restage(blob, id);
  }
  Result<std::vector<UploadId>> list_staged() const override { return inner_.list_staged(); }
  Result<StorageSpace> space() const override { return inner_.space(); }

 protected:
  /// The store below, which outlives this one or is owned by it.
  [[nodiscard]] BlobStore& inner() const noexcept { return inner_; }

 private:
  std::unique_ptr<BlobStore> owned_;
  BlobStore& inner_;
};

} // namespace baluhost
