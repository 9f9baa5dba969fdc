#include "database/repositories.hpp"
#include "database/trees/nodes.hpp"

#include <algorithm>
#include <set>

namespace baluhost::memory {
namespace {

/// Whether `entry` is, or lies below, one of `trees`.
bool lies_in_any(const State& state, const FileEntry& entry, std::span<const FileId> trees) {
  if (trees.empty()) return false;
  for (const auto* node = &entry; node != nullptr;
       node = node->parent ? state.files.find(*node->parent) : nullptr)
    if (std::ranges::find(trees, node->id) != trees.end()) return true;
  return false;
}

} // namespace

Result<std::vector<FileEntry>> MemorySearch::matches(const NameQuery& query,
                                                     const SearchSpace& space,
                                                     const std::optional<FileId>& before,
                                                     std::size_t limit) const {
  std::vector<FileEntry> found;
  state_.files.each_from(FileId{}, [&](FileId id, const FileEntry& entry) {
    if (before && id >= *before) return false;
    const bool is_there = space.all_homes ||
                          std::ranges::find(space.owners, entry.owner) != space.owners.end() ||
                          lies_in_any(state_, entry, space.trees);
    if (entry.parent && is_there && query.matches(entry)) found.push_back(entry);
    return true;
  });
  std::ranges::reverse(found);
  if (found.size() > limit)
    found.erase(found.begin() + static_cast<std::ptrdiff_t>(limit), found.end());
  return found;
}

Result<std::vector<FileEntry>> MemorySearch::ways_up(std::span<const FileId> files) const {
  std::vector<FileEntry> nodes;
  std::set<FileId> seen;
  for (const FileId file : files) {
    for (const auto* node = state_.files.find(file);
         node != nullptr && !is_detached(state_, node->id) && seen.insert(node->id).second;
         node = node->parent ? state_.files.find(*node->parent) : nullptr)
      nodes.push_back(*node);
  }
  return nodes;
}

} // namespace baluhost::memory
