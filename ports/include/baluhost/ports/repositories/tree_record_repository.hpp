#pragma once

#include "baluhost/domain/files/tree_record.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/ports/common/repository.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

namespace baluhost {

/// What is still to be put on record of trees that were trashed or restored in one step. As long as
/// a node has such a record it cannot be removed, and `FileEntry::pending_records` counts it.
class TreeRecordRepository : public Repository {
 public:
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
