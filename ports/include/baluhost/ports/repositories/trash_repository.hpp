#pragma once

#include "baluhost/domain/files/file_entry.hpp"
#include "baluhost/domain/files/trash_entry.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"
#include "baluhost/ports/common/repository.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace baluhost {

/// Trees that were taken out of their home to be restored or purged. Nothing but this finds them:
/// no path, no list; grants and shares in them sleep. Their contents count as referred to, and
/// their nodes as entries. What purges one is the `RemovalRepository`, and whoever does it takes
/// the root off its owner's `entry_count`.
class TrashRepository : public Repository {
 public:
  /// With what `viewer` was given on it.
  [[nodiscard]] virtual Result<std::optional<TrashEntry>> find(
      TrashId id, const std::optional<UserId>& viewer) const = 0;

  /// Newest first, after `after`; costs O(limit), however many there are.
  [[nodiscard]] virtual Result<std::vector<TrashEntry>> list(const TrashFilter& filter,
                                                             const std::optional<TrashId>& after,
                                                             std::size_t limit) const = 0;

  /// Those that expired by `now`, the first to expire first, and then those whose owner was
  /// removed.
  [[nodiscard]] virtual Result<std::vector<TrashEntry>> expired(Timestamp now,
                                                                std::size_t limit) const = 0;

  /// The entry in which `file` lies.
  [[nodiscard]] virtual Result<std::optional<TrashEntry>> holding(FileId file) const = 0;

  /// Takes the subtree of `entry.root` out of its home. Costs the same for every size of it.
  /// not_found: the root; internal: it is a home.
  [[nodiscard]] virtual Result<TrashEntry> put(const NewTrashEntry& entry) = 0;

  /// The root of the entry, back as `name` in `parent`; the entry is gone. already_exists;
  /// not_found: the entry or the parent.
  [[nodiscard]] virtual Result<FileEntry> restore(TrashId id, FileId parent,
                                                  const FileName& name) = 0;

  /// Counts `bytes` of versions off the entry. not_found.
  [[nodiscard]] virtual Result<void> lose_versions(TrashId id, std::int64_t bytes) = 0;
};

} // namespace baluhost
