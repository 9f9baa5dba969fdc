#include "access/file_rights.hpp"

#include "access/path_access.hpp"
#include "baluhost/ports/transactions.hpp"

#include <algorithm>
#include <map>
#include <string>

// A file that moved is judged where it lies: it may have been taken out of what was shared. One
// that is gone can be given by none any more but its owner, who has the archive.
namespace baluhost {
namespace {

bool includes_read(const PathStanding& standing) {
  return rights_on(standing).includes(Right::read);
}

/// Those of `files` that are there still, and how the caller stands to them.
Result<std::map<FileId, PathStanding>> present_of(ReadTransaction& tx, const Principal& caller,
                                                  const PathBounds& bounds,
                                                  std::span<const FormerPlace> files) {
  std::map<FileId, PathStanding> present;
  if (!caller.user()) return present;
  std::vector<FileId> ids;
  for (const auto& place : files) ids.push_back(place.file);
  BALUHOST_TRY(const auto standings, tx.grants().standings(*caller.user(), ids, bounds.root));
  const auto* share = caller.share();
  for (const auto& standing : standings)
    present[standing.file] = {
        .role = share != nullptr ? share->creator_role : caller.role(),
        .owns_home = standing.owner == *caller.user(),
        .granted = share != nullptr && !standing.granted.includes(Right::share) ? Rights{}
                                                                                : standing.granted,
        .within = bounds.rights,
        .is_outside = !standing.is_below};
  return present;
}

} // namespace

Result<std::vector<bool>> may_read(ReadTransaction& tx, const Principal& caller,
                                   std::span<const FormerPlace> files) {
  const auto bounds = path_bounds(caller.credential());
  if (!bounds.rights.includes(Right::read)) return std::vector<bool>(files.size(), false);
  std::vector<bool> allowed(files.size(), true);
  if (files.empty() || (!bounds.root && includes_read({.role = caller.role()}))) return allowed;
  BALUHOST_TRY(const auto present, present_of(tx, caller, bounds, files));
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto found = present.find(files[i].file);
    allowed[i] = found != present.end() ? includes_read(found->second)
                                        : files[i].owner == caller.user() && !bounds.root;
  }
  return allowed;
}

Result<bool> may_read(ReadTransaction& tx, const Principal& caller, const FileEntry& entry) {
  const FormerPlace place{.file = entry.id, .owner = entry.owner, .path = {}};
  BALUHOST_TRY(const auto allowed, may_read(tx, caller, std::span(&place, 1)));
  return allowed.front();
}

Result<std::size_t> count_readable(Database& database, AuditLog& audit_log, const Principal& caller,
                                   std::span<const FormerPlace> files) {
  BALUHOST_TRY(const auto allowed,
               query(database, [&](ReadTransaction& tx) { return may_read(tx, caller, files); }));
  const auto count = static_cast<std::size_t>(std::ranges::find(allowed, false) - allowed.begin());
  if (count > 0 || files.empty()) return count;
  return audit_log.denied(caller, files.front().path, Operation::download,
                          Rights{Right::read}.to_text(),
                          Error{Errc::forbidden, "lacks the right on a file by now"});
}

} // namespace baluhost
