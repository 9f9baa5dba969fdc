#include "database/repositories.hpp"

#include <algorithm>

namespace baluhost::memory {

Result<std::vector<FileEntry>> MemoryFiles::sorted_children(FileId directory, DirectoryOrder order,
                                                            const std::optional<SortedPlace>& after,
                                                            std::size_t limit) const {
  std::vector<FileEntry> entries;
  const auto visit = [&](const std::pair<FileId, std::string>& key, FileId child) {
    if (key.first != directory) return false;
    const auto& entry = *state_.files.find(child);
    if (!after || comes_before(order, *after, place_in(order, entry))) entries.push_back(entry);
    return true;
  };
  state_.children.each_from({directory, std::string{}}, visit);
  std::ranges::sort(entries, [&](const FileEntry& a, const FileEntry& b) {
    return comes_before(order, place_in(order, a), place_in(order, b));
  });
  if (entries.size() > limit)
    entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(limit), entries.end());
  return entries;
}

} // namespace baluhost::memory
