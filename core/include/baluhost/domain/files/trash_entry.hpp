#pragma once

#include "baluhost/domain/files/file_entry.hpp"
#include "baluhost/domain/files/file_path.hpp"
#include "baluhost/domain/identity/grant.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace baluhost {

/// A file or a tree that was taken out of its home and waits to be restored or purged.
struct NewTrashEntry {
  FileId root;
  UserId owner;                 ///< whose home it lay in
  std::optional<FileId> parent; ///< the directory that it lay in
  FilePath path;                ///< where it lay
  std::int64_t size{};          ///< bytes of its files, without their versions
  std::int64_t version_bytes{};
  std::int64_t file_count{};
  std::optional<UserId> deleter; ///< none: a local operator
  std::string deleted_by;
  Timestamp deleted_at;
  Timestamp expires_at;
};

/// A tree in the trash.
struct TrashEntry : NewTrashEntry {
  TrashId id;
  FileKind kind{FileKind::file};

  /// What the user who looks was given on the root itself.
  Rights granted{};

  /// What it counts for in its owner's usage.
  [[nodiscard]] std::int64_t bytes() const noexcept { return size + version_bytes; }
};

/// Which entries a list has: those of `viewer`'s home and those that `viewer` deleted in others'
/// homes; without one all.
struct TrashFilter {
  std::optional<UserId> viewer{};

  /// Of this home only.
  std::optional<UserId> home{};
};

} // namespace baluhost
