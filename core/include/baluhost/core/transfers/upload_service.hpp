#pragma once

#include "baluhost/core/files/file_service.hpp"
#include "baluhost/core/page.hpp"
#include "baluhost/domain/files/upload.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/random_source.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace baluhost {

class FilePlacement;

/// Of `UploadService`.
struct UploadServiceOptions {
  std::chrono::seconds expiry{std::chrono::hours{24}};
  std::int64_t max_upload_bytes{0}; ///< 0: no limit
  std::int64_t min_free_bytes{0};   ///< as in `FileServiceOptions`

  /// How much of one request a crash of the server may cost.
  std::int64_t checkpoint_bytes{std::int64_t{64} << 20};
};

/// The request for a resumable upload.
struct CreateUpload {
  FilePath target;
  std::int64_t length{};
  bool overwrite{false};
  bool parents{false};
  std::optional<Sha256Digest> expected;

  /// About the file at `target`; evaluated at creation, while `overwrite` holds to the end.
  Preconditions conditions{};
};

/// The checksum of one request's body (tus checksum extension): sha256 or sha1, of which exactly
/// one is set.
struct ChunkChecksum {
  std::optional<Sha256Digest> sha256;
  std::optional<Sha1Digest> sha1;
};

/// How far a resumable upload is.
struct UploadProgress {
  PendingUpload upload;              ///< `offset` as it is durable now
  std::optional<PutResult> finished; ///< set when this request completed it
};

/// The connection that brings a chunk, as later requests of its upload see it. Safe from many
/// threads.
class ChunkConnection {
 public:
  virtual ~ChunkConnection() = default;

  /// For how long its next byte has been waited for; zero while nobody waits.
  [[nodiscard]] virtual std::chrono::milliseconds silence() const noexcept = 0;

  /// Bytes of the chunk that have arrived and were not handed on while the next ones are waited
  /// for; they are the caller's from then on.
  [[nodiscard]] virtual std::string take_arrived() = 0;

  /// Ends it soon: another request goes on with the upload.
  virtual void close() noexcept = 0;
};

/// One request's bytes, appended to an upload. Dropped without `finish` it keeps what was received,
/// unless a checksum was announced. A newer request may take its place while its connection is
/// silent: then it is over, with conflict.
class UploadChunk {
 public:
  /// Of the core; not for others.
  class InProgress;

  /// Made by `UploadService`.
  explicit UploadChunk(std::shared_ptr<InProgress> in_progress);

  /// What it moves from is over, without a record.
  UploadChunk(UploadChunk&&) noexcept;
  UploadChunk& operator=(UploadChunk&&) noexcept;
  ~UploadChunk();

  /// Without one, nobody takes its place.
  void set_connection(std::shared_ptr<ChunkConnection> connection);

  /// payload_too_large beyond the announced length: then nothing of this request counts.
  /// insufficient_storage, unavailable, conflict.
  [[nodiscard]] Result<void> write(std::string_view bytes);

  /// Makes the offset durable; the last one puts the file in place. digest_mismatch (the chunk's,
  /// or the whole's: then nothing is stored); conflict, already_exists, quota_exceeded, … where the
  /// place is refused, a parent that is gone included: all bytes but the last one are kept for
  /// another try. forbidden and not_found end the upload.
  [[nodiscard]] Result<UploadProgress> finish();

 private:
  std::shared_ptr<InProgress> in_progress_;
};

/// Resumable uploads (tus 1.0.0). An upload belongs to its creator; who owns the home that it goes
/// into, and an administrator, finds it in a list and may end it; to everyone else it does not
/// exist. Safe from many threads.
class UploadService {
 public:
  /// All references must outlive it.
  UploadService(const FileService::Dependencies& deps, RandomSource& random, Digester& digester,
                UploadServiceOptions options);
  ~UploadService();

  /// Same refusals as FileService::begin_upload. An upload of no bytes is finished at once.
  [[nodiscard]] Result<PendingUpload> create(const Principal& principal,
                                             const CreateUpload& request);

  /// `create`, and the first bytes with it. The upload is the client's only with the answer: it
  /// ends when the chunk fails or is dropped. `announced` as in `append`.
  [[nodiscard]] Result<UploadChunk> create_with_content(
      const Principal& principal, const CreateUpload& request,
      const std::optional<ChunkChecksum>& checksum, std::optional<std::int64_t> announced = {});

  /// One that finished is there for an hour with its whole length. What a silent request brought so
  /// far is made durable and counts. not_found.
  [[nodiscard]] Result<PendingUpload> status(const Principal& principal, const UploadId& id);

  /// Unfinished uploads by id: the caller's own and all into the caller's home. With `path` those
  /// to it and below it: of a home that the caller owns or administers all, of another the caller's
  /// own. not_found: no right on `path`.
  [[nodiscard]] Result<Page<UnfinishedUpload>> list(const Principal& principal,
                                                    const std::optional<FilePath>& path,
                                                    const PageRequest& page);

  /// Takes over from another request that is silent; what that one brought after `offset` does not
  /// count then. `announced`: the size of what follows, where it is known. conflict: it is
  /// finished, `offset` is not the upload's, or another request of this server brings bytes, or any
  /// of another server. payload_too_large: more than the upload has room for. not_found.
  [[nodiscard]] Result<UploadChunk> append(const Principal& principal, const UploadId& id,
                                           std::int64_t offset,
                                           const std::optional<ChunkChecksum>& checksum,
                                           std::optional<std::int64_t> announced = {});

  /// The file of a finished one stays. not_found; conflict while a request of one's own brings
  /// bytes for it; another's fails.
  [[nodiscard]] Result<void> terminate(const Principal& principal, const UploadId& id);

  /// Removes uploads into others' homes whose creators may not write there any more, where that
  /// came about otherwise than by a grant or a user's change, which end them at once: by a move or
  /// a deletion of what was granted.
  [[nodiscard]] Result<void> remove_unpermitted();

  /// Removes expired uploads with what was received of them, each with its failed event; returns
  /// how many.
  [[nodiscard]] Result<std::int64_t> remove_expired();

 private:
  class Holds;
  enum class FirstRequest : bool { no, yes };
  friend class UploadChunk::InProgress;
  enum class For { creator, owner_too };
  Result<PendingUpload> find(const Principal& principal, const UploadId& id, For use);
  struct HeldUpload;
  Result<PendingUpload> make(const Principal& principal, const CreateUpload& request,
                             std::optional<std::int64_t> announced);
  Result<PendingUpload> begin(FilePlacement& placement, const Principal& principal,
                              const CreateUpload& request, std::optional<std::int64_t> announced);
  Result<HeldUpload> hold_upload(const Principal& principal, const UploadId& id);
  Result<UploadChunk> open(const Principal& principal, const UploadId& id, std::int64_t offset,
                           const std::optional<ChunkChecksum>& checksum,
                           std::optional<std::int64_t> announced, FirstRequest first);
  Result<bool> expire(const PendingUpload& upload, Timestamp now);

  FileService::Dependencies deps_;
  RandomSource& random_;
  Digester& digester_;
  UploadServiceOptions options_;
  std::shared_ptr<Holds> holds_;
};

} // namespace baluhost
