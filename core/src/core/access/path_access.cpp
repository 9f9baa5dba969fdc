#include "access/path_access.hpp"

#include "access/caller.hpp"
#include "files/file_tree.hpp"

#include <set>
#include <utility>
#include <vector>

namespace baluhost {

Result<PathAccess> look_up(ReadTransaction& tx, std::optional<UserId> user, Role role,
                           const FilePath& path) {
  PathAccess access;
  BALUHOST_TRY(access.resolution, tx.files().resolve(path));
  access.standing.role = role;
  const auto& found = access.resolution.found;
  if (!user || found.empty()) return access;

  access.standing.owns_home = found.front().owner == *user;
  if (access.standing.owns_home || role == Role::admin) return access;
  std::vector<FileId> nodes;
  for (const auto& entry : found) nodes.push_back(entry.id);
  BALUHOST_TRY(access.standing.granted, tx.grants().rights_on(*user, nodes));
  return access;
}

Result<void> PathGate::hold(WriteTransaction& tx, std::span<const FilePath> paths) {
  refusal_.reset();
  BALUHOST_TRY(present_, Caller::hold(tx, principal_));
  return lock_homes(tx, tx.files(), paths);
}

Result<void> PathGate::hold(Bookkeeping& tx, std::span<const FilePath> paths) {
  refusal_.reset();
  BALUHOST_TRY(present_, Caller::hold(tx, principal_));
  return lock_homes(tx.view(), tx.files(), paths);
}

Result<void> PathGate::lock_homes(ReadTransaction& view, FileRepository& files,
                                  std::span<const FilePath> paths) const {
  std::set<UserId> owners;
  for (const auto& path : paths) {
    if (present_->user() && path.home() == present_->name()) {
      owners.insert(*present_->user());
      continue;
    }
    BALUHOST_TRY(const auto owner, owner_of(view, path));
    if (owner) owners.insert(owner->id);
  }
  for (const UserId owner : owners) BALUHOST_CHECK(files.lock_home(owner));
  return {};
}

Result<PathAccess> PathGate::admit(ReadTransaction& tx, const FilePath& path, Rights needed) {
  refusal_.reset();
  const auto& caller = present_ ? *present_ : principal_;
  BALUHOST_TRY(auto access, look_up(tx, caller.user(), caller.role(), path));
  BALUHOST_CHECK(demand(access, path, needed));
  return access;
}

Result<void> PathGate::demand(const PathAccess& access, const FilePath& path, Rights needed) {
  refusal_.reset();
  switch (decide(access.standing, needed)) {
    case Decision::allowed:
      return {};
    case Decision::forbidden:
      refusal_ = Refusal{path.str(), needed};
      return Error{Errc::forbidden, "lacks a right on the path"};
    case Decision::hidden:
      refusal_ = Refusal{path.str(), needed};
      return Error{Errc::not_found, "has no right on the path"};
  }
  return Error{Errc::internal, "no such decision"};
}

Error PathGate::refuse(const FilePath& path, Rights needed, const char* why) {
  refusal_ = Refusal{path.str(), needed};
  return Error{Errc::forbidden, why};
}

Error PathGate::failed(NewAuditEvent event, Error error) {
  return refusal_ ? failed(std::move(error))
                  : audit_log_.failed(std::move(event), std::move(error));
}

Error PathGate::failed(Error error) {
  if (!refusal_) return error;
  return audit_log_.denied(principal_, refusal_->path, operation_, refusal_->needed.to_text(),
                           std::move(error));
}

} // namespace baluhost
