#pragma once

#include "baluhost/core/upload_service.hpp"
#include "placement.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <unordered_set>
#include <utility>

namespace baluhost {

/// Which uploads a request of this process is writing to.
class UploadService::Claims {
 public:
  class Claim {
   public:
    Claim(std::shared_ptr<Claims> claims, UploadId id) : claims_(std::move(claims)), id_(std::move(id)) {}
    Claim(Claim&&) = default;
    Claim& operator=(Claim&&) = delete;
    ~Claim() {
      if (!claims_) return;
      const std::lock_guard lock(claims_->mutex_);
      claims_->claimed_.erase(id_);
    }

   private:
    std::shared_ptr<Claims> claims_;
    UploadId id_;
  };

  /// conflict while another has it.
  static Result<Claim> take(const std::shared_ptr<Claims>& claims, const UploadId& id) {
    const std::lock_guard lock(claims->mutex_);
    if (!claims->claimed_.insert(id).second) return Error{Errc::conflict, "another request writes to this upload"};
    return Claim{claims, id};
  }

 private:
  std::mutex mutex_;
  std::unordered_set<UploadId> claimed_;
};

/// One PATCH under way.
class UploadChunk::Engine {
 public:
  Engine(const UploadService& service, const Principal& principal, PendingUpload upload,
         UploadService::Claims::Claim claim, std::unique_ptr<StagedBlob> staged,
         const std::optional<ChunkChecksum>& checksum, UploadService::FirstRequest first);
  ~Engine();

  [[nodiscard]] Result<void> write(std::string_view bytes);
  [[nodiscard]] Result<UploadProgress> finish();

 private:
  [[nodiscard]] bool is_whole() const noexcept { return staged_->size() == upload_.length; }
  [[nodiscard]] bool has_checksum() const noexcept { return sha256_ || sha1_; }
  [[nodiscard]] bool checksum_fits() const;
  [[nodiscard]] Result<void> take(std::string_view bytes);
  [[nodiscard]] Result<UploadProgress> complete();
  [[nodiscard]] Result<void> keep();
  void undo();
  void give_up();
  void forget();
  void end();
  [[nodiscard]] Error fail(Error error);

  std::optional<UploadService::Claims::Claim> claim_; ///< outlives the staging file
  FileService::Parts parts_;
  std::chrono::seconds expiry_;
  std::int64_t checkpoint_bytes_;
  PendingUpload upload_;
  Placement placement_;
  ChunkChecksum checksum_;
  std::unique_ptr<Sha256Stream> sha256_; ///< of this chunk, where its checksum was announced
  std::unique_ptr<Sha1Stream> sha1_;
  std::unique_ptr<StagedBlob> staged_;
  bool is_first_; ///< the client learns of the upload by this request's answer only: without one it ends
  bool over_{false};
};

} // namespace baluhost
