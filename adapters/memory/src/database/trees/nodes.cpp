#include "database/trees/nodes.hpp"

namespace baluhost::memory {
namespace {

FileId parent_key(const std::optional<FileId>& parent) { return parent.value_or(FileId{0}); }

void take_from_indices(State& state, const FileEntry& entry) {
  // A detached root lies in no directory; its name there may be another's by now.
  if (!is_detached(state, entry.id))
    state.children.erase({parent_key(entry.parent), entry.name.str()});
  state.files_of_owner.erase({entry.owner, entry.id});
  if (entry.content) state.files_of_blob.erase({entry.content->blob, entry.id});
}

} // namespace

bool is_detached(const State& state, FileId root) {
  return state.removals.contains(root) || state.trash_of_root.contains(root);
}

bool lies_in(const State& state, FileId node, FileId root) {
  for (const auto* entry = state.files.find(node); entry != nullptr;
       entry = state.files.find(*entry->parent)) {
    if (entry->id == root) return true;
    if (!entry->parent) break;
  }
  return false;
}

bool is_referenced(const State& state, const BlobId& blob) {
  bool found = false;
  const auto look = [&](const auto& key, auto) {
    found = found || key.first == blob;
    return false;
  };
  state.files_of_blob.each_from({blob, FileId{}}, look);
  state.versions_of_blob.each_from({blob, {FileId{}, VersionId{}}}, look);
  return found;
}

void doom_if_unused(State& state, const std::optional<Content>& content, Timestamp now) {
  if (content && !is_referenced(state, content->blob)) state.doomed.put(content->blob, now);
}

void add(State& state, const FileEntry& entry) {
  state.files.put(entry.id, entry);
  if (!is_detached(state, entry.id))
    state.children.put({parent_key(entry.parent), entry.name.str()}, entry.id);
  state.files_of_owner.put({entry.owner, entry.id}, {});
  if (!entry.content) return;
  state.files_of_blob.put({entry.content->blob, entry.id}, {});
  state.doomed.erase(entry.content->blob);
}

std::vector<Content> drop(State& state, const FileEntry& entry) {
  std::vector<Content> contents;
  if (entry.content) contents.push_back(*entry.content);
  const auto versions = state.versions;
  versions.each_from({entry.id, VersionId{}}, [&](const auto& key, const Version& version) {
    if (key.first != entry.id) return false;
    contents.push_back(version.content);
    state.versions_of_blob.erase({version.content.blob, key});
    return state.versions.erase(key);
  });
  take_from_indices(state, entry);
  state.files.erase(entry.id);
  state.origins.erase(entry.id);
  state.removals.erase(entry.id);
  if (const auto* trash = state.trash_of_root.find(entry.id)) {
    state.trash.erase(TrashId{*trash});
    state.trash_of_root.erase(entry.id);
  }
  return contents;
}

void replace_entry(State& state, const FileEntry& before, const FileEntry& now) {
  take_from_indices(state, before);
  add(state, now);
}

Result<void> remove_node(State& state, const FileEntry& entry, Timestamp now) {
  if (entry.pending_records > 0)
    return Error{Errc::conflict, "a node is still to be put on record"};
  BALUHOST_CHECK(MemoryGrants(state).remove_below(entry.id));
  MemoryShares(state).forget_on(entry.id);
  for (const auto& content : drop(state, entry)) doom_if_unused(state, content, now);
  return {};
}

void count_entries(State& state, UserId owner, std::int64_t entries) {
  const auto* found = state.users.find(owner);
  if (found == nullptr) return;
  UserRow row = *found;
  row.user.entry_count += entries;
  state.users.put(owner, std::move(row));
}

void detach(State& state, const FileEntry& root) {
  state.children.erase({parent_key(root.parent), root.name.str()});
  FileEntry detached = root;
  detached.parent = std::nullopt;
  state.files.put(root.id, std::move(detached));
}

void keep_content(State& state, const FileEntry& entry, FileId to, Timestamp now) {
  const auto& origin = *state.origins.find(entry.id);
  const std::pair key{to, origin.id};
  state.versions.put(key, Version{.id = origin.id,
                                  .content = *entry.content,
                                  .created_at = origin.written_at,
                                  .created_by = origin.written_by,
                                  .replaced_at = now});
  state.versions_of_blob.put({entry.content->blob, key}, {});
}

ContentOrigin first_content(FileId file, Timestamp written_at,
                            const std::optional<std::string>& written_by) {
  return {.id = VersionId::of(file, 1), .written_at = written_at, .written_by = written_by};
}

void note_in_versions(State& state, const BlobId& blob, std::uint32_t crc32) {
  const auto before = state.versions_of_blob;
  before.each_from({blob, {FileId{}, VersionId{}}}, [&](const auto& key, auto) {
    if (key.first != blob) return false;
    Version version = *state.versions.find(key.second);
    if (!version.content.crc32) version.content.crc32 = crc32;
    state.versions.put(key.second, std::move(version));
    return true;
  });
}

} // namespace baluhost::memory
