#include "database/repositories.hpp"
#include "database/trees/nodes.hpp"

#include <algorithm>
#include <set>

namespace baluhost::memory {
namespace {

/// None in a detached tree.
std::optional<FilePath> path_of(const State& state, FileId file) {
  std::vector<std::string> names;
  for (const auto* node = state.files.find(file); node != nullptr;) {
    names.insert(names.begin(), node->name.str());
    if (is_detached(state, node->id)) return std::nullopt;
    if (!node->parent) break;
    node = state.files.find(*node->parent);
  }
  auto path = FilePath::from_segments(names);
  return path ? std::optional{*std::move(path)} : std::nullopt;
}

Result<std::vector<PlacedGrant>> placed(const State& state, const std::vector<Grant>& grants) {
  std::vector<PlacedGrant> found;
  for (const auto& grant : grants) {
    auto path = path_of(state, grant.file);
    if (!path) return Error{Errc::internal, "a grant on no node"};
    found.push_back({grant, *std::move(path)});
  }
  return found;
}

} // namespace

Result<Rights> MemoryGrants::rights_on(UserId grantee, std::span<const FileId> files) const {
  Rights rights;
  const auto* user = state_.users.find(grantee);
  if (user == nullptr) return rights;
  for (const FileId file : files) {
    const auto* grant = state_.grants.find({file, user->user.username.str()});
    if (grant != nullptr && grant->account == grantee) rights |= grant->rights;
  }
  return rights;
}

Result<std::vector<FileStanding>> MemoryGrants::standings(UserId user,
                                                          std::span<const FileId> files,
                                                          std::optional<FileId> root) const {
  std::vector<FileStanding> standings;
  for (const FileId file : std::set<FileId>(files.begin(), files.end())) {
    std::vector<FileId> way;
    std::optional<UserId> owner;
    for (const auto* node = state_.files.find(file); node != nullptr;) {
      way.push_back(node->id);
      if (way.size() == 1) owner = node->owner;
      node = node->parent ? state_.files.find(*node->parent) : nullptr;
    }
    const bool is_out = !way.empty() && is_detached(state_, way.back());
    if (!owner || (is_out && owner != user)) continue;
    BALUHOST_TRY(const auto granted, rights_on(user, way));
    const bool is_below = !root || std::ranges::find(way, *root) != way.end();
    standings.push_back({.file = file, .owner = *owner, .granted = granted, .is_below = is_below});
  }
  return standings;
}

Result<std::optional<Grant>> MemoryGrants::find(FileId file, const Username& grantee) const {
  return copy_of(state_.grants.find({file, grantee.str()}));
}

Result<std::vector<Grant>> MemoryGrants::list_of_file(FileId file,
                                                      const std::optional<Username>& after,
                                                      std::size_t limit) const {
  std::vector<Grant> grants;
  state_.grants.each_after({file, after ? after->str() : std::string{}},
                           [&](const auto& key, const Grant& grant) {
                             if (key.first != file || grants.size() >= limit) return false;
                             grants.push_back(grant);
                             return true;
                           });
  return grants;
}

Result<std::vector<PlacedGrant>> MemoryGrants::list_below(FileId root,
                                                          const std::optional<GrantPosition>& after,
                                                          std::size_t limit) const {
  std::set<FileId> nodes;
  for (const auto& node : subtree(state_, root)) nodes.insert(node.id);
  std::vector<Grant> grants;
  const auto from = after.value_or(GrantPosition{});
  state_.grants.each_after({from.file, from.grantee}, [&](const auto& key, const Grant& grant) {
    if (grants.size() >= limit) return false;
    if (nodes.contains(key.first)) grants.push_back(grant);
    return true;
  });
  return placed(state_, grants);
}

Result<std::vector<PlacedGrant>> MemoryGrants::list_of_grantee(UserId grantee, FileId after_file,
                                                               std::size_t limit) const {
  std::vector<Grant> grants;
  const auto* user = state_.users.find(grantee);
  if (user == nullptr) return std::vector<PlacedGrant>{};
  state_.grants_of_grantee.each_after(
      {grantee, after_file}, [&](const std::pair<UserId, FileId>& key, auto) {
        if (key.first != grantee || grants.size() >= limit) return false;
        if (path_of(state_, key.second))
          grants.push_back(*state_.grants.find({key.second, user->user.username.str()}));
        return true;
      });
  return placed(state_, grants);
}

Result<std::vector<PlacedGrant>> MemoryGrants::tree_of(UserId owner) const {
  std::vector<Grant> grants;
  bool any_given_on = false;
  state_.grants.each([&](const auto& key, const Grant& grant) {
    if (state_.files.find(key.first)->owner != owner) return true;
    any_given_on = any_given_on || grant.given_on;
    if (path_of(state_, key.first)) grants.push_back(grant);
    return true;
  });
  return any_given_on ? placed(state_, grants) : std::vector<PlacedGrant>{};
}

Result<std::vector<UserId>> MemoryGrants::homes_given_on_by(UserId giver) const {
  std::set<UserId> owners;
  state_.grants.each([&](const auto& key, const Grant& grant) {
    if (grant.given_on && grant.giver == giver) owners.insert(state_.files.find(key.first)->owner);
    return true;
  });
  return std::vector<UserId>(owners.begin(), owners.end());
}

Result<std::vector<UserId>> MemoryGrants::homes_visible_to(UserId grantee) const {
  std::set<UserId> owners;
  const auto* user = state_.users.find(grantee);
  if (user == nullptr) return std::vector<UserId>{};
  for (const FileId file : seconds_of(state_.grants_of_grantee, grantee)) {
    const auto& grant = *state_.grants.find({file, user->user.username.str()});
    if (grant.rights.includes(Right::read) && path_of(state_, file))
      owners.insert(state_.files.find(file)->owner);
  }
  return std::vector<UserId>(owners.begin(), owners.end());
}

Result<bool> MemoryGrants::put(const Grant& grant) {
  if (!state_.files.contains(grant.file)) return Error{Errc::not_found, "no such node"};
  if (grant.account && !state_.users.contains(*grant.account))
    return Error{Errc::not_found, "no such grantee"};
  const std::pair key{grant.file, grant.grantee.str()};
  const auto before = copy_of(state_.grants.find(key));
  if (before && before->account) state_.grants_of_grantee.erase({*before->account, grant.file});
  state_.grants.put(key, grant);
  if (grant.account) state_.grants_of_grantee.put({*grant.account, grant.file}, {});
  ++state_.identity_version;
  return !before;
}

Result<void> MemoryGrants::remove(FileId file, const Username& grantee) {
  const auto before = copy_of(state_.grants.find({file, grantee.str()}));
  if (!before) return Error{Errc::not_found, "no such grant"};
  state_.grants.erase({file, grantee.str()});
  if (before->account) state_.grants_of_grantee.erase({*before->account, file});
  ++state_.identity_version;
  return {};
}

Result<std::int64_t> MemoryGrants::remove_below(FileId root) {
  std::int64_t removed = 0;
  for (const auto& node : subtree(state_, root)) {
    const FileId file = node.id;
    const auto grants = state_.grants;
    grants.each_from({file, std::string{}}, [&](const auto& key, const Grant& grant) {
      if (key.first != file) return false;
      state_.grants.erase(key);
      if (grant.account) state_.grants_of_grantee.erase({*grant.account, file});
      ++removed;
      return true;
    });
  }
  if (removed > 0) ++state_.identity_version;
  return removed;
}

} // namespace baluhost::memory
