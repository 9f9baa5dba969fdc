#include "archives/archive_maker.hpp"

#include "baluhost/ports/transactions.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

// A tree is taken down level by level, in transactions of a few hundred entries, so that neither
// memory nor a lock grows with it: the entries that are down already say which directories are
// still to be opened. What changes meanwhile is there as it was when its directory was opened. The
// homes are locked while a directory is read and its contents are named: nobody removes a content
// in between.
namespace baluhost {
namespace {

constexpr std::size_t kPage = 1000;
constexpr std::size_t kMostDirectories = 256;

/// None for a key, and for a local operator.
std::optional<std::variant<SessionId, ShareId>> end_of(const Principal& principal) {
  if (const auto* share = principal.share()) return share->id;
  if (const auto& session = principal.session()) return *session;
  return std::nullopt;
}

ArchivePlace place_in(const ArchiveEntry& directory, const FileEntry& child) {
  return {.path = directory.path + "/" + child.name.str(), .directory = directory.name};
}

} // namespace

Result<Archive> ArchiveMaker::make() {
  BALUHOST_TRY(auto layout, begin());
  const ArchiveId id = layout.archive().id;
  auto made = [&]() -> Result<void> {
    BALUHOST_CHECK(take_trees(layout));
    layout.finish();
    return deps_.database.bookkeep([&](Bookkeeping& tx) -> Result<void> {
      BALUHOST_CHECK(gate_.hold(tx, homes()));
      return tx.archives().update(layout.archive());
    });
  }();
  if (made) return layout.archive();
  // As if it had not been used for long: the sweep takes it.
  [[maybe_unused]] const auto given_up = deps_.database.bookkeep(
      [&](Bookkeeping& tx) { return tx.archives().touch(id, Timestamp{}); });
  return std::move(made).error();
}

Result<Archive> ArchiveMaker::draft() const {
  BALUHOST_TRY(const auto random, deps_.random.bytes(ArchiveId::kBytes));
  const auto now = deps_.clock.now();
  std::string name = "archive";
  const auto& first = request_.paths.front();
  if (request_.name)
    name = request_.name->str();
  else if (request_.paths.size() == 1 && !(first.is_shared() && first.segments().size() == 1))
    name = request_.paths.front().name().str();
  if (!name.ends_with(".zip")) name += ".zip";
  return Archive{.id = ArchiveId{to_hex(random)},
                 .owner = *principal_.user(),
                 .ends_with = *end_of(principal_),
                 .name = std::move(name),
                 .comment = {},
                 .created_at = now,
                 .used_at = now};
}

Result<void> ArchiveMaker::check_use(ReadTransaction& tx) const {
  BALUHOST_TRY(const auto use, tx.archives().use_of(*principal_.user()));
  const auto& limits = deps_.limits;
  if (limits.archives > 0 && use.archives >= limits.archives)
    return Error{Errc::quota_exceeded, "as many archives are there as may be"};
  if (limits.entries > 0 && use.entries >= 2 * limits.entries)
    return Error{Errc::quota_exceeded, "the archives have as many entries as they may have"};
  return {};
}

/// One of each home that the archive takes from.
std::vector<FilePath> ArchiveMaker::homes() const {
  std::set<std::string> seen;
  std::vector<FilePath> homes;
  for (const auto& path : request_.paths)
    if (seen.insert(path.home()).second) homes.push_back(path);
  return homes;
}

Result<ArchiveLayout> ArchiveMaker::begin() {
  if (!principal_.user() || !end_of(principal_))
    return Error{Errc::forbidden, "archives are made by sessions and shares"};
  BALUHOST_CHECK(deps_.database.admit(SpaceUse::grows));
  BALUHOST_TRY(const auto archive, draft());
  return bookkeep(deps_.database, [&](Bookkeeping& tx) -> Result<ArchiveLayout> {
    BALUHOST_CHECK(gate_.hold(tx, homes()));
    BALUHOST_CHECK(check_use(tx.view()));
    ArchiveLayout layout{archive};
    BALUHOST_TRY(const auto roots, take_roots(tx, layout));
    BALUHOST_CHECK(tx.archives().insert(archive));
    BALUHOST_CHECK(keep(tx, layout, roots));
    return layout;
  });
}

Result<std::vector<ArchiveEntry>> ArchiveMaker::take_roots(Bookkeeping& tx, ArchiveLayout& layout) {
  DirectoryNames names;
  std::set<FilePath> seen;
  std::vector<ArchiveEntry> entries;
  for (const auto& path : request_.paths) {
    if (!seen.insert(path).second) continue;
    at_ = path.str();
    BALUHOST_TRY(const auto access, gate_.admit(tx.view(), path, Right::read));
    at_ = access.place_of(path).str();
    if (!access.resolution.complete) return Error{Errc::not_found, "nothing is there"};
    BALUHOST_TRY(auto entry,
                 layout.add(access.resolution.found.back(), {.path = at_, .directory = {}}, names));
    entries.push_back(std::move(entry));
  }
  return entries;
}

/// Writes `entries`, and how far the archive is with them.
Result<void> ArchiveMaker::keep(Bookkeeping& tx, const ArchiveLayout& layout,
                                const std::vector<ArchiveEntry>& entries) const {
  if (deps_.limits.entries > 0 && layout.archive().entries > deps_.limits.entries)
    return Error{Errc::quota_exceeded, "more entries than an archive may have"};
  BALUHOST_CHECK(tx.archives().append(layout.archive().id, entries));
  return tx.archives().update(layout.archive());
}

Result<void> ArchiveMaker::take_trees(ArchiveLayout& layout) {
  const ArchiveId id = layout.archive().id;
  std::int64_t opened = -1;
  std::size_t at_once = 1;
  for (;;) {
    const auto next = [&](ReadTransaction& tx) {
      return tx.archives().directories_after(id, opened, at_once);
    };
    BALUHOST_TRY(const auto directories, query(deps_.database, next));
    if (directories.empty()) return {};
    at_ = directories.front().path;
    BALUHOST_TRY(const bool taken, take_all_of(directories, layout));
    if (!taken && at_once > 1) {
      at_once /= 2;
      continue;
    }
    if (!taken) BALUHOST_CHECK(take_large(directories.front(), layout));
    opened = directories.back().offset;
    at_once = std::min(at_once * 2, kMostDirectories);
  }
}

/// False, and nothing taken, where there is more in them than fits into one transaction.
Result<bool> ArchiveMaker::take_all_of(const Directories& directories, ArchiveLayout& layout) {
  std::vector<FileId> ids;
  for (const auto& directory : directories) ids.push_back(directory.file);
  struct Taken {
    ArchiveLayout layout;
    bool all{false};
  };
  const auto work = [&](Bookkeeping& tx) -> Result<Taken> {
    Taken taken{layout};
    BALUHOST_CHECK(gate_.hold(tx, homes()));
    BALUHOST_TRY(const auto children, tx.view().files().children_of(ids, kPage + 1));
    taken.all = children.size() <= kPage;
    if (!taken.all) return taken;
    std::map<FileId, std::vector<const FileEntry*>> by_directory;
    for (const auto& child : children) by_directory[*child.parent].push_back(&child);
    std::vector<ArchiveEntry> entries;
    for (const auto& directory : directories) {
      auto& nodes = by_directory[directory.file];
      std::ranges::sort(nodes, {}, [](const FileEntry* node) { return node->name; });
      DirectoryNames names;
      for (const FileEntry* node : nodes) {
        BALUHOST_TRY(auto entry, taken.layout.add(*node, place_in(directory, *node), names));
        entries.push_back(std::move(entry));
      }
    }
    if (!entries.empty()) BALUHOST_CHECK(keep(tx, taken.layout, entries));
    return taken;
  };
  BALUHOST_TRY(auto taken, bookkeep(deps_.database, work));
  layout = std::move(taken.layout);
  return taken.all;
}

/// One directory, page by page.
Result<void> ArchiveMaker::take_large(const ArchiveEntry& directory, ArchiveLayout& layout) {
  struct Taken {
    ArchiveLayout layout;
    DirectoryNames names;
    std::optional<FileName> last;
  };
  Taken so_far{layout, {}, {}};
  for (;;) {
    const auto work = [&](Bookkeeping& tx) -> Result<Taken> {
      Taken taken = so_far;
      taken.last.reset();
      BALUHOST_CHECK(gate_.hold(tx, homes()));
      BALUHOST_TRY(const auto children,
                   tx.view().files().children(directory.file, so_far.last, kPage));
      std::vector<ArchiveEntry> entries;
      for (const auto& node : children) {
        BALUHOST_TRY(auto entry, taken.layout.add(node, place_in(directory, node), taken.names));
        entries.push_back(std::move(entry));
        taken.last = node.name;
      }
      if (!entries.empty()) BALUHOST_CHECK(keep(tx, taken.layout, entries));
      return taken;
    };
    BALUHOST_TRY(so_far, bookkeep(deps_.database, work));
    layout = so_far.layout;
    if (!so_far.last) return {};
  }
}

} // namespace baluhost
