#include "path_access.hpp"

#include <utility>
#include <vector>

namespace baluhost {

Result<PathAccess> look_up(ReadTransaction& tx, const Principal& principal, const FilePath& path) {
  PathAccess access;
  BALUHOST_TRY(access.resolution, tx.files().resolve(path));
  access.standing.role = principal.role();
  const auto& found = access.resolution.found;
  if (!principal.user() || found.empty()) return access;

  access.standing.owns_home = found.front().owner == *principal.user();
  if (access.standing.owns_home || principal.role() == Role::admin) return access;
  std::vector<FileId> nodes;
  for (const auto& entry : found) nodes.push_back(entry.id);
  BALUHOST_TRY(access.standing.granted, tx.grants().rights_on(*principal.user(), nodes));
  return access;
}

Result<PathAccess> PathGate::admit(ReadTransaction& tx, const FilePath& path, Rights needed) {
  refusal_.reset();
  BALUHOST_TRY(auto access, look_up(tx, principal_, path));
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
  return refusal_ ? failed(std::move(error)) : audit_.failed(std::move(event), std::move(error));
}

Error PathGate::failed(Error error) {
  if (!refusal_) return error;
  return audit_.denied(principal_, refusal_->path, operation_, refusal_->needed.to_text(), std::move(error));
}

} // namespace baluhost
