#pragma once

#include "baluhost/domain/digest.hpp"
#include "baluhost/domain/files/file_path.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

/// What a node of the tree is.
enum class FileKind { file, directory };

/// "file", "directory"
std::string_view to_string(FileKind kind) noexcept;

/// The content of a file: an immutable blob and what is known of it.
struct Content {
  BlobId blob;
  std::int64_t size{}; ///< bytes
  Sha256Digest sha256;
  std::optional<Sha1Digest> sha1; ///< where `files.sha1` was on

  /// As in ZIP (ISO 3309); none of a content that came before it was computed, until it is needed.
  std::optional<std::uint32_t> crc32{};
};

/// The checksum of a content that had none.
struct ContentChecksum {
  BlobId blob;
  std::uint32_t crc32{};
};

/// A node of the tree. A home is the directory without a parent, named like its user.
struct FileEntry {
  FileId id;
  std::optional<FileId> parent;
  FileName name;
  FileKind kind{FileKind::file};
  std::optional<Content> content; ///< of a file, always; of a directory, never
  UserId owner;                   ///< whose home it lies in
  Timestamp created_at;
  Timestamp modified_at;

  /// Of the older contents that are kept of it.
  std::int64_t version_bytes{};

  /// How many `TreeRecord`s of the tree below it are still to be written.
  std::int64_t pending_records{};
};

/// A node before it has an id.
struct NewFileEntry {
  std::optional<FileId> parent;
  FileName name;
  FileKind kind{FileKind::file};
  std::optional<Content> content;
  UserId owner;
  Timestamp created_at;
  Timestamp modified_at;

  /// Whose name the content bears; none: a stranger's.
  std::optional<std::string> written_by{};
};

/// What `fresh` is once it has an id.
[[nodiscard]] FileEntry as_entry(const NewFileEntry& fresh, FileId id);

/// What becomes of the content that another takes the place of.
enum class FormerContent {
  kept,    ///< as a version
  dropped, ///< nothing refers to it any more
  equal,   ///< it stays the same one, in another blob
};

/// New content for a file.
struct Replacement {
  Timestamp now;         ///< of the change
  Timestamp modified_at; ///< that the file bears then
  std::optional<std::string> written_by{};
  FormerContent former{FormerContent::dropped};
};

/// What is in a subtree; directories count for nothing but `directories`.
struct TreeTotals {
  std::int64_t files{};
  std::int64_t bytes{};
  std::int64_t directories{};
  std::int64_t depth{};         ///< segments of the deepest path below the root
  std::int64_t path_length{};   ///< code points of the longest one, with the slash before it
  std::int64_t version_bytes{}; ///< of the older contents that are kept of its files

  /// Files and directories.
  [[nodiscard]] std::int64_t entries() const noexcept { return files + directories; }
};

/// The nodes along a path, from the home on, as far as they exist: at most as many as the path has
/// segments. `complete` if every segment was found.
struct Resolution {
  std::vector<FileEntry> found;
  bool complete{false};
};

/// A node of a subtree. `size` is 0 for a directory; `relative_path` is "" for the root itself,
/// "a/b" below it.
struct TreeNode {
  FileId id;
  FileKind kind{FileKind::file};
  std::int64_t size{};
  std::string relative_path;
  std::int64_t version_bytes{};
};

} // namespace baluhost
