#pragma once

#include "access/path_access.hpp"
#include "baluhost/core/files/file_service.hpp"
#include "baluhost/ports/transactions.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>

namespace baluhost {

struct PlacementRequest {
  FilePath path;
  bool overwrite{false};
  bool parents{false};
  Preconditions conditions{};
  std::optional<Timestamp> modified_at{};
};

/// How an upload that fails or succeeds is described in its event.
struct UploadFigures {
  std::int64_t attempted_size{}; ///< announced or received
  std::chrono::microseconds duration{};
  std::optional<Sha256Digest> sha256; ///< where all was received
};

/// The one way in which a file comes into being or gets new content: by one request or by several.
/// It looks at the same things before the first byte and again when the content is there. One
/// thread at a time.
class FilePlacement {
 public:
  FilePlacement(const FileService::Dependencies& deps, const Principal& principal,
                PlacementRequest request);
  FilePlacement(const FilePlacement&) = delete;
  FilePlacement& operator=(const FilePlacement&) = delete;

  /// Rights and preconditions, then room for `bytes` in the owner's quota, which stays set aside
  /// until `put` or the end. insufficient_storage also where the database has no room for the row.
  [[nodiscard]] Result<void> admit(std::int64_t bytes);

  /// Sets aside more, for content of unknown size.
  [[nodiscard]] Result<void> grow(std::int64_t bytes);

  /// Where the content goes, as admitted; under another name where that is taken in a drop box.
  [[nodiscard]] const FilePath& place() const noexcept { return gate_.place_of(request_.path); }

  /// payload_too_large if the share by which it comes has no room for `bytes`.
  [[nodiscard]] Result<void> check_share(std::int64_t bytes) const;

  /// By how much `bytes` of content let the owner's usage grow, after it was admitted.
  [[nodiscard]] std::int64_t growth(std::int64_t bytes) const noexcept {
    return growth_over(replaced_, bytes);
  }

  /// Checks everything again in the transaction that lets a resumable upload of `bytes` begin, and
  /// whether the owner's quota has room for it beside all that wait. From then on it counts by its
  /// row.
  [[nodiscard]] Result<void> admit_pending(Bookkeeping& tx, std::int64_t bytes);

  /// Checks everything again and puts published content in its place, with its events, in one
  /// transaction, which finishes the resumable upload `finishes` too. If that is refused the blob
  /// is removed, or becomes that upload's staging file again; a missing parent is conflict there,
  /// since not_found says that the upload itself is gone. The blob stays where the database does
  /// not say what became of it.
  [[nodiscard]] Result<PutResult> put(const Content& content, std::chrono::microseconds duration,
                                      const PendingUpload* finishes = nullptr);

  /// What `put` left of the bytes of the resumable upload that it did not finish.
  enum class Leftover { unknown, nothing, staged };
  [[nodiscard]] Leftover leftover() const noexcept { return leftover_; }

  /// Writes the failed event, or the refusal, and returns the error for the caller.
  [[nodiscard]] Error failed(Error error, const UploadFigures& figures);

 private:
  struct Site;

  /// What goes when new content takes a file's place. Content of the same size may be the same one,
  /// which takes nothing: whether it is shows only at the end.
  struct Replaced {
    std::optional<std::int64_t> size; ///< of the file that is there
    std::int64_t freed{};
  };
  static std::int64_t growth_over(const Replaced& replaced, std::int64_t bytes) noexcept {
    return replaced.size == bytes ? 0 : std::max<std::int64_t>(bytes - replaced.freed, 0);
  }
  Result<Replaced> replaced_at(ReadTransaction& tx, const Site& site) const;
  Result<void> set_room_aside(std::int64_t bytes);
  Result<Site> survey(ReadTransaction& tx);
  Result<PathAccess> admit_path(ReadTransaction& tx);
  Result<void> check_share_room(ReadTransaction& tx, std::int64_t bytes);
  Result<void> check_pending_of_share(ReadTransaction& tx, std::int64_t bytes);
  [[nodiscard]] FileInfo shown(FileEntry entry) const;
  [[nodiscard]] std::int64_t missing_entries(const Site& site) const;
  Result<FileEntry> write_row(WriteTransaction& tx, const Site& site, const Content& content,
                              FormerContent former, Timestamp now);
  Result<Recorded<PutResult>> put_in(WriteTransaction& tx, const Content& content,
                                     std::chrono::microseconds duration);
  NewAuditEvent stored(const Content& content, std::chrono::microseconds duration,
                       const Site& site) const;
  Error take_away(const Content& content, const PendingUpload* upload, Error error);
  NewAuditEvent draft(Action action, const FilePath& path) const;
  Result<bool> is_in_place(const Content& content);

  FileService::Dependencies deps_;
  Principal principal_;
  PlacementRequest request_;
  PathGate gate_;
  std::optional<User> owner_;
  std::optional<QuotaLedger::Reservation> reservation_;
  Replaced replaced_;
  std::optional<std::int64_t> share_room_; ///< bytes left of a share's `max_bytes`
  Leftover leftover_{Leftover::unknown};
};

} // namespace baluhost
