#pragma once

#include "baluhost/core/access/principal.hpp"
#include "baluhost/core/files/file_info.hpp"
#include "baluhost/domain/files/file_path.hpp"
#include "baluhost/ports/database.hpp"

#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// What every change of the tree has in common.
namespace baluhost {

inline FileInfo info_of(FileEntry entry, const FilePath& path) {
  return {std::move(entry), path, path.home()};
}

/// The user whose home `path` lies in; none if there is no such user.
[[nodiscard]] Result<std::optional<User>> owner_of(ReadTransaction& tx, const FilePath& path);

/// What has to be made for `path` to be there, uppermost first, if its first `existing_segments`
/// are.
[[nodiscard]] std::vector<FilePath> missing_paths(const FilePath& path,
                                                  std::size_t existing_segments);

/// Makes a directory for each of `paths`, the first one in `parent`, each in the one before;
/// returns the last one, which is dated `modified_at` if that is set.
[[nodiscard]] Result<FileEntry> make_directories(WriteTransaction& tx, FileEntry parent,
                                                 std::span<const FilePath> paths, Timestamp now,
                                                 const std::optional<Timestamp>& modified_at = {});

/// `error`; one that a quota has no room says how much of what is used waits in the trash, but to
/// who came by a share. `path`: in the home of the owner.
[[nodiscard]] Error with_trash(Database& database, const Principal& principal, const FilePath& path,
                               Error error);

/// The name that content bears which `principal` writes; none of who came by a share.
[[nodiscard]] inline std::optional<std::string> written_by(const Principal& principal) {
  return principal.name().empty() ? std::nullopt : std::optional{principal.name()};
}

/// Locks the homes of `owners`, in one order everywhere; those that are gone are passed over.
[[nodiscard]] Result<void> lock_homes(WriteTransaction& tx, const std::set<UserId>& owners);

/// Bytes that `owner` uses or that pending uploads will use.
[[nodiscard]] Result<std::int64_t> committed_bytes(ReadTransaction& tx, const User& owner);

} // namespace baluhost
