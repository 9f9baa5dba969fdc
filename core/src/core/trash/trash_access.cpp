#include "trash/trash_access.hpp"

#include <algorithm>
#include <map>

namespace baluhost {

Result<std::vector<PathStanding>> standings_of(ReadTransaction& tx, const Principal& caller,
                                               std::span<const TrashEntry> entries) {
  const auto bounds = path_bounds(caller.credential());
  const auto user = caller.user();
  std::vector<FileId> parents;
  const bool has_all = caller.role() == Role::admin && !bounds.root;
  for (const auto& entry : entries) {
    if (entry.parent && user && !has_all && (entry.owner != *user || bounds.root))
      parents.push_back(*entry.parent);
  }
  std::map<FileId, FileStanding> above;
  if (!parents.empty()) {
    BALUHOST_TRY(const auto found, tx.grants().standings(*user, parents, bounds.root));
    for (const auto& standing : found) above.emplace(standing.file, standing);
  }
  std::vector<PathStanding> standings;
  for (const auto& entry : entries) {
    PathStanding standing{.role = caller.role(),
                          .owns_home = user && entry.owner == *user,
                          .granted = {},
                          .within = bounds.rights};
    const auto found = entry.parent ? above.find(*entry.parent) : above.end();
    const bool is_found = found != above.end() && found->second.owner == entry.owner;
    if (user && entry.deleter == *user) {
      const auto granted = is_found ? entry.granted | found->second.granted : entry.granted;
      if (granted.includes(Right::remove)) standing.granted = granted;
    }
    standing.is_outside = bounds.root && !(is_found && found->second.is_below);
    standings.push_back(standing);
  }
  return standings;
}

} // namespace baluhost
