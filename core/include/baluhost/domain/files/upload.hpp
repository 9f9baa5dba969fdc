#pragma once

#include "baluhost/domain/digest.hpp"
#include "baluhost/domain/files/file_path.hpp"
#include "baluhost/domain/identity/username.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <cstdint>
#include <optional>

namespace baluhost {

/// The share by which an upload came.
struct UploadShare {
  ShareId id;
  FilePath shown; ///< the target as it was sent, below `/~`
};

/// An upload of several requests (tus 1.0.0). `offset` is only ever behind the bytes that are
/// durable in its staging file, and reaches `length` in the transaction that puts the file in
/// place.
struct PendingUpload {
  UploadId id;
  UserId creator;
  FilePath target;
  std::int64_t length{}; ///< bytes, announced at creation
  std::int64_t offset{}; ///< bytes received and durable
  bool overwrite{false};
  bool parents{false};
  std::optional<Sha256Digest> expected; ///< verified at the end
  std::optional<UploadShare> share;     ///< none: its creator's own
  Timestamp created_at;
  Timestamp expires_at;

  /// The target as who creates it knows it.
  [[nodiscard]] const FilePath& asked() const noexcept { return share ? share->shown : target; }
  [[nodiscard]] bool is_finished() const noexcept { return offset == length; }
};

/// A blob that no row needs any more, waiting for the sweeper.
struct DoomedBlob {
  BlobId blob;
  Timestamp since;
};

/// Unfinished uploads that `creator` made or that go into `home`; all, where neither is set. Of
/// these, with `below`, those whose target is that or lies below it, and with `share` those that
/// came by it.
struct UploadFilter {
  std::optional<UserId> creator;
  std::optional<Username> home;
  std::optional<FilePath> below;
  std::optional<ShareId> share{};
};

/// A resumable upload that nobody has finished.
struct UnfinishedUpload {
  PendingUpload upload;
  Username creator;
};

} // namespace baluhost
