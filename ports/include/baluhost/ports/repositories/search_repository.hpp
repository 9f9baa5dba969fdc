#pragma once

#include "baluhost/domain/files/name_query.hpp"
#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/ports/common/repository.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace baluhost {

/// Finds entries by their names. What is found changes in the transaction that changes a name.
class SearchRepository : public Repository {
 public:
  /// What matches `query` in `space` with an id below `before`, the greatest id first; fewer than
  /// `limit`, if these are all. Large trees may bring more of the homes that they lie in, and trees
  /// that were taken from a home may still be among it, so who asks looks at the ways up. Costs
  /// what matches in the homes, not what they hold.
  [[nodiscard]] virtual Result<std::vector<FileEntry>> matches(const NameQuery& query,
                                                               const SearchSpace& space,
                                                               const std::optional<FileId>& before,
                                                               std::size_t limit) const = 0;

  /// `files` and all that lie above them, as far as they exist, in no order, each once; no root
  /// that was taken out of its home.
  [[nodiscard]] virtual Result<std::vector<FileEntry>> ways_up(
      std::span<const FileId> files) const = 0;
};

} // namespace baluhost
