#include "database/trees/nodes.hpp"
#include "database/trees/tree_repositories.hpp"

#include <algorithm>

namespace baluhost::memory {

Result<std::optional<TrashEntry>> MemoryTrash::find(TrashId id,
                                                    const std::optional<UserId>& viewer) const {
  auto entry = copy_of(state_.trash.find(id));
  if (entry && viewer) {
    const FileId root = entry->root;
    BALUHOST_TRY(entry->granted, MemoryGrants(state_).rights_on(*viewer, std::span(&root, 1)));
  }
  return entry;
}

Result<std::vector<TrashEntry>> MemoryTrash::list(const TrashFilter& filter,
                                                  const std::optional<TrashId>& after,
                                                  std::size_t limit) const {
  std::vector<TrashId> ids;
  state_.trash.each([&](TrashId id, const TrashEntry& entry) {
    const bool fits = filter.home ? entry.owner == *filter.home
                                  : !filter.viewer || entry.owner == *filter.viewer ||
                                        entry.deleter == *filter.viewer;
    if (fits && (!after || id < *after)) ids.push_back(id);
    return true;
  });
  std::reverse(ids.begin(), ids.end());
  std::vector<TrashEntry> entries;
  for (const auto id : ids) {
    if (entries.size() == limit) break;
    BALUHOST_TRY(auto entry, find(id, filter.viewer));
    entries.push_back(*std::move(entry));
  }
  return entries;
}

Result<std::vector<TrashEntry>> MemoryTrash::expired(Timestamp now, std::size_t limit) const {
  std::vector<TrashEntry> entries;
  std::vector<TrashEntry> without_user;
  state_.trash.each([&](TrashId, const TrashEntry& entry) {
    if (entry.expires_at <= now)
      entries.push_back(entry);
    else if (!state_.users.contains(entry.owner))
      without_user.push_back(entry);
    return true;
  });
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a.expires_at < b.expires_at; });
  entries.insert(entries.end(), without_user.begin(), without_user.end());
  if (entries.size() > limit)
    entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(limit), entries.end());
  return entries;
}

Result<std::optional<TrashEntry>> MemoryTrash::holding(FileId file) const {
  for (const auto* node = state_.files.find(file); node != nullptr;
       node = state_.files.find(*node->parent)) {
    if (!node->parent) {
      const auto* trash = state_.trash_of_root.find(node->id);
      return trash == nullptr ? std::optional<TrashEntry>{} : copy_of(state_.trash.find(*trash));
    }
  }
  return std::optional<TrashEntry>{};
}

Result<TrashEntry> MemoryTrash::put(const NewTrashEntry& fresh) {
  const auto* root = state_.files.find(fresh.root);
  if (root == nullptr || is_detached(state_, fresh.root))
    return Error{Errc::not_found, "no such node"};
  if (!root->parent) return Error{Errc::internal, "a home is no trash"};
  TrashEntry entry{fresh};
  entry.id = TrashId{++state_.last_trash};
  entry.kind = root->kind;
  detach(state_, FileEntry{*root});
  state_.trash.put(entry.id, entry);
  state_.trash_of_root.put(fresh.root, entry.id);
  return entry;
}

Result<FileEntry> MemoryTrash::restore(TrashId id, FileId parent, const FileName& name) {
  const auto* entry = state_.trash.find(id);
  if (entry == nullptr || !state_.files.contains(parent))
    return Error{Errc::not_found, "no such entry, or no such parent"};
  if (state_.children.contains({parent, name.str()}))
    return Error{Errc::already_exists, "the name is taken"};
  FileEntry root = *state_.files.find(entry->root);
  state_.trash_of_root.erase(root.id);
  state_.trash.erase(id);
  root.parent = parent;
  root.name = name;
  add(state_, root);
  return root;
}

Result<void> MemoryTrash::lose_versions(TrashId id, std::int64_t bytes) {
  auto entry = copy_of(state_.trash.find(id));
  if (!entry) return Error{Errc::not_found, "no such entry"};
  entry->version_bytes -= bytes;
  state_.trash.put(id, *std::move(entry));
  return {};
}

} // namespace baluhost::memory
