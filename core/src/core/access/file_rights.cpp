#include "access/file_rights.hpp"

#include "access/path_access.hpp"
#include "baluhost/ports/transactions.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string>

// A file that moved is judged where it lies: it may have been taken out of what was shared. Of one
// that is gone its former directory decides, which is looked up once for all files of it that stand
// together.
namespace baluhost {
namespace {

bool includes_read(const PathStanding& standing) {
  return rights_on(standing).includes(Right::read);
}

/// Decides by the places that files had.
class FormerPlaces {
 public:
  FormerPlaces(ReadTransaction& tx, const Principal& caller, const PathBounds& bounds)
      : tx_(tx), caller_(caller), bounds_(bounds) {}

  Result<bool> may_read(const FormerPlace& place) {
    if (place.owner == caller_.user() && !bounds_.root) return true;
    const auto directory = place.path.substr(0, place.path.rfind('/'));
    if (directory_ == directory) return allowed_;
    BALUHOST_TRY(const auto path, FilePath::parse(directory.empty() ? place.path : directory));
    BALUHOST_TRY(const auto access, look_up_place(tx_, caller_, path));
    directory_ = directory;
    allowed_ = includes_read(access.standing);
    return allowed_;
  }

 private:
  ReadTransaction& tx_;
  const Principal& caller_;
  PathBounds bounds_;
  std::optional<std::string_view> directory_;
  bool allowed_{false};
};

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
  FormerPlaces former(tx, caller, bounds);
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (const auto found = present.find(files[i].file); found != present.end()) {
      allowed[i] = includes_read(found->second);
      continue;
    }
    BALUHOST_TRY(allowed[i], former.may_read(files[i]));
  }
  return allowed;
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
