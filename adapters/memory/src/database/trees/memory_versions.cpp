#include "database/trees/nodes.hpp"
#include "database/trees/tree_repositories.hpp"

#include <algorithm>

namespace baluhost::memory {
namespace {

Error no_such_version() { return Error{Errc::not_found, "no such version"}; }

std::optional<Version> present_of(const State& state, FileId file) {
  const auto* entry = state.files.find(file);
  if (entry == nullptr || !entry->content) return std::nullopt;
  const auto& origin = *state.origins.find(file);
  return Version{.id = origin.id,
                 .content = *entry->content,
                 .created_at = origin.written_at,
                 .created_by = origin.written_by,
                 .is_current = true};
}

std::vector<Version> former_of(const State& state, FileId file) {
  std::vector<Version> versions;
  state.versions.each_from({file, VersionId{}}, [&](const auto& key, const Version& version) {
    if (key.first != file) return false;
    versions.push_back(version);
    return true;
  });
  return versions;
}

void cut(std::vector<Version>& versions, std::size_t limit) {
  if (versions.size() > limit)
    versions.erase(versions.begin() + static_cast<std::ptrdiff_t>(limit), versions.end());
}

void take(State& state, FileId file, const Version& version) {
  state.versions.erase({file, version.id});
  state.versions_of_blob.erase({version.content.blob, {file, version.id}});
}

} // namespace

Result<std::vector<Version>> MemoryVersions::list(FileId file, std::size_t limit) const {
  auto versions = former_of(state_, file);
  if (auto present = present_of(state_, file)) versions.push_back(*std::move(present));
  std::sort(versions.begin(), versions.end(), [](const auto& a, const auto& b) {
    return std::pair{a.created_at, a.id} > std::pair{b.created_at, b.id};
  });
  cut(versions, limit);
  return versions;
}

Result<std::optional<Version>> MemoryVersions::find(FileId file, const VersionId& id) const {
  auto present = present_of(state_, file);
  if (present && present->id == id) return present;
  return copy_of(state_.versions.find({file, id}));
}

Result<std::vector<Version>> MemoryVersions::surplus(FileId file, std::size_t most,
                                                     std::size_t limit) const {
  auto versions = former_of(state_, file);
  if (versions.size() <= most) return std::vector<Version>{};
  std::sort(versions.begin(), versions.end(), [](const auto& a, const auto& b) {
    return std::pair{a.replaced_at, a.id} < std::pair{b.replaced_at, b.id};
  });
  cut(versions, std::min(limit, versions.size() - most));
  return versions;
}

Result<std::vector<PlacedVersion>> MemoryVersions::replaced_before(
    Timestamp before, const std::optional<VersionPosition>& after, std::size_t limit) const {
  std::vector<std::pair<VersionPosition, PlacedVersion>> found;
  state_.versions.each([&](const auto& key, const Version& version) {
    const VersionPosition position{*version.replaced_at, key.first, key.second};
    if (*version.replaced_at < before && (!after || position > *after)) {
      found.push_back(
          {position,
           {.version = version, .file = key.first, .owner = state_.files.find(key.first)->owner}});
    }
    return true;
  });
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<PlacedVersion> versions;
  for (auto& [position, version] : found)
    if (versions.size() < limit) versions.push_back(std::move(version));
  return versions;
}

Result<std::vector<VersionRepository::Count>> MemoryVersions::counts(FileId after,
                                                                     std::size_t limit) const {
  std::vector<Count> counts;
  state_.versions.each([&](const auto& key, const Version&) {
    if (key.first <= after) return true;
    if (counts.empty() || counts.back().file != key.first) {
      if (counts.size() >= limit) return false;
      counts.push_back({.file = key.first});
    }
    ++counts.back().versions;
    return true;
  });
  return counts;
}

Result<FileEntry> MemoryVersions::restore(FileId file, const VersionId& id, Timestamp now) {
  const auto version = copy_of(state_.versions.find({file, id}));
  const auto found = copy_of(state_.files.find(file));
  if (!version || !found) return no_such_version();
  keep_content(state_, *found, file, now);
  take(state_, file, *version);
  FileEntry entry = *found;
  entry.content = version->content;
  entry.modified_at = now;
  entry.version_bytes += found->content->size - version->content.size;
  replace_entry(state_, *found, entry);
  auto origin = *state_.origins.find(file);
  origin.id = id;
  origin.written_at = version->created_at;
  origin.written_by = version->created_by;
  state_.origins.put(file, std::move(origin));
  return entry;
}

Result<void> MemoryVersions::adopt(FileId from, FileId to, FormerContent content, Timestamp now) {
  const auto source = copy_of(state_.files.find(from));
  const auto target = copy_of(state_.files.find(to));
  if (!source || !source->content || !target || !target->content)
    return Error{Errc::not_found, "no such file"};
  FileEntry left = *source;
  FileEntry grown = *target;
  for (auto& version : former_of(state_, from)) {
    take(state_, from, version);
    const std::pair key{to, version.id};
    state_.versions_of_blob.put({version.content.blob, key}, {});
    state_.versions.put(key, std::move(version));
  }
  grown.version_bytes += left.version_bytes;
  left.version_bytes = 0;
  if (content == FormerContent::kept) {
    keep_content(state_, *source, to, now);
    grown.version_bytes += source->content->size;
  }
  replace_entry(state_, *source, left);
  replace_entry(state_, *target, grown);
  return {};
}

Result<void> MemoryVersions::remove(FileId file, const VersionId& id, Timestamp now) {
  const auto version = copy_of(state_.versions.find({file, id}));
  if (!version) return no_such_version();
  take(state_, file, *version);
  FileEntry entry = *state_.files.find(file);
  entry.version_bytes -= version->content.size;
  state_.files.put(file, std::move(entry));
  doom_if_unused(state_, version->content, now);
  return {};
}

} // namespace baluhost::memory
