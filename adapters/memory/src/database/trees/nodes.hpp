#pragma once

#include "database/repositories.hpp"

#include <optional>
#include <string>

/// What all that changes nodes and their indices has in common.
namespace baluhost::memory {

/// Whether `root` was taken out of its home with all below it, to be removed or to wait in the
/// trash.
bool is_detached(const State& state, FileId root);

/// Whether `node` is `root` or lies below it.
bool lies_in(const State& state, FileId node, FileId root);

/// Whether a file or a version refers to `blob`.
bool is_referenced(const State& state, const BlobId& blob);

/// Puts a node into every index.
void add(State& state, const FileEntry& entry);

/// Takes a node out of every index, with its versions, and with what it waits in as a root; returns
/// the contents that were its own.
std::vector<Content> drop(State& state, const FileEntry& entry);

/// The node as it is now, where it was `before`.
void replace_entry(State& state, const FileEntry& before, const FileEntry& now);

/// Takes a node without children away for good.
Result<void> remove_node(State& state, const FileEntry& entry, Timestamp now);

/// Takes a root out of its directory, in which it counts for an entry no more.
void detach(State& state, const FileEntry& root);

/// Adds to what `owner` has in entries.
void count_entries(State& state, UserId owner, std::int64_t entries);

/// Makes the present content of `entry` a version of the file `to`.
void keep_content(State& state, const FileEntry& entry, FileId to, Timestamp now);

ContentOrigin first_content(FileId file, Timestamp written_at,
                            const std::optional<std::string>& written_by);

/// Keeps the checksum of a content in the versions that have none.
void note_in_versions(State& state, const BlobId& blob, std::uint32_t crc32);

} // namespace baluhost::memory
