#include "database/repositories.hpp"

namespace baluhost::memory {

Result<std::vector<DoomedBlob>> MemoryBlobs::doomed(std::size_t limit) const {
  std::vector<DoomedBlob> blobs;
  state_.doomed.each([&](const BlobId& blob, Timestamp since) {
    if (blobs.size() >= limit) return false;
    blobs.push_back(DoomedBlob{blob, since});
    return true;
  });
  return blobs;
}

Result<void> MemoryBlobs::forget_doomed(const BlobId& blob) {
  state_.doomed.erase(blob);
  return {};
}

Result<bool> MemoryBlobs::mark_damaged(const BlobId& blob, std::string_view finding, Timestamp) {
  if (state_.damaged.contains(blob)) return false;
  state_.damaged.put(blob, std::string{finding});
  return true;
}

Result<bool> MemoryBlobs::clear_damaged(const BlobId& blob) { return state_.damaged.erase(blob); }

Result<std::vector<BlobId>> MemoryBlobs::missing(std::size_t limit) const {
  const MemoryFiles files{state_};
  std::vector<BlobId> blobs;
  state_.damaged.each([&](const BlobId& blob, const std::string& finding) {
    if (blobs.size() >= limit) return false;
    if (finding == "missing" && *files.references(blob)) blobs.push_back(blob);
    return true;
  });
  return blobs;
}

} // namespace baluhost::memory
