#include "repositories.hpp"

#include <set>

namespace baluhost::memory {

Result<Rights> MemoryGrants::rights_on(UserId grantee, std::span<const FileId> files) const {
  Rights rights;
  for (const FileId file : files) {
    if (const auto* grant = state_.grants.find({file, grantee})) rights |= grant->rights;
  }
  return rights;
}

Result<std::optional<Grant>> MemoryGrants::find(FileId file, UserId grantee) const {
  return copy_of(state_.grants.find({file, grantee}));
}

Result<std::vector<Grant>> MemoryGrants::list_of_file(FileId file, UserId after_grantee, std::size_t limit) const {
  std::vector<Grant> grants;
  state_.grants.each_after({file, after_grantee}, [&](const std::pair<FileId, UserId>& key, const Grant& grant) {
    if (key.first != file || grants.size() >= limit) return false;
    grants.push_back(grant);
    return true;
  });
  return grants;
}

Result<std::vector<Grant>> MemoryGrants::list_of_grantee(UserId grantee, FileId after_file, std::size_t limit) const {
  std::vector<Grant> grants;
  state_.grants_of_grantee.each_after({grantee, after_file}, [&](const std::pair<UserId, FileId>& key, auto) {
    if (key.first != grantee || grants.size() >= limit) return false;
    grants.push_back(*state_.grants.find({key.second, grantee}));
    return true;
  });
  return grants;
}

Result<std::vector<UserId>> MemoryGrants::homes_visible_to(UserId grantee) const {
  std::set<UserId> owners;
  state_.grants_of_grantee.each_from({grantee, FileId{}}, [&](const std::pair<UserId, FileId>& key, auto) {
    if (key.first != grantee) return false;
    const auto& grant = *state_.grants.find({key.second, grantee});
    if (grant.rights.includes(Right::read)) owners.insert(state_.files.find(key.second)->owner);
    return true;
  });
  return std::vector<UserId>(owners.begin(), owners.end());
}

Result<bool> MemoryGrants::put(const Grant& grant) {
  if (!state_.files.contains(grant.file)) return Error{Errc::not_found, "no such node"};
  if (!state_.users.contains(grant.grantee)) return Error{Errc::not_found, "no such grantee"};
  const bool is_new = !state_.grants.contains({grant.file, grant.grantee});
  state_.grants.put({grant.file, grant.grantee}, grant);
  state_.grants_of_grantee.put({grant.grantee, grant.file}, {});
  ++state_.identity_version;
  return is_new;
}

Result<void> MemoryGrants::remove(FileId file, UserId grantee) {
  if (!state_.grants.erase({file, grantee})) return Error{Errc::not_found, "no such grant"};
  state_.grants_of_grantee.erase({grantee, file});
  ++state_.identity_version;
  return {};
}

Result<std::int64_t> MemoryGrants::remove_below(FileId root) {
  std::int64_t removed = 0;
  for (const auto& node : subtree(state_, root)) {
    const FileId file = node.entry.id;
    const auto grants = state_.grants;
    grants.each_from({file, UserId{}}, [&](const std::pair<FileId, UserId>& key, const Grant&) {
      if (key.first != file) return false;
      state_.grants.erase(key);
      state_.grants_of_grantee.erase({key.second, file});
      ++removed;
      return true;
    });
  }
  if (removed > 0) ++state_.identity_version;
  return removed;
}

} // namespace baluhost::memory
