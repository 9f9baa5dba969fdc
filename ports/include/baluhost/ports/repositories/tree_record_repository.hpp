#pragma once

#include "baluhost/domain/files/tree_record.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace baluhost {

/// What is still to be put on record of trees that were trashed or restored in one step. As long as
/// a node has such a record it cannot be removed, and `FileEntry::pending_records` counts it.
///
/// Every method may also fail with unavailable (the database does not answer) or internal (a broken
/// schema or row); only further errors are named. Lists are bounded by `limit`. For one thread at a
/// time, within its transaction.
class TreeRecordRepository {
 public:
  virtual ~TreeRecordRepository() = default;

  /// By id, after `after`.
  [[nodiscard]] virtual Result<std::vector<TreeRecord>> pending(TreeRecordId after,
                                                                std::size_t limit) const = 0;

  /// Those of `root` and of what lies below it, by id, after `after`.
  [[nodiscard]] virtual Result<std::vector<TreeRecord>> pending_below(FileId root,
                                                                      TreeRecordId after,
                                                                      std::size_t limit) const = 0;

  /// not_found: the root.
  [[nodiscard]] virtual Result<TreeRecord> begin(const NewTreeRecord& record) = 0;

  /// Moves on from `from` to `to`. conflict: it is not at `from`, or it has ended.
  [[nodiscard]] virtual Result<void> advance(TreeRecordId id, std::string_view from,
                                             std::string_view to) = 0;

  /// All below is on record. conflict: it has ended.
  [[nodiscard]] virtual Result<void> end(TreeRecordId id) = 0;
};

} // namespace baluhost
