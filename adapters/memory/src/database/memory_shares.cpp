#include "database/repositories.hpp"
#include "database/trees/nodes.hpp"

#include <algorithm>

namespace baluhost::memory {
namespace {

Error no_such_share() { return Error{Errc::not_found, "no such share"}; }

/// The nodes from `file` up to its home, or up to a root in the trash; empty below one that is
/// being removed.
std::vector<const FileEntry*> way_up(const State& state, FileId file) {
  std::vector<const FileEntry*> nodes;
  for (const auto* node = state.files.find(file); node != nullptr;) {
    nodes.push_back(node);
    if (!node->parent) return state.removals.contains(node->id) ? decltype(nodes){} : nodes;
    node = state.files.find(*node->parent);
  }
  return {};
}

bool is_newer(const Share& a, const Share& b) {
  return std::pair{a.created_at, a.id} > std::pair{b.created_at, b.id};
}

template <class T>
void set(T& member, const std::optional<T>& change) {
  if (change) member = *change;
}

} // namespace

Result<std::optional<ShareState>> MemoryShares::find(const ShareId& id) const {
  const auto* share = state_.shares.find(id);
  if (share == nullptr) return std::optional<ShareState>{};
  return std::optional{ShareState{*share, state_.users.find(share->creator)->user}};
}

Result<std::vector<PlacedShare>> MemoryShares::list(const ShareFilter& filter,
                                                    const std::optional<ShareId>& after,
                                                    std::size_t limit) const {
  std::vector<PlacedShare> found;
  const auto* last = after ? state_.shares.find(*after) : nullptr;
  if (after && last == nullptr) return found;
  state_.shares.each([&](const ShareId&, const Share& share) {
    const bool fits = (!filter.id || share.id == *filter.id) &&
                      (!filter.creator || share.creator == *filter.creator) &&
                      (!filter.home || share.home == *filter.home) &&
                      (!filter.file || share.file == *filter.file);
    if (!fits || share.ended_at || (last != nullptr && !is_newer(*last, share))) return true;
    const auto nodes = way_up(state_, share.file);
    if (nodes.empty()) return true;
    const auto* asleep = state_.trash_of_root.find(nodes.back()->id);
    if (asleep != nullptr && !filter.below && !filter.asleep) return true;
    if (filter.below && std::none_of(nodes.begin(), nodes.end(),
                                     [&](const auto* node) { return node->id == *filter.below; }))
      return true;
    std::vector<std::string> names;
    for (const auto* node : nodes) names.insert(names.begin(), node->name.str());
    if (asleep != nullptr) {
      names.erase(names.begin());
      const auto& segments = state_.trash.find(*asleep)->path.segments();
      for (std::size_t i = segments.size(); i > 0; --i)
        names.insert(names.begin(), segments[i - 1].str());
    }
    auto path = FilePath::from_segments(names);
    if (path) {
      found.push_back({share, state_.users.find(share.creator)->user.username, *std::move(path),
                       nodes.front()->kind});
    }
    return true;
  });
  std::sort(found.begin(), found.end(),
            [](const auto& a, const auto& b) { return is_newer(a.share, b.share); });
  if (found.size() > limit)
    found.erase(found.begin() + static_cast<std::ptrdiff_t>(limit), found.end());
  return found;
}

Result<std::int64_t> MemoryShares::count(UserId creator) const {
  std::int64_t count = 0;
  state_.shares.each([&](const ShareId&, const Share& share) {
    if (share.creator == creator && !share.ended_at) ++count;
    return true;
  });
  return count;
}

Result<void> MemoryShares::insert(const Share& share) {
  if (!state_.files.contains(share.file) || !state_.users.contains(share.creator))
    return Error{Errc::not_found, "no such node, or no such creator"};
  if (state_.shares.contains(share.id)) return Error{Errc::internal, "a share id twice"};
  state_.shares.put(share.id, share);
  return {};
}

Result<void> MemoryShares::update(const ShareId& id, const ShareChanges& changes) {
  const auto* found = state_.shares.find(id);
  if (found == nullptr || found->ended_at) return no_such_share();
  Share share = *found;
  set(share.rights, changes.rights);
  set(share.secret, changes.secret);
  set(share.password, changes.password);
  set(share.expires_at, changes.expires_at);
  set(share.max_uses, changes.max_uses);
  set(share.max_bytes, changes.max_bytes);
  set(share.note, changes.note);
  if (changes.secret || changes.password) ++share.generation;
  state_.shares.put(id, std::move(share));
  ++state_.identity_version;
  return {};
}

Result<bool> MemoryShares::use(const ShareId& id, std::int64_t generation, Timestamp now) {
  const auto* found = state_.shares.find(id);
  if (found == nullptr || found->is_over(now) || found->is_used_up() ||
      found->generation != generation)
    return false;
  Share share = *found;
  ++share.uses;
  share.last_used_at = now;
  state_.shares.put(id, std::move(share));
  return true;
}

Result<void> MemoryShares::add_bytes(const ShareId& id, std::int64_t bytes) {
  const auto* found = state_.shares.find(id);
  if (found == nullptr || found->ended_at) return no_such_share();
  if (found->max_bytes && bytes > *found->max_bytes - found->used_bytes)
    return Error{Errc::payload_too_large, "more than the share has room for"};
  Share share = *found;
  share.used_bytes += bytes;
  state_.shares.put(id, std::move(share));
  return {};
}

Result<void> MemoryShares::end(const ShareId& id, Timestamp now) {
  const auto* found = state_.shares.find(id);
  if (found == nullptr || found->ended_at) return no_such_share();
  Share share = *found;
  share.ended_at = now;
  const auto& home = state_.users.find(share.home)->user.username;
  if (const auto* root = state_.children.find({FileId{0}, home.str()})) share.file = *root;
  state_.shares.put(id, std::move(share));
  ++state_.identity_version;
  return {};
}

Result<std::int64_t> MemoryShares::forget_ended(Timestamp before, std::size_t limit) {
  std::vector<ShareId> ended;
  state_.shares.each([&](const ShareId& id, const Share& share) {
    if (share.ended_at && *share.ended_at < before && ended.size() < limit) ended.push_back(id);
    return true;
  });
  for (const auto& id : ended) forget(id);
  return static_cast<std::int64_t>(ended.size());
}

void MemoryShares::forget_on(FileId file) {
  const auto before = state_.shares;
  before.each([&](const ShareId& id, const Share& share) {
    if (share.file == file) forget(id);
    return true;
  });
}

void MemoryShares::forget_of(UserId user) {
  const auto before = state_.shares;
  before.each([&](const ShareId& id, const Share& share) {
    if (share.creator == user || share.home == user) forget(id);
    return true;
  });
}

void MemoryShares::forget(const ShareId& id) {
  const auto uploads = state_.uploads;
  uploads.each([&](const UploadId& upload, const PendingUpload& pending) {
    if (pending.share && pending.share->id == id) state_.uploads.erase(upload);
    return true;
  });
  state_.shares.erase(id);
  ++state_.identity_version;
}

} // namespace baluhost::memory
