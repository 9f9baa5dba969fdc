#pragma once

#include "baluhost/domain/files/file_entry.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace baluhost {

/// Knowing it is half of the right to use it.
using ArchiveId = RandomId<struct ArchiveIdTag, 16>;

/// A ZIP of files and trees, laid out when it is made: the same bytes at the same places as long as
/// it lives. No byte of it is stored; its entries keep the contents that they name.
struct Archive {
  /// How long it lives after its last use.
  static constexpr std::chrono::hours kLifetime{1};

  ArchiveId id;

  /// Whose it is; of one that came by a share its creator's.
  UserId owner;

  /// It ends with this session, or with the share by which it came.
  std::variant<SessionId, ShareId> ends_with;

  /// "photos.zip"
  std::string name;

  /// What stands at the end of the ZIP about names that were changed.
  std::string comment;

  /// Bytes of the whole ZIP; 0 while it is being made.
  std::int64_t size{};

  /// Where its central directory begins, and how many bytes that has.
  std::int64_t directory_offset{};
  std::int64_t directory_size{};

  /// Files and directories, and files alone.
  std::int64_t entries{};
  std::int64_t files{};
  Timestamp created_at;
  Timestamp used_at;

  /// When it is over, unless it is used before.
  [[nodiscard]] Timestamp expires_at() const noexcept { return used_at + kLifetime; }

  /// Whether its layout is fixed.
  [[nodiscard]] bool is_made() const noexcept { return size > 0; }
};

/// A file or a directory in an archive, as it was when the archive was made.
struct ArchiveEntry {
  /// Of its header in the archive, which the content follows, and of its header in the central
  /// directory, from where that begins.
  std::int64_t offset{};
  std::int64_t directory_offset{};

  FileId file;

  /// In whose home it lay.
  UserId owner;

  /// Where it lay.
  std::string path;

  /// In the archive; that of a directory ends with a slash.
  std::string name;
  Timestamp modified_at;

  /// Of a file, always; of a directory, never.
  std::optional<Content> content;

  /// Whether it is no file.
  [[nodiscard]] bool is_directory() const noexcept { return !content.has_value(); }
};

/// How much of archives an account has.
struct ArchiveUse {
  std::int64_t archives{};
  std::int64_t entries{};
};

} // namespace baluhost
