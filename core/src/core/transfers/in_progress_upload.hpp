#pragma once

#include "baluhost/core/files/file_service.hpp"
#include "files/file_placement.hpp"

#include <chrono>
#include <memory>
#include <optional>

namespace baluhost {

/// insufficient_storage if `bytes` more would break the floor of the store; unavailable.
[[nodiscard]] Result<void> check_space(const BlobStore& blobs, std::int64_t bytes,
                                       std::int64_t min_free_bytes);

/// payload_too_large if `bytes` exceeds `limit`, of which 0 means none.
[[nodiscard]] Result<void> check_upload_size(std::int64_t bytes, std::int64_t limit);

/// An upload of one request: a placement, and the content on its way there.
class Upload::InProgress {
 public:
  InProgress(const FileService::Dependencies& deps, const FileServiceOptions& options,
             const Principal& principal, const FilePath& path, const PutOptions& put);
  ~InProgress();

  [[nodiscard]] Result<void> begin();
  [[nodiscard]] Result<void> write(std::string_view bytes);
  [[nodiscard]] Result<PutResult> commit();
  void expect(const Sha256Digest& digest);
  [[nodiscard]] Error fail(Error error);

 private:
  [[nodiscard]] Result<void> prepare();
  [[nodiscard]] Result<void> take(std::string_view bytes);
  [[nodiscard]] Result<void> reserve(std::int64_t size);
  [[nodiscard]] Result<Content> verified_content();
  [[nodiscard]] std::chrono::microseconds duration() const {
    return deps_.clock.monotonic() - started_;
  }

  FileService::Dependencies deps_;
  FileServiceOptions options_;
  FilePlacement placement_;
  std::optional<std::int64_t> announced_;
  std::vector<Sha256Digest> expected_;
  std::chrono::microseconds started_;
  std::unique_ptr<BlobWriter> writer_;
  std::int64_t received_{0};
  std::int64_t reserved_{0};
  std::optional<Sha256Digest> sha256_; ///< once all was received
  bool over_{false};
};

} // namespace baluhost
