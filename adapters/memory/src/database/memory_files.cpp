#include "baluhost/domain/text.hpp"
#include "database/repositories.hpp"
#include "database/trees/nodes.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <set>

/// Nodes lie in one table by id; the index `children` by parent and name makes the tree. Homes are
/// the children of the id 0, which is never given, so that one index keeps every name unique where
/// it has to be.
namespace baluhost::memory {
namespace {

constexpr FileId kAboveHomes{0};

FileId parent_key(const std::optional<FileId>& parent) { return parent.value_or(kAboveHomes); }

Error no_such_node() { return Error{Errc::not_found, "no such node"}; }
Error not_empty() { return Error{Errc::conflict, "something is in the directory"}; }
Error name_taken() { return Error{Errc::already_exists, "the name is taken"}; }

template <class F>
void each_child(const State& state, FileId parent, const F& visit) {
  state.children.each_from({parent, std::string{}},
                           [&](const std::pair<FileId, std::string>& key, FileId child) {
                             return key.first == parent && visit(*state.files.find(child));
                           });
}

std::vector<FileEntry> page(const State& state, FileId parent, const std::optional<FileName>& after,
                            std::size_t limit) {
  std::vector<FileEntry> entries;
  if (limit == 0) return entries;
  const auto visit = [&](const std::pair<FileId, std::string>& key, FileId child) {
    if (key.first != parent) return false;
    entries.push_back(*state.files.find(child));
    return entries.size() < limit;
  };
  state.children.each_after({parent, after ? after->str() : std::string{}}, visit);
  return entries;
}

TreeNode node_of(const FileEntry& entry, const std::string& path) {
  return {.id = entry.id,
          .kind = entry.kind,
          .size = entry.content ? entry.content->size : 0,
          .relative_path = path,
          .version_bytes = entry.version_bytes};
}

/// Adds the subtree of `entry` to `nodes`, until there are `limit`; true if that is all of it.
bool collect(const State& state, const FileEntry& entry, const std::string& path, std::size_t limit,
             std::vector<TreeNode>& nodes) {
  bool is_whole = true;
  each_child(state, entry.id, [&](const FileEntry& child) {
    is_whole =
        collect(state, child, path.empty() ? child.name.str() : path + "/" + child.name.str(),
                limit, nodes);
    return is_whole;
  });
  if (!is_whole || nodes.size() >= limit) return false;
  nodes.push_back(node_of(entry, path));
  return true;
}

/// The same from the top, after `position`.
bool descend(const State& state, FileId directory, const std::string& prefix,
             std::string_view position, std::size_t limit, std::vector<TreeNode>& nodes) {
  const std::string first{position.substr(0, position.find('/'))};
  const auto rest = position.substr(std::min(position.size(), first.size() + 1));
  bool is_whole = true;
  each_child(state, directory, [&](const FileEntry& child) {
    const auto& name = child.name.str();
    if (name < first) return true;
    if (name != first) {
      is_whole = nodes.size() < limit;
      if (!is_whole) return false;
      nodes.push_back(node_of(child, prefix + name));
    }
    is_whole = descend(state, child.id, prefix + name + '/',
                       name == first ? rest : std::string_view{}, limit, nodes);
    return is_whole;
  });
  return is_whole;
}

FileEntry copy_below(State& state, const State& before, const FileEntry& source, FileId parent,
                     const FileName& name, UserId owner, Timestamp now,
                     const std::optional<std::string>& written_by) {
  FileEntry entry = source;
  entry.id = FileId{++state.last_file};
  entry.parent = parent;
  entry.name = name;
  entry.owner = owner;
  entry.created_at = entry.modified_at = now;
  entry.version_bytes = entry.pending_records = 0;
  add(state, entry);
  if (entry.content) state.origins.put(entry.id, first_content(entry.id, now, written_by));
  each_child(before, source.id, [&](const FileEntry& child) {
    copy_below(state, before, child, entry.id, child.name, owner, now, written_by);
    return true;
  });
  return entry;
}

} // namespace

std::vector<TreeNode> subtree(const State& state, FileId root) {
  std::vector<TreeNode> nodes;
  if (const auto* entry = state.files.find(root))
    collect(state, *entry, "", std::numeric_limits<std::size_t>::max(), nodes);
  return nodes;
}

Result<Resolution> MemoryFiles::resolve(const FilePath& path) const {
  Resolution resolution;
  FileId parent = kAboveHomes;
  for (const auto& segment : path.segments()) {
    const auto* child = state_.children.find({parent, segment.str()});
    if (child == nullptr) return resolution;
    resolution.found.push_back(*state_.files.find(*child));
    parent = *child;
  }
  resolution.complete = true;
  return resolution;
}

Result<Resolution> MemoryFiles::resolve_below(FileId root, std::span<const FileName> below) const {
  Resolution resolution;
  for (std::optional<FileId> next = root; next;) {
    const auto* entry = state_.files.find(*next);
    if (entry == nullptr || is_detached(state_, entry->id)) return no_such_node();
    next = entry->parent;
    resolution.found.push_back(*entry);
  }
  std::ranges::reverse(resolution.found);
  for (const auto& name : below) {
    const auto* child = state_.children.find({resolution.found.back().id, name.str()});
    if (child == nullptr) return resolution;
    resolution.found.push_back(*state_.files.find(*child));
  }
  resolution.complete = true;
  return resolution;
}

Result<std::optional<FileEntry>> MemoryFiles::find(FileId id) const {
  if (is_detached(state_, id)) return std::optional<FileEntry>{};
  return copy_of(state_.files.find(id));
}

Result<FilePath> MemoryFiles::path_of(FileId id) const {
  std::vector<std::string> segments;
  std::optional<FileId> next = id;
  while (next) {
    const auto* entry = state_.files.find(*next);
    if (entry == nullptr) return no_such_node();
    if (is_detached(state_, entry->id)) return no_such_node();
    segments.push_back(entry->name.str());
    next = entry->parent;
  }
  std::reverse(segments.begin(), segments.end());
  return FilePath::from_segments(segments);
}

Result<std::vector<FileEntry>> MemoryFiles::children(FileId directory,
                                                     const std::optional<FileName>& after,
                                                     std::size_t limit) const {
  return page(state_, directory, after, limit);
}

Result<std::vector<FileEntry>> MemoryFiles::children_of(std::span<const FileId> directories,
                                                        std::size_t limit) const {
  std::vector<FileEntry> entries;
  for (const FileId directory : std::set<FileId>(directories.begin(), directories.end())) {
    auto some = page(state_, directory, std::nullopt, limit - entries.size());
    entries.insert(entries.end(), std::make_move_iterator(some.begin()),
                   std::make_move_iterator(some.end()));
  }
  return entries;
}

Result<std::vector<FileEntry>> MemoryFiles::homes(const std::optional<FileName>& after,
                                                  std::size_t limit) const {
  return page(state_, kAboveHomes, after, limit);
}

Result<bool> MemoryFiles::is_empty(FileId directory) const {
  return page(state_, directory, std::nullopt, 1).empty();
}

Result<TreeTotals> MemoryFiles::totals(FileId root) const {
  TreeTotals totals;
  for (const auto& node : subtree(state_, root)) {
    ++(node.kind == FileKind::file ? totals.files : totals.directories);
    totals.bytes += node.size;
    totals.version_bytes += node.version_bytes;
    if (node.relative_path.empty()) continue;
    const auto segments = 1 + std::ranges::count(node.relative_path, '/');
    totals.depth = std::max<std::int64_t>(totals.depth, segments);
    totals.path_length = std::max(totals.path_length,
                                  1 + static_cast<std::int64_t>(code_points(node.relative_path)));
  }
  return totals;
}

Result<std::vector<TreeNode>> MemoryFiles::top_down(FileId root, std::string_view position,
                                                    std::size_t limit) const {
  std::vector<TreeNode> nodes;
  descend(state_, root, "", position, limit, nodes);
  return nodes;
}

Result<std::vector<TreeNode>> MemoryFiles::bottom_up(FileId root, std::size_t limit) const {
  std::vector<TreeNode> nodes;
  if (const auto* entry = state_.files.find(root)) collect(state_, *entry, "", limit, nodes);
  return nodes;
}

Result<bool> MemoryFiles::references(const BlobId& blob) const {
  return is_referenced(state_, blob) || is_in_archive(state_, blob);
}

Result<std::vector<Content>> MemoryFiles::contents(const std::optional<BlobId>& after,
                                                   std::size_t limit) const {
  std::map<BlobId, Content> contents;
  // Of each kind so many as are wanted of both together.
  const auto add = [&](const auto& index, const auto& first, const auto& content_of) {
    std::optional<BlobId> last;
    std::size_t count = 0;
    index.each_from(first, [&](const auto& key, auto) {
      if (key.first == after || key.first == last) return true;
      if (count++ == limit) return false;
      last = key.first;
      contents.emplace(key.first, *content_of(key.second));
      return true;
    });
  };
  const BlobId from = after.value_or(BlobId{});
  add(state_.files_of_blob, std::pair{from, FileId{}},
      [&](FileId file) { return state_.files.find(file)->content; });
  add(state_.versions_of_blob, std::pair{from, std::pair{FileId{}, VersionId{}}},
      [&](const auto& key) { return std::optional{state_.versions.find(key)->content}; });
  add(state_.archive_entries_of_blob, std::pair{from, std::pair{ArchiveId{}, std::int64_t{0}}},
      [&](const auto& entry) { return state_.archive_entries.find(entry)->content; });
  std::vector<Content> page;
  for (const auto& [blob, content] : contents)
    if (page.size() < limit) page.push_back(content);
  return page;
}

Result<std::vector<FilePath>> MemoryFiles::paths_of_blob(const BlobId& blob,
                                                         std::size_t limit) const {
  std::vector<FileId> files;
  state_.files_of_blob.each_from({blob, FileId{}}, [&](const std::pair<BlobId, FileId>& key, auto) {
    if (key.first != blob || files.size() >= limit) return false;
    files.push_back(key.second);
    return true;
  });
  std::set<FileId> former;
  state_.versions_of_blob.each_from({blob, {FileId{}, VersionId{}}}, [&](const auto& key, auto) {
    if (key.first != blob || former.size() >= limit) return false;
    former.insert(key.second.first);
    return true;
  });
  for (const FileId file : former)
    if (std::ranges::find(files, file) == files.end()) files.push_back(file);
  std::vector<FilePath> paths;
  for (const FileId file : files) {
    auto path = path_of(file);
    if (path) paths.push_back(*std::move(path)); // else it is in a detached tree
  }
  return paths;
}

Result<void> MemoryFiles::lock_home(UserId owner) {
  if (!state_.users.contains(owner)) return Error{Errc::not_found, "no such user"};
  return {};
}

Result<FileEntry> MemoryFiles::insert(const NewFileEntry& fresh) {
  if (fresh.parent && !state_.files.contains(*fresh.parent))
    return Error{Errc::not_found, "no such parent"};
  if (!state_.users.contains(fresh.owner)) return Error{Errc::internal, "a node of no user"};
  if (state_.children.contains({parent_key(fresh.parent), fresh.name.str()})) return name_taken();
  FileEntry entry = as_entry(fresh, FileId{++state_.last_file});
  add(state_, entry);
  if (entry.content)
    state_.origins.put(entry.id, first_content(entry.id, entry.created_at, fresh.written_by));
  return entry;
}

Result<FileEntry> MemoryFiles::replace_content(FileId file, const Content& content,
                                               const Replacement& how) {
  const auto* found = state_.files.find(file);
  if (found == nullptr || found->kind != FileKind::file) return no_such_node();
  const FileEntry before = *found;
  FileEntry entry = before;
  entry.content = content;
  entry.modified_at = how.modified_at;
  if (how.former == FormerContent::kept) {
    keep_content(state_, before, file, how.now);
    entry.version_bytes += before.content->size;
  }
  replace_entry(state_, before, entry);
  if (how.former != FormerContent::equal) {
    auto origin = *state_.origins.find(file);
    ++origin.contents;
    origin.id = VersionId::of(file, origin.contents);
    origin.written_at = how.now;
    origin.written_by = how.written_by;
    state_.origins.put(file, std::move(origin));
  }
  doom_if_unused(state_, before.content, how.now);
  return entry;
}

Result<FileEntry> MemoryFiles::relocate(FileId node, FileId parent, const FileName& name,
                                        UserId owner, Timestamp now) {
  if (!state_.files.contains(node) || !state_.files.contains(parent)) return no_such_node();
  const auto* holder = state_.children.find({parent, name.str()});
  if (holder != nullptr && *holder != node) return name_taken();
  if (lies_in(state_, parent, node)) return Error{Errc::conflict, "a node into itself"};
  for (const auto& below : subtree(state_, node)) {
    const FileEntry before = *state_.files.find(below.id);
    FileEntry entry = before;
    entry.owner = owner;
    if (entry.id == node) {
      entry.parent = parent;
      entry.name = name;
      entry.modified_at = now;
    }
    replace_entry(state_, before, entry);
  }
  return *state_.files.find(node);
}

Result<FileEntry> MemoryFiles::copy(FileId node, FileId parent, const FileName& name, UserId owner,
                                    Timestamp now, const std::optional<std::string>& written_by) {
  if (!state_.files.contains(node) || !state_.files.contains(parent)) return no_such_node();
  if (state_.children.contains({parent, name.str()})) return name_taken();
  const State before = state_;
  return copy_below(state_, before, *before.files.find(node), parent, name, owner, now, written_by);
}

Result<void> MemoryFiles::note_checksums(std::span<const ContentChecksum> checksums) {
  for (const auto& checksum : checksums) {
    const auto& blob = checksum.blob;
    for (const FileId file : seconds_of(state_.files_of_blob, blob)) {
      FileEntry entry = *state_.files.find(file);
      if (!entry.content->crc32) entry.content->crc32 = checksum.crc32;
      state_.files.put(file, std::move(entry));
    }
    note_in_versions(state_, blob, checksum.crc32);
    note_in_archives(state_, blob, checksum.crc32);
  }
  return {};
}

Result<void> MemoryFiles::remove(FileId node, Timestamp now) {
  const auto* found = state_.files.find(node);
  if (found == nullptr) return no_such_node();
  if (!page(state_, node, std::nullopt, 1).empty()) return not_empty();
  return remove_node(state_, FileEntry{*found}, now);
}

} // namespace baluhost::memory
