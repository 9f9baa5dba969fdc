#include "baluhost/core/files/file_service.hpp"

#include "access/path_access.hpp"
#include "baluhost/ports/transactions.hpp"
#include "files/directory_page.hpp"
#include "files/file_tree.hpp"

#include <algorithm>
#include <utility>

namespace baluhost {
namespace {

constexpr std::string_view kHomes = "homes";

std::string key_of(const FileInfo& info) { return info.entry.name.str(); }

/// The name that the page begins after.
Result<std::optional<FileName>> read_position(std::string_view list, const PageRequest& page) {
  if (!page.cursor) return std::optional<FileName>{};
  BALUHOST_TRY(const auto key, read_cursor(list, *page.cursor));
  auto name = FileName::parse(key);
  if (!name) return invalid_cursor();
  return std::optional{*std::move(name)};
}

Result<FileInfo> home_of(const FileEntry& home) {
  BALUHOST_TRY(const auto path, FilePath::parse('/' + home.name.str()));
  return info_of(home, path);
}

Result<std::vector<FileInfo>> all_homes(ReadTransaction& tx, const std::optional<FileName>& after,
                                        std::size_t limit) {
  BALUHOST_TRY(const auto homes, tx.files().homes(after, limit));
  std::vector<FileInfo> infos;
  for (const auto& home : homes) {
    BALUHOST_TRY(auto info, home_of(home));
    infos.push_back(std::move(info));
  }
  return infos;
}

/// The home in which what a credential is bound to lies; none where that is gone.
Result<std::vector<FileInfo>> home_around(ReadTransaction& tx, FileId root,
                                          const std::optional<FileName>& after) {
  BALUHOST_TRY(const auto entry, tx.files().find(root));
  if (!entry) return std::vector<FileInfo>{};
  BALUHOST_TRY(const auto owner, tx.users().find(entry->owner));
  if (!owner || (after && owner->username.str() <= after->str())) return std::vector<FileInfo>{};
  BALUHOST_TRY(const auto path, FilePath::parse('/' + owner->username.str()));
  BALUHOST_TRY(const auto resolution, tx.files().resolve(path));
  if (!resolution.complete) return std::vector<FileInfo>{};
  return std::vector{info_of(resolution.found.back(), path)};
}

/// The user's own home and those in which something may be read.
Result<std::vector<FileInfo>> visible_homes(ReadTransaction& tx, UserId user,
                                            const std::optional<FileName>& after,
                                            std::size_t limit) {
  BALUHOST_TRY(auto owners, tx.grants().homes_visible_to(user));
  owners.push_back(user);
  std::vector<std::string> names;
  for (const UserId id : owners) {
    BALUHOST_TRY(const auto owner, tx.users().find(id));
    if (owner && (!after || owner->username.str() > after->str()))
      names.push_back(owner->username.str());
  }
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());

  std::vector<FileInfo> infos;
  for (const auto& name : names) {
    if (infos.size() == limit) break;
    BALUHOST_TRY(const auto path, FilePath::parse('/' + name));
    BALUHOST_TRY(const auto resolution, tx.files().resolve(path));
    if (resolution.complete) infos.push_back(info_of(resolution.found.back(), path));
  }
  return infos;
}

} // namespace

FileService::FileService(const Dependencies& deps, FileServiceOptions options)
    : deps_(deps), options_(options) {}

Result<FileInfo> FileService::info(const Principal& principal, const FilePath& path) {
  PathGate gate(deps_.audit_log, principal, Operation::read_metadata);
  auto info = query(deps_.database, [&](ReadTransaction& tx) -> Result<FileInfo> {
    BALUHOST_TRY(const auto access, gate.admit(tx, path, Right::read));
    if (!access.resolution.complete) return Error{Errc::not_found, "nothing is there"};
    return info_of(access.resolution.found.back(), path);
  });
  if (!info) return gate.failed(std::move(info).error());
  return info;
}

Result<Page<FileInfo>> FileService::list(const Principal& principal, const FilePath& directory,
                                         const PageRequest& page,
                                         const std::optional<DirectoryOrder>& order) {
  BALUHOST_TRY(const auto part, DirectoryPage::parse(directory, page, order));
  PathGate gate(deps_.audit_log, principal, Operation::list_directory);
  auto infos = query(deps_.database, [&](ReadTransaction& tx) -> Result<std::vector<FileInfo>> {
    BALUHOST_TRY(const auto access, gate.admit(tx, directory, Right::read));
    if (!access.resolution.complete) return Error{Errc::not_found, "nothing is there"};
    const auto& entry = access.resolution.found.back();
    if (entry.kind == FileKind::file) return Error{Errc::conflict, "a file has no entries"};
    BALUHOST_TRY(auto entries, part.read(tx, entry.id));
    std::vector<FileInfo> children;
    children.reserve(entries.size());
    for (auto& child : entries) {
      BALUHOST_TRY(const auto path, directory.child(child.name));
      children.push_back(info_of(std::move(child), path));
    }
    return children;
  });
  if (!infos) return gate.failed(std::move(infos).error());
  return make_page(*std::move(infos), part.limit(), part.list(),
                   [&](const FileInfo& last) { return part.key_of(last.entry); });
}

Result<Page<FileInfo>> FileService::homes(const Principal& principal, const PageRequest& page) {
  if (principal.share() != nullptr) return Error{Errc::forbidden, "a share sees no homes"};
  BALUHOST_TRY(const auto after, read_position(kHomes, page));
  const auto limit = page_limit(page);
  const auto look = [&](ReadTransaction& tx) -> Result<std::vector<FileInfo>> {
    if (const auto root = path_bounds(principal.credential()).root)
      return home_around(tx, *root, after);
    // The root has no owner, and nobody is granted anything on it: who may read all of it is who
    // may read everything.
    const bool all = rights_on({.role = principal.role()}).includes(Right::read);
    if (all) return all_homes(tx, after, limit + 1);
    if (!principal.user()) return std::vector<FileInfo>{};
    return visible_homes(tx, *principal.user(), after, limit + 1);
  };
  BALUHOST_TRY(auto infos, query(deps_.database, look));
  return make_page(std::move(infos), limit, kHomes, key_of);
}

Result<Usage> FileService::usage(const Principal& principal) {
  if (principal.share() != nullptr) return Error{Errc::forbidden, "a share has no quota"};
  if (!principal.user()) return Usage{.trash_days = deps_.keep.trash_days};
  BALUHOST_TRY(const auto user, query(deps_.database, [&](ReadTransaction& tx) {
                 return tx.users().find(*principal.user());
               }));
  if (!user) return Error{Errc::not_found, "no such user"};
  return Usage{.used_bytes = user->used_bytes,
               .file_count = user->file_count,
               .quota_bytes = user->quota_bytes,
               .trash_bytes = user->trash_bytes,
               .version_bytes = user->version_bytes,
               .trash_days = deps_.keep.trash_days};
}

} // namespace baluhost
