#pragma once

#include "baluhost/domain/files/file_entry.hpp"
#include "baluhost/domain/files/version.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"
#include "baluhost/ports/common/repository.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace baluhost {

/// The contents that files had. One refers to its blob as a file does, and counts in
/// `FileEntry::version_bytes`. `FileRepository::replace_content` keeps them.
class VersionRepository : public Repository {
 public:
  /// Of `file`, the present one among them, newest first: by `created_at`, then by id. None of what
  /// is no file.
  [[nodiscard]] virtual Result<std::vector<Version>> list(FileId file, std::size_t limit) const = 0;

  /// None: `file` has none of that id.
  [[nodiscard]] virtual Result<std::optional<Version>> find(FileId file,
                                                            const VersionId& id) const = 0;

  /// Those beyond the `most` that were replaced last: the first replaced first, without the present
  /// one.
  [[nodiscard]] virtual Result<std::vector<Version>> surplus(FileId file, std::size_t most,
                                                             std::size_t limit) const = 0;

  /// Those replaced before `before`, the first replaced first, after `after`.
  [[nodiscard]] virtual Result<std::vector<PlacedVersion>> replaced_before(
      Timestamp before, const std::optional<VersionPosition>& after, std::size_t limit) const = 0;

  /// Files that have versions, by id, after `after`, with how many.
  struct Count {
    FileId file;
    std::int64_t versions{};
  };

  /// A page of them.
  [[nodiscard]] virtual Result<std::vector<Count>> counts(FileId after,
                                                          std::size_t limit) const = 0;

  /// The file with the version as its content, whose place the present one takes. not_found.
  [[nodiscard]] virtual Result<FileEntry> restore(FileId file, const VersionId& id,
                                                  Timestamp now) = 0;

  /// Gives the versions of `from` to `to`, and its present content too, as one replaced at `now`,
  /// where that is `kept`. `from` is about to be removed. not_found: one of them is no file.
  [[nodiscard]] virtual Result<void> adopt(FileId from, FileId to, FormerContent content,
                                           Timestamp now) = 0;

  /// Removes a version; a blob that nothing refers to any more is doomed. not_found, of the present
  /// one too.
  [[nodiscard]] virtual Result<void> remove(FileId file, const VersionId& id, Timestamp now) = 0;
};

} // namespace baluhost
