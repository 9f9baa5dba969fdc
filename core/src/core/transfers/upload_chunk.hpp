#pragma once

#include "baluhost/core/transfers/upload_service.hpp"
#include "files/file_placement.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

namespace baluhost {

/// Which uploads a request of this process is writing to.
class UploadService::Holds {
 public:
  class Hold {
   public:
    Hold(std::shared_ptr<Holds> holds, UploadId id)
        : holds_(std::move(holds)), id_(std::move(id)) {}
    Hold(Hold&&) = default;
    Hold& operator=(Hold&&) = delete;
    ~Hold() {
      if (!holds_) return;
      const std::lock_guard lock(holds_->mutex_);
      holds_->held_.erase(id_);
    }

   private:
    std::shared_ptr<Holds> holds_;
    UploadId id_;
  };

  /// conflict while another has it.
  static Result<Hold> take(const std::shared_ptr<Holds>& holds, const UploadId& id) {
    const std::lock_guard lock(holds->mutex_);
    if (!holds->held_.try_emplace(id).second)
      return Error{Errc::conflict, "another request writes to this upload"};
    return Hold{holds, id};
  }

  /// Lets later requests find the one that has the hold.
  void set_holder(const UploadId& id, const std::shared_ptr<UploadChunk::InProgress>& holder) {
    const std::lock_guard lock(mutex_);
    held_[id] = holder;
  }

  /// The request that has the hold; none while it is not that far, or where nobody has.
  [[nodiscard]] std::shared_ptr<UploadChunk::InProgress> holder(const UploadId& id) {
    const std::lock_guard lock(mutex_);
    const auto found = held_.find(id);
    return found == held_.end() ? nullptr : found->second.lock();
  }

 private:
  std::mutex mutex_;
  std::unordered_map<UploadId, std::weak_ptr<UploadChunk::InProgress>> held_;
};

/// One PATCH under way. A later request may end it from its own thread: each call holds the lock,
/// for which nobody waits, since a request that is storing bytes is not silent.
class UploadChunk::InProgress {
 public:
  InProgress(const UploadService& service, const Principal& principal, PendingUpload upload,
             UploadService::Holds::Hold hold, std::unique_ptr<StagedBlob> staged,
             const std::optional<ChunkChecksum>& checksum, UploadService::FirstRequest first);

  void set_connection(std::shared_ptr<ChunkConnection> connection);
  [[nodiscard]] Result<void> write(std::string_view bytes);
  [[nodiscard]] Result<UploadProgress> finish();

  /// Without `finish`: keeps what counts.
  void drop();

  /// Ends it, if it is silent, so that a later request goes on at the offset in the database; true
  /// if it is over.
  [[nodiscard]] bool yield();

  /// Makes what a silent one brought durable, then the offset; true if that changed.
  [[nodiscard]] bool settle();

 private:
  [[nodiscard]] bool is_silent() const;
  [[nodiscard]] Error over() const;
  [[nodiscard]] Result<UploadProgress> conclude();
  [[nodiscard]] bool is_whole() const noexcept { return staged_->size() == upload_.length; }
  [[nodiscard]] bool has_checksum() const noexcept { return sha256_ || sha1_; }
  [[nodiscard]] bool checksum_fits() const;
  [[nodiscard]] Result<void> store(std::string_view bytes);
  [[nodiscard]] Result<void> take(std::string_view bytes);
  [[nodiscard]] Result<UploadProgress> complete();
  [[nodiscard]] Result<void> keep();
  void undo();
  void give_up();
  void take_back();
  void settle_for(FilePlacement::Leftover leftover);
  void forget();
  void end();
  [[nodiscard]] Error fail(Error error);

  std::mutex mutex_;
  std::shared_ptr<ChunkConnection> connection_;
  std::optional<UploadService::Holds::Hold> hold_; ///< outlives the staging file
  FileService::Dependencies deps_;
  std::chrono::seconds expiry_;
  std::int64_t checkpoint_bytes_;
  PendingUpload upload_;
  Principal principal_;
  FilePlacement placement_;
  ChunkChecksum checksum_;
  std::unique_ptr<Sha256Stream> sha256_; ///< of this chunk, where its checksum was announced
  std::unique_ptr<Sha1Stream> sha1_;
  std::unique_ptr<StagedBlob> staged_;
  std::int64_t began_at_;

  /// The client learns of the upload by this request's answer only: without one it ends.
  bool is_first_;
  bool over_{false};
  bool taken_over_{false};
};

} // namespace baluhost
