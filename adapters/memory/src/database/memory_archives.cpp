#include "database/repositories.hpp"

#include <algorithm>
#include <limits>

namespace baluhost::memory {
namespace {

using EntryKey = std::pair<ArchiveId, std::int64_t>;

Error no_such_archive() { return Error{Errc::not_found, "no such archive"}; }

bool has_ended(const State& state, const Archive& archive, Timestamp now) {
  if (const auto* by = std::get_if<ShareId>(&archive.ends_with)) {
    const auto* share = state.shares.find(*by);
    return share == nullptr || share->is_over(now);
  }
  const auto* session = state.sessions.find(std::get<SessionId>(archive.ends_with));
  return session == nullptr || session->revoked_at || session->expires_at <= now;
}

/// The greatest key of `map` in `archive` that is at most `offset`; 0 where there is none.
template <class Map>
std::int64_t at_or_before(const Map& map, const ArchiveId& archive, std::int64_t offset) {
  std::int64_t found = 0;
  map.each_before({archive, offset + 1}, [&](const EntryKey& key, const auto&) {
    if (key.first == archive) found = key.second;
    return false;
  });
  return found;
}

/// As `entry_of(value)` has it, of each value of `map` in `archive` from the one at `offset` on.
template <class Map, class EntryOf>
std::vector<ArchiveEntry> entries_from(const Map& map, const ArchiveId& archive,
                                       std::int64_t offset, std::size_t limit,
                                       const EntryOf& entry_of) {
  std::vector<ArchiveEntry> entries;
  const auto first = at_or_before(map, archive, offset);
  map.each_from({archive, first}, [&](const EntryKey& key, const auto& value) {
    if (key.first != archive || entries.size() >= limit) return false;
    entries.push_back(entry_of(value));
    return true;
  });
  return entries;
}

} // namespace

bool is_in_archive(const State& state, const BlobId& blob) {
  bool found = false;
  state.archive_entries_of_blob.each_from(
      {blob, EntryKey{ArchiveId{}, std::numeric_limits<std::int64_t>::min()}},
      [&](const auto& key, auto) {
        found = key.first == blob;
        return false;
      });
  return found;
}

void note_in_archives(State& state, const BlobId& blob, std::uint32_t crc32) {
  std::vector<EntryKey> entries;
  state.archive_entries_of_blob.each_from(
      {blob, EntryKey{ArchiveId{}, std::numeric_limits<std::int64_t>::min()}},
      [&](const auto& key, auto) {
        if (key.first == blob) entries.push_back(key.second);
        return key.first == blob;
      });
  for (const auto& key : entries) {
    ArchiveEntry entry = *state.archive_entries.find(key);
    if (!entry.content->crc32) entry.content->crc32 = crc32;
    state.archive_entries.put(key, std::move(entry));
  }
}

Result<std::optional<Archive>> MemoryArchives::find(const ArchiveId& id, Timestamp now) const {
  const auto* found = state_.archives.find(id);
  if (found == nullptr || has_ended(state_, *found, now)) return std::optional<Archive>{};
  return std::optional{*found};
}

Result<ArchiveUse> MemoryArchives::use_of(UserId owner) const {
  ArchiveUse use;
  state_.archives.each([&](const ArchiveId&, const Archive& archive) {
    if (archive.owner != owner) return true;
    ++use.archives;
    use.entries += archive.entries;
    return true;
  });
  return use;
}

Result<std::vector<ArchiveEntry>> MemoryArchives::entries_at(const ArchiveId& id,
                                                             std::int64_t offset,
                                                             std::size_t limit) const {
  return entries_from(state_.archive_entries, id, offset, limit,
                      [](const ArchiveEntry& entry) { return entry; });
}

Result<std::vector<ArchiveEntry>> MemoryArchives::directory_at(const ArchiveId& id,
                                                               std::int64_t offset,
                                                               std::size_t limit) const {
  return entries_from(state_.archive_directories, id, offset, limit, [&](std::int64_t entry) {
    return *state_.archive_entries.find({id, entry});
  });
}

Result<std::vector<ArchiveEntry>> MemoryArchives::directories_after(const ArchiveId& id,
                                                                    std::int64_t after,
                                                                    std::size_t limit) const {
  std::vector<ArchiveEntry> entries;
  state_.archive_entries.each_after({id, after}, [&](const EntryKey& key, const auto& entry) {
    if (key.first != id || entries.size() >= limit) return false;
    if (entry.is_directory()) entries.push_back(entry);
    return true;
  });
  return entries;
}

Result<std::vector<ArchiveId>> MemoryArchives::ended(Timestamp unused_since, Timestamp now,
                                                     std::size_t limit) const {
  std::vector<ArchiveId> ids;
  state_.archives.each([&](const ArchiveId& id, const Archive& archive) {
    if (ids.size() >= limit) return false;
    if (archive.used_at < unused_since || has_ended(state_, archive, now)) ids.push_back(id);
    return true;
  });
  return ids;
}

Result<void> MemoryArchives::insert(const Archive& archive) {
  state_.archives.put(archive.id, archive);
  return {};
}

Result<void> MemoryArchives::append(const ArchiveId& id, std::span<const ArchiveEntry> entries) {
  for (const auto& entry : entries) {
    const EntryKey key{id, entry.offset};
    state_.archive_entries.put(key, entry);
    state_.archive_directories.put({id, entry.directory_offset}, entry.offset);
    if (entry.content) state_.archive_entries_of_blob.put({entry.content->blob, key}, {});
  }
  return {};
}

Result<void> MemoryArchives::update(const Archive& archive) {
  const auto* found = state_.archives.find(archive.id);
  if (found == nullptr) return no_such_archive();
  Archive updated = archive;
  updated.used_at = found->used_at;
  state_.archives.put(archive.id, std::move(updated));
  return {};
}

Result<void> MemoryArchives::touch(const ArchiveId& id, Timestamp now) {
  const auto* found = state_.archives.find(id);
  if (found == nullptr) return no_such_archive();
  Archive touched = *found;
  touched.used_at = now;
  state_.archives.put(id, std::move(touched));
  return {};
}

Result<bool> MemoryArchives::remove(const ArchiveId& id, std::size_t limit, Timestamp now) {
  BALUHOST_TRY(const auto entries, entries_at(id, 0, limit));
  for (const auto& entry : entries) {
    const EntryKey key{id, entry.offset};
    state_.archive_entries.erase(key);
    state_.archive_directories.erase({id, entry.directory_offset});
    if (!entry.content) continue;
    state_.archive_entries_of_blob.erase({entry.content->blob, key});
    doom_if_unused(state_, entry.content, now);
  }
  BALUHOST_TRY(const auto rest, entries_at(id, 0, 1));
  if (!rest.empty()) return false;
  state_.archives.erase(id);
  return true;
}

} // namespace baluhost::memory
