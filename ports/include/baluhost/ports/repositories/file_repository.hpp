#pragma once

#include "baluhost/domain/files/directory_order.hpp"
#include "baluhost/domain/files/file_entry.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"
#include "baluhost/ports/common/repository.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost {

/// The trees of files and directories.
class FileRepository : public Repository {
 public:
  /// The nodes along `path`, in one query.
  [[nodiscard]] virtual Result<Resolution> resolve(const FilePath& path) const = 0;

  /// The nodes from the home down to `root`, and on along `below` as far as they exist, in one
  /// query. not_found: there is no node `root` in any home.
  [[nodiscard]] virtual Result<Resolution> resolve_below(FileId root,
                                                         std::span<const FileName> below) const = 0;

  /// The node of that id; none: there is none.
  [[nodiscard]] virtual Result<std::optional<FileEntry>> find(FileId id) const = 0;

  /// not_found.
  [[nodiscard]] virtual Result<FilePath> path_of(FileId id) const = 0;

  /// Children of `directory` by name, after `after`; costs O(limit), however many there are.
  [[nodiscard]] virtual Result<std::vector<FileEntry>> children(
      FileId directory, const std::optional<FileName>& after, std::size_t limit) const = 0;

  /// Children of `directory` in `order`, after the place `after`; in a database costs O(limit) too.
  [[nodiscard]] virtual Result<std::vector<FileEntry>> sorted_children(
      FileId directory, DirectoryOrder order, const std::optional<SortedPlace>& after,
      std::size_t limit) const = 0;

  /// Children of all of `directories`, in no order; fewer than `limit`, if these are all of them.
  [[nodiscard]] virtual Result<std::vector<FileEntry>> children_of(
      std::span<const FileId> directories, std::size_t limit) const = 0;

  /// Homes by name, after `after`.
  [[nodiscard]] virtual Result<std::vector<FileEntry>> homes(const std::optional<FileName>& after,
                                                             std::size_t limit) const = 0;

  /// Whether `directory` has no nodes in it.
  [[nodiscard]] virtual Result<bool> is_empty(FileId directory) const = 0;

  /// Of the subtree, the root included; counts every node.
  [[nodiscard]] virtual Result<TreeTotals> totals(FileId root) const = 0;

  /// The first `limit` nodes of the subtree of `root`, each directory after all that is in it,
  /// `root` last. Costs what it returns, however large the tree is.
  [[nodiscard]] virtual Result<std::vector<TreeNode>> bottom_up(FileId root,
                                                                std::size_t limit) const = 0;

  /// The `limit` nodes of the subtree of `root`, which counts for none, that follow `position`, a
  /// path below it, or the first ones: each directory before all that is in it, by name. Costs what
  /// it returns.
  [[nodiscard]] virtual Result<std::vector<TreeNode>> top_down(FileId root,
                                                               std::string_view position,
                                                               std::size_t limit) const = 0;

  /// True if any file, any version, or any entry of an archive, refers to `blob`.
  [[nodiscard]] virtual Result<bool> references(const BlobId& blob) const = 0;

  /// Contents that files, versions or entries of archives refer to, after `after` in the order of
  /// blob ids, each once: for scrubbing and backups.
  [[nodiscard]] virtual Result<std::vector<Content>> contents(const std::optional<BlobId>& after,
                                                              std::size_t limit) const = 0;

  /// Paths of files that refer to `blob`, by themselves or by a version, at most `limit` of each.
  [[nodiscard]] virtual Result<std::vector<FilePath>> paths_of_blob(const BlobId& blob,
                                                                    std::size_t limit) const = 0;

  /// From here to the end of the transaction no other transaction changes the tree of this home.
  /// not_found.
  [[nodiscard]] virtual Result<void> lock_home(UserId owner) = 0;

  /// The new node. already_exists; not_found: the parent.
  [[nodiscard]] virtual Result<FileEntry> insert(const NewFileEntry& entry) = 0;

  /// The file with new content in the place of the old, which becomes a version where it is to be
  /// kept; a blob that nothing refers to any more is doomed. not_found.
  [[nodiscard]] virtual Result<FileEntry> replace_content(FileId file, const Content& content,
                                                          const Replacement& how) = 0;

  /// The node, moved or renamed with all below it; `owner` changes for the whole subtree.
  /// already_exists, not_found.
  [[nodiscard]] virtual Result<FileEntry> relocate(FileId node, FileId parent, const FileName& name,
                                                   UserId owner, Timestamp now) = 0;

  /// Keeps the checksums of contents that have none, wherever they are referred to.
  [[nodiscard]] virtual Result<void> note_checksums(std::span<const ContentChecksum> checksums) = 0;

  /// The root of a copy of the node with all below it, which shares the blobs and has no versions.
  /// already_exists, not_found.
  [[nodiscard]] virtual Result<FileEntry> copy(FileId node, FileId parent, const FileName& name,
                                               UserId owner, Timestamp now,
                                               const std::optional<std::string>& written_by) = 0;

  /// Removes a file with its versions, or an empty directory, and every grant on it; a blob that
  /// nothing refers to any more is doomed. not_found; conflict: something is in the directory.
  [[nodiscard]] virtual Result<void> remove(FileId node, Timestamp now) = 0;
};

} // namespace baluhost
