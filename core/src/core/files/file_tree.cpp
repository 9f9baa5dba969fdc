#include "files/file_tree.hpp"

#include "baluhost/ports/transactions.hpp"

#include <algorithm>

namespace baluhost {

Result<std::optional<User>> owner_of(ReadTransaction& tx, const FilePath& path) {
  const auto name = Username::parse(path.home());
  if (!name) return std::optional<User>{};
  return tx.users().find(*name);
}

std::vector<FilePath> missing_paths(const FilePath& path, std::size_t existing_segments) {
  std::vector<FilePath> missing;
  for (FilePath next = path; next.segments().size() > existing_segments; next = next.parent())
    missing.push_back(next);
  std::ranges::reverse(missing);
  return missing;
}

Result<FileEntry> make_directories(WriteTransaction& tx, FileEntry parent,
                                   std::span<const FilePath> paths, Timestamp now,
                                   const std::optional<Timestamp>& modified_at) {
  for (const auto& path : paths) {
    BALUHOST_TRY(parent,
                 tx.files().insert(
                     {.parent = parent.id,
                      .name = path.name(),
                      .kind = FileKind::directory,
                      .content = std::nullopt,
                      .owner = parent.owner,
                      .created_at = now,
                      .modified_at = &path == &paths.back() ? modified_at.value_or(now) : now}));
  }
  return parent;
}

Error with_trash(Database& database, const Principal& principal, const FilePath& path,
                 Error error) {
  if (error.code != Errc::quota_exceeded || principal.share() != nullptr) return error;
  const auto owner = query(database, [&](ReadTransaction& tx) { return owner_of(tx, path); });
  if (owner && *owner) error.trash_bytes = (*owner)->trash_bytes;
  return error;
}

Result<void> lock_homes(WriteTransaction& tx, const std::set<UserId>& owners) {
  for (const UserId owner : owners) {
    auto locked = tx.files().lock_home(owner);
    if (!locked && locked.error().code != Errc::not_found) return locked;
  }
  return {};
}

Result<std::int64_t> committed_bytes(ReadTransaction& tx, const User& owner) {
  if (!owner.quota_bytes) return owner.used_bytes;
  BALUHOST_TRY(const auto pending, tx.uploads().reserved_bytes(owner.username));
  return owner.used_bytes + pending;
}

} // namespace baluhost
