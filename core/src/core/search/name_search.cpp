#include "search/name_search.hpp"

#include "access/file_rights.hpp"
#include "baluhost/core/access/access_policy.hpp"
#include "files/file_tree.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

// The order of results is by relevance and path, and no index has it: of a million matches it would
// be known only once all are read. So all are put in order where one window holds them. Where more
// match they come part by part, names that are the searched text first, and the order of a part is
// kept within windows of matches, which the repository has in the order of their ids, the newest
// first. A cursor names the window, so that a page goes on in it whatever came since.
namespace baluhost {
namespace {

constexpr std::size_t kWindow = 1000;

/// Matches that are read for a page, most of them for nothing: they lie in the trash, in a home of
/// which the caller may read a part, or not below the path that is searched.
constexpr std::size_t kMostRead = 10'000;

/// Of somebody's rights in others' homes; with more of them those homes are searched as a whole.
constexpr std::size_t kMostTrees = 256;

std::optional<NameQuery::Part> part_after(NameQuery::Part part) noexcept {
  switch (part) {
    case NameQuery::Part::whole_name:
      return NameQuery::Part::beginning;
    case NameQuery::Part::beginning:
      return NameQuery::Part::rest;
    case NameQuery::Part::all:
    case NameQuery::Part::rest:
      break;
  }
  return std::nullopt;
}

} // namespace

Result<SearchPage> NameSearch::find(const std::optional<SearchPosition>& after, std::size_t limit) {
  BALUHOST_CHECK(look_where());
  SearchPage page;
  auto window = after ? after->window : SearchWindow{};
  const auto* last_seen = after ? &*after : nullptr;
  std::optional<Found> newest;     // of all parts together, which is too much for one window
  std::optional<FileId> newest_of; // nothing that matches comes before it, whatever its part
  for (;;) {
    const bool is_known =
        newest && window.part == NameQuery::Part::rest && window.from == newest_of;
    BALUHOST_TRY(auto found, is_known ? rest_of(*std::exchange(newest, {})) : read(window));
    if (window.part == NameQuery::Part::all && !after && !found.is_last) {
      newest_of = found.window.from;
      newest = std::move(found);
      window = {.part = NameQuery::Part::whole_name, .from = newest_of, .to = {}};
      read_ = 0;
      continue;
    }
    for (auto& result : found.results) {
      if (last_seen != nullptr && !comes_before(*last_seen, result.position)) continue;
      if (page.results.size() == limit) {
        page.next = page.results.back().position;
        return page;
      }
      page.results.push_back(std::move(result));
    }
    last_seen = nullptr;
    const auto next_part = part_after(window.part);
    if (window.part == NameQuery::Part::all || (found.is_last && !next_part)) return page;
    window = {.part = found.is_last ? *next_part : window.part,
              .from = found.is_last ? newest_of : found.window.to,
              .to = {}};
    if (read_ < kMostRead) continue;
    page.next = SearchPosition{.window = window, .relevance = {}, .path = {}};
    return page;
  }
}

/// The homes and trees that the caller may read.
Result<void> NameSearch::look_where() {
  if (root_) {
    if (root_->parent)
      space_.trees.push_back(root_->id);
    else
      space_.owners.push_back(root_->owner);
    return {};
  }
  space_.all_homes = rights_on({.role = principal_.role()}).includes(Right::read);
  if (space_.all_homes || !principal_.user()) return {};
  space_.owners.push_back(*principal_.user());
  BALUHOST_TRY(const auto grants,
               tx_.grants().list_of_grantee(*principal_.user(), FileId{}, kMostTrees + 1));
  if (grants.size() > kMostTrees) {
    BALUHOST_TRY(const auto owners, tx_.grants().homes_visible_to(*principal_.user()));
    space_.owners.insert(space_.owners.end(), owners.begin(), owners.end());
    return {};
  }
  for (const auto& placed : grants)
    if (placed.grant.rights.includes(Right::read)) space_.trees.push_back(placed.grant.file);
  return {};
}

/// What is in `window`, in its order; where it says no end, it is given one.
Result<NameSearch::Found> NameSearch::read(SearchWindow window) {
  query_.part = window.part;
  Found found{.window = window, .results = {}};
  std::vector<FileInfo> infos;
  auto before = window.from;
  const auto is_full = [&] {
    return window.to ? before && *before <= *window.to
                     : infos.size() >= kWindow || read_ >= kMostRead;
  };
  while (!found.is_last && !is_full()) {
    BALUHOST_TRY(auto entries, tx_.search().matches(query_, space_, before, kWindow));
    found.is_last = entries.size() < kWindow;
    read_ += entries.size();
    if (entries.empty()) break;
    if (!found.window.from) found.window.from = FileId{entries.front().id.value + 1};
    before = entries.back().id;
    if (window.to)
      std::erase_if(entries, [&](const FileEntry& entry) { return entry.id < *window.to; });
    BALUHOST_TRY(auto some, readable(std::move(entries)));
    std::ranges::move(some, std::back_inserter(infos));
  }
  // What lies below the end of a window is for the next one.
  if (window.to && before && *before < *window.to) found.is_last = false;
  if (!window.to) found.window.to = before;
  found.results = ordered(found.window, std::move(infos));
  return found;
}

/// What is neither the query nor begins with it, of a window of all parts.
Result<NameSearch::Found> NameSearch::rest_of(Found found) {
  found.window.part = NameQuery::Part::rest;
  std::erase_if(found.results, [](const SearchResult& result) {
    return result.position.relevance <= Relevance::beginning;
  });
  for (auto& result : found.results) result.position.window = found.window;
  return found;
}

std::vector<SearchResult> NameSearch::ordered(const SearchWindow& window,
                                              std::vector<FileInfo> infos) const {
  std::vector<SearchResult> results;
  results.reserve(infos.size());
  for (auto& info : infos) {
    SearchPosition position{.window = window,
                            .relevance = relevance_of(query_, search_key(info.entry.name.str())),
                            .path = info.path.str()};
    results.push_back({std::move(info), std::move(position)});
  }
  std::ranges::sort(results, [](const SearchResult& a, const SearchResult& b) {
    return comes_before(a.position, b.position);
  });
  return results;
}

/// Those that lie in a home and below the root, and which the caller may read.
Result<std::vector<FileInfo>> NameSearch::readable(std::vector<FileEntry> entries) {
  BALUHOST_CHECK(look_up(entries));
  std::vector<FileInfo> placed;
  for (auto& entry : entries) {
    if (root_ && !lies_in(entry, root_->id)) continue;
    if (auto path = path_of(entry)) placed.push_back(info_of(std::move(entry), *path));
  }
  // All of one's own home: where the credential is for a part of it, that part is the root.
  const bool may_read_home = path_bounds(principal_.credential()).rights.includes(Right::read);
  const auto is_surely_readable = [&](const FileInfo& info) {
    return may_read_home && info.entry.owner == principal_.user();
  };
  std::vector<FormerPlace> places;
  for (const auto& info : placed)
    if (!is_surely_readable(info)) places.push_back({info.entry.id, info.entry.owner, {}});
  BALUHOST_TRY(const auto allowed, may_read(tx_, principal_, places));
  std::vector<FileInfo> infos;
  auto next = allowed.begin();
  for (auto& info : placed)
    if (is_surely_readable(info) || *next++) infos.push_back(std::move(info));
  return infos;
}

/// Learns what lies above `entries`, as far as that is not known.
Result<void> NameSearch::look_up(const std::vector<FileEntry>& entries) {
  std::set<FileId> unknown;
  for (const auto& entry : entries)
    if (entry.parent && !directories_.contains(*entry.parent) && !missing_.contains(*entry.parent))
      unknown.insert(*entry.parent);
  const std::vector<FileId> ids(unknown.begin(), unknown.end());
  BALUHOST_TRY(auto nodes, tx_.search().ways_up(ids));
  for (auto& node : nodes) {
    const auto id = node.id;
    directories_.emplace(id, std::move(node));
  }
  for (const auto id : ids)
    if (!directories_.contains(id)) missing_.insert(id);
  return {};
}

bool NameSearch::lies_in(const FileEntry& entry, FileId root) const {
  if (entry.id == root) return true;
  auto id = entry.parent;
  while (id && *id != root) {
    const auto found = directories_.find(*id);
    id = found == directories_.end() ? std::nullopt : found->second.parent;
  }
  return id.has_value();
}

/// The path that leads to `entry`; none if it begins in no home.
std::optional<FilePath> NameSearch::path_of(const FileEntry& entry) const {
  std::vector<std::string> segments{entry.name.str()};
  auto parent = entry.parent;
  while (parent) {
    const auto found = directories_.find(*parent);
    if (found == directories_.end() || segments.size() > FilePath::kMostSegments)
      return std::nullopt;
    segments.push_back(found->second.name.str());
    parent = found->second.parent;
  }
  std::ranges::reverse(segments);
  auto path = FilePath::from_segments(segments);
  return path ? std::optional{*std::move(path)} : std::nullopt;
}

} // namespace baluhost
