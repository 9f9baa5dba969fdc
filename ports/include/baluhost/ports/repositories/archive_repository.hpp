#pragma once

#include "baluhost/domain/files/archive.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"
#include "baluhost/ports/common/repository.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace baluhost {

/// Archives and their layouts. Contents that an entry names count as referred to.
class ArchiveRepository : public Repository {
 public:
  /// Returns the archive, unless its session has ended by `now`.
  [[nodiscard]] virtual Result<std::optional<Archive>> find(const ArchiveId& id,
                                                            Timestamp now) const = 0;

  /// Returns what `owner` has, archives that are being made and that ended too as long as they are
  /// there.
  [[nodiscard]] virtual Result<ArchiveUse> use_of(UserId owner) const = 0;

  /// Returns the entry that the byte `offset` of the archive lies in, and those after it, by
  /// offset; costs O(limit), wherever it is.
  [[nodiscard]] virtual Result<std::vector<ArchiveEntry>> entries_at(const ArchiveId& id,
                                                                     std::int64_t offset,
                                                                     std::size_t limit) const = 0;

  /// The same for the byte `offset` of the central directory.
  [[nodiscard]] virtual Result<std::vector<ArchiveEntry>> directory_at(const ArchiveId& id,
                                                                       std::int64_t offset,
                                                                       std::size_t limit) const = 0;

  /// Returns directories among the entries after the one at `after`, by offset.
  [[nodiscard]] virtual Result<std::vector<ArchiveEntry>> directories_after(
      const ArchiveId& id, std::int64_t after, std::size_t limit) const = 0;

  /// Returns archives that were last used before `unused_since` or whose sessions have ended by
  /// `now`.
  [[nodiscard]] virtual Result<std::vector<ArchiveId>> ended(Timestamp unused_since, Timestamp now,
                                                             std::size_t limit) const = 0;

  /// `archive`, without an entry yet.
  [[nodiscard]] virtual Result<void> insert(const Archive& archive) = 0;

  /// Adds entries, whose offsets follow those that are there.
  [[nodiscard]] virtual Result<void> append(const ArchiveId& id,
                                            std::span<const ArchiveEntry> entries) = 0;

  /// Sets the comment, the size and the counts of an archive. not_found.
  [[nodiscard]] virtual Result<void> update(const Archive& archive) = 0;

  /// Notes a use. not_found.
  [[nodiscard]] virtual Result<void> touch(const ArchiveId& id, Timestamp now) = 0;

  /// Removes at most `limit` entries of an archive, and the archive with its last ones; contents
  /// that nothing refers to any more are doomed. True once nothing is left of it.
  [[nodiscard]] virtual Result<bool> remove(const ArchiveId& id, std::size_t limit,
                                            Timestamp now) = 0;
};

} // namespace baluhost
