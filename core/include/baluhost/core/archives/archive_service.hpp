#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/archives/archive_stream.hpp"
#include "baluhost/core/audit/audit_log.hpp"
#include "baluhost/core/transfers/download.hpp"
#include "baluhost/core/transfers/transfer_journal.hpp"
#include "baluhost/domain/files/archive.hpp"
#include "baluhost/domain/files/file_path.hpp"
#include "baluhost/ports/blob_store.hpp"
#include "baluhost/ports/clock.hpp"
#include "baluhost/ports/database.hpp"
#include "baluhost/ports/digester.hpp"
#include "baluhost/ports/random_source.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace baluhost {

/// The request for an archive.
struct ArchiveRequest {
  /// At least one; one that is there twice counts once.
  std::vector<FilePath> paths{};

  /// Of the archive, with or without ".zip".
  std::optional<FileName> name{};
};

/// What one account may have at a time; 0: no limit.
struct ArchiveLimits {
  std::int64_t archives{0};

  /// Of one archive; all of an account's together have twice as many, and what the last one has.
  std::int64_t entries{0};
};

/// An archive to be sent, or what its headers tell of it.
struct ArchiveDownload {
  Archive archive;
  bool not_modified{false};

  /// The part that is sent (206); none for the whole.
  std::optional<ByteRange> range;

  /// None for HEAD and 304.
  std::unique_ptr<ArchiveStream> stream;

  /// Strong, quoted: its bytes never change.
  [[nodiscard]] static std::string etag(const Archive& archive) {
    return '"' + archive.id.value + '"';
  }
};

/// Downloads of many files as one ZIP, made while it is sent. Its layout is fixed when it is made,
/// so that its length is known and any part of it can be sent. Safe from many threads.
class ArchiveService {
 public:
  /// What it works with; all must outlive it.
  struct Dependencies {
    Database& database;
    BlobStore& blobs;
    AuditLog& audit_log;
    TransferJournal& transfers;
    const Digester& digester;
    RandomSource& random;
    const Clock& clock;
    ArchiveLimits limits{};
  };

  /// Keeps nothing between calls.
  explicit ArchiveService(const Dependencies& deps) : deps_(deps) {}

  /// Takes down what is there. Needs read on each path. not_found; forbidden: the caller has no
  /// session, with which an archive ends; quota_exceeded: more than an account may have.
  [[nodiscard]] Result<Archive> create(const Principal& principal, const ArchiveRequest& request);

  /// The archive, whose files are each on record before their contents leave. not_found: none, not
  /// the caller's, or over; forbidden: the right on what is asked for first is gone by now;
  /// precondition_failed, range_not_satisfiable with the `content_size`.
  [[nodiscard]] Result<ArchiveDownload> open(const Principal& principal, const ArchiveId& id,
                                             const DownloadRequest& request);

  /// Whether there is such an archive and it is the caller's. Nothing is recorded.
  [[nodiscard]] Result<bool> has(const Principal& principal, const ArchiveId& id);

 private:
  Result<std::optional<Archive>> look_up(const ArchiveId& id);
  Result<Archive> find(const Principal& principal, const ArchiveId& id);
  Result<void> admit(const Principal& principal, const Archive& archive, std::int64_t offset);

  Dependencies deps_;
};

/// Removes archives that are over, in transactions that others' writes go between. Ends when
/// nothing is left, or `go_on`, which is called between them, returns false.
[[nodiscard]] Result<void> clear_archives(Database& database, const Clock& clock,
                                          const std::function<bool()>& go_on);

} // namespace baluhost
