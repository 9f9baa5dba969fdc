#include "access/path_access.hpp"

#include "access/caller.hpp"
#include "files/file_tree.hpp"

#include <algorithm>
#include <set>
#include <utility>
#include <vector>

namespace baluhost {
namespace {

/// What a refusal is recorded with: the rights, or the scopes where the account has the rights.
std::string lacking(const PathStanding& standing, Rights needed, Rights of_credential) {
  if (!standing.is_outside && !rights_of_account(standing).includes(needed))
    return needed.to_text();
  const auto missing = standing.is_outside ? of_credential : of_credential - standing.within;
  return scopes_for(missing.empty() ? Rights{Right::read} : missing).to_text();
}

/// How the account stands to the last of the nodes along a path.
Result<PathStanding> standing_of(ReadTransaction& tx, std::optional<UserId> user, Role role,
                                 const std::vector<FileEntry>& found) {
  PathStanding standing{.role = role};
  if (!user || found.empty()) return standing;
  standing.owns_home = found.front().owner == *user;
  if (standing.owns_home || role == Role::admin) return standing;
  std::vector<FileId> nodes;
  for (const auto& entry : found) nodes.push_back(entry.id);
  BALUHOST_TRY(standing.granted, tx.grants().rights_on(*user, nodes));
  return standing;
}

/// Where `path` leads below what is shared, to which `found` leads first. not_found: nothing can be
/// there.
Result<FilePath> place_in_home(const std::vector<FileEntry>& found, FileId root,
                               std::span<const FileName> below) {
  std::vector<std::string> segments;
  for (const auto& entry : found) {
    segments.push_back(entry.name.str());
    if (entry.id == root) break;
  }
  for (const auto& name : below) segments.push_back(name.str());
  auto place = FilePath::from_segments(segments);
  if (!place) return Error{Errc::not_found, "too deep or long below what is shared"};
  return place;
}

/// With what the creator has and passes on: nothing without `share`.
Result<PathAccess> look_up_shared(ReadTransaction& tx, UserId creator, const ShareCredential& share,
                                  const FilePath& path) {
  PathAccess access;
  access.standing.within = path_bounds(share).rights;
  access.standing.is_outside = !path.is_shared();
  if (access.standing.is_outside) return access;
  const auto below = std::span(path.segments()).subspan(1);
  BALUHOST_TRY(access.resolution, tx.files().resolve_below(share.root, below));
  const auto& found = access.resolution.found;
  // Out of its home it has ended, whatever is remembered of it.
  if (found.front().owner != share.home)
    return Error{Errc::not_found, "what was shared has left its home"};
  BALUHOST_TRY(access.place, place_in_home(found, share.root, below));
  BALUHOST_TRY(const auto standing, standing_of(tx, creator, share.creator_role, found));
  const auto held = rights_of_account(standing);
  if (held.includes(Right::share)) access.standing.granted = held;
  return access;
}

} // namespace

Result<PathAccess> look_up(ReadTransaction& tx, std::optional<UserId> user, Role role,
                           const FilePath& path) {
  PathAccess access;
  BALUHOST_TRY(access.resolution, tx.files().resolve(path));
  BALUHOST_TRY(access.standing, standing_of(tx, user, role, access.resolution.found));
  return access;
}

Result<PathAccess> look_up(ReadTransaction& tx, const Principal& principal, const FilePath& path) {
  if (const auto* share = principal.share())
    return look_up_shared(tx, *principal.user(), *share, path);
  if (path.is_shared()) return invalid("must begin with a user's name");
  return look_up_place(tx, principal, path);
}

Result<PathAccess> look_up_place(ReadTransaction& tx, const Principal& principal,
                                 const FilePath& place) {
  const auto* share = principal.share();
  const Role role = share != nullptr ? share->creator_role : principal.role();
  BALUHOST_TRY(auto access, look_up(tx, principal.user(), role, place));
  if (share != nullptr && !rights_of_account(access.standing).includes(Right::share))
    access.standing.granted = {};
  const auto bounds = path_bounds(principal.credential());
  access.standing.within = bounds.rights;
  access.standing.is_outside =
      bounds.root && std::ranges::none_of(access.resolution.found, [&](const FileEntry& entry) {
        return entry.id == *bounds.root;
      });
  return access;
}

Result<void> PathGate::hold(WriteTransaction& tx, std::span<const FilePath> paths) {
  refusal_.reset();
  BALUHOST_TRY(present_, Caller::hold(tx, principal_, audit_log_.now()));
  return lock_homes(tx, tx.files(), paths);
}

Result<void> PathGate::hold(Bookkeeping& tx, std::span<const FilePath> paths) {
  refusal_.reset();
  BALUHOST_TRY(present_, Caller::hold(tx, principal_, audit_log_.now()));
  return lock_homes(tx.view(), tx.files(), paths);
}

Result<void> PathGate::lock_homes(ReadTransaction& view, FileRepository& files,
                                  std::span<const FilePath> paths) const {
  std::set<UserId> owners;
  if (const auto* share = present_->share()) owners.insert(share->home);
  for (const auto& path : paths) {
    if (path.is_shared()) continue;
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

Result<PathAccess> PathGate::admit(ReadTransaction& tx, const FilePath& path, Rights needed,
                                   Rights of_credential) {
  refusal_.reset();
  BALUHOST_TRY(auto access, look_up(tx, present_ ? *present_ : principal_, path));
  place_ = access.place;
  BALUHOST_CHECK(demand(access, path, needed, of_credential));
  return access;
}

Result<void> PathGate::demand(const PathAccess& access, const FilePath& path, Rights needed,
                              Rights of_credential) {
  refusal_.reset();
  switch (decide(access.standing, needed, of_credential)) {
    case Decision::allowed:
      return {};
    case Decision::forbidden:
      refusal_ =
          Refusal{access.place_of(path).str(), lacking(access.standing, needed, of_credential)};
      return Error{Errc::forbidden, "lacks a right on the path"};
    case Decision::hidden:
      refusal_ = Refusal{access.place_of(path).str(), needed.to_text()};
      return Error{Errc::not_found, "has no right on the path"};
  }
  return Error{Errc::internal, "no such decision"};
}

Error PathGate::refuse(const FilePath& path, Rights needed, const char* why) {
  refusal_ = Refusal{place_of(path).str(), needed.to_text()};
  return Error{Errc::forbidden, why};
}

Error PathGate::failed(NewAuditEvent event, Error error) {
  return refusal_ ? failed(std::move(error))
                  : audit_log_.failed(std::move(event), std::move(error));
}

Error PathGate::failed(Error error) {
  if (!refusal_) return error;
  return audit_log_.denied(principal_, refusal_->path, operation_, refusal_->needed,
                           std::move(error));
}

} // namespace baluhost
