#include "model/plain_host.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

// Written from the contract, not from the product: where the two differ, one of them is wrong.
namespace baluhost::test {
PlainCount PlainHost::count(const PlainNode& node) {
  PlainCount sum;
  if (node.is_file) {
    sum = {.files = 1, .bytes = size_of(node.present)};
    for (const auto& content : node.former) sum.version_bytes += size_of(content);
    return sum;
  }
  sum.directories = 1;
  for (const auto& [name, child] : node.children) {
    const auto below = count(*child);
    sum.files += below.files;
    sum.directories += below.directories;
    sum.bytes += below.bytes;
    sum.version_bytes += below.version_bytes;
  }
  return sum;
}

PlainFigures PlainHost::figures(const std::string& home) const {
  const auto live = count(*homes.at(home).root);
  PlainFigures sum{.used = live.bytes + live.version_bytes,
                   .files = live.files,
                   .entries = live.entries() - 1,
                   .versions = live.version_bytes};
  for (const auto& entry : trash) {
    if (home_of(entry.path) != home) continue;
    const auto waiting = count(*entry.root);
    sum.trash += waiting.bytes + waiting.version_bytes;
    sum.entries += waiting.entries();
  }
  sum.used += sum.trash;
  return sum;
}

std::int64_t PlainHost::room(const std::string& home) const {
  return homes.at(home).quota - figures(home).used;
}

std::set<int> PlainHost::blobs() const {
  std::set<int> found;
  const auto add = [&](PlainNode& node, const std::string&) {
    if (!node.is_file) return;
    found.insert(node.present.blob);
    for (const auto& content : node.former) found.insert(content.blob);
  };
  for (const auto& [name, home] : homes) walk(*home.root, "", add);
  for (const auto& entry : trash) walk(*entry.root, "", add);
  return found;
}

std::vector<std::string> PlainHost::search(const Actor& who, char letter) const {
  std::vector<std::string> found;
  for (const auto& [name, home] : homes) {
    walk(*home.root, "/" + name, [&](PlainNode&, const std::string& path) {
      const bool is_home = parent_of(path).empty();
      if (!is_home && name_of(path).find(letter) != std::string::npos &&
          look(who, path).rights.includes(Right::read))
        found.push_back(path);
    });
  }
  std::ranges::sort(found);
  return found;
}

PlainNode* PlainHost::at(const std::string& path) const { return look({}, path).there(); }

PlainHost::Found PlainHost::look(const Actor& who, const std::string& path) const {
  const auto names = segments(path);
  Found found;
  found.nodes.push_back(homes.at(names.front()).root.get());
  std::size_t known = 1;
  for (; known < names.size(); ++known) {
    const auto next = found.nodes.back()->children.find(names[known]);
    if (next == found.nodes.back()->children.end()) break;
    found.nodes.push_back(next->second.get());
  }
  found.is_complete = known == names.size();
  found.has_all_say = !who || *who == names.front();
  found.rights = found.has_all_say ? Rights::all() : granted_along(found.nodes, *who);
  return found;
}

std::vector<std::string> PlainHost::missing(const std::string& path, const Found& found) const {
  std::vector<std::string> paths;
  auto names = segments(path);
  std::string so_far;
  for (std::size_t i = 0; i < names.size(); ++i) {
    so_far += "/" + names[i];
    if (i >= found.nodes.size()) paths.push_back(so_far);
  }
  return paths;
}

PlainNode& PlainHost::make(PlainNode& above, const std::vector<std::string>& paths) {
  auto* last = &above;
  for (const auto& path : paths) {
    last = last->children.emplace(name_of(path), std::make_shared<PlainNode>()).first->second.get();
    tell("create_directory", path);
  }
  return *last;
}

/// Bytes of versions that are beyond the `most` replaced last.
std::int64_t PlainHost::surplus(const PlainNode& file, std::int64_t most) const {
  if (keep_.versions_keep == 0) return 0;
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i + static_cast<std::size_t>(most) < file.former.size(); ++i)
    bytes += size_of(file.former[i]);
  return bytes;
}

void PlainHost::trim(PlainNode& file, const std::string& path) {
  if (keep_.versions_keep == 0) return;
  while (std::cmp_greater(file.former.size(), keep_.versions_keep)) {
    file.former.erase(file.former.begin());
    tell("version_removed", path);
  }
}

/// Equal content keeps its name, in another blob.
void PlainHost::replace(PlainNode& file, const PlainContent& fresh) {
  if (file.present.text == fresh.text) {
    file.present.blob = fresh.blob;
    return;
  }
  auto there = std::exchange(file.present, fresh);
  there.replaced = now;
  if (keep_.versions_keep > 0) file.former.push_back(std::move(there));
}

void PlainHost::take_over(const PlainNode& file, PlainNode& heir) {
  heir.former.insert(heir.former.end(), file.former.begin(), file.former.end());
  std::ranges::stable_sort(heir.former, {}, &PlainContent::replaced);
  if (file.present.text == heir.present.text || keep_.versions_keep == 0) return;
  heir.former.push_back(file.present);
  heir.former.back().replaced = now;
}

void PlainHost::tell_files(const std::string& action, const std::string& path,
                           const PlainNode& node) {
  for (const auto& [name, child] : node.children) {
    const auto below = path + "/" + name;
    if (child->is_file) tell(action, below);
    tell_files(action, below, *child);
  }
}

PlainHost::Failure PlainHost::put(const Actor& who, const std::string& path,
                                  const std::string& text, bool overwrite, bool parents) {
  const auto found = look(who, path);
  if (const auto no = lacks(found.rights, Right::write)) return no;
  auto* there = found.there();
  if (there != nullptr && !there->is_file) return Errc::conflict;
  if (there != nullptr && !overwrite) return Errc::already_exists;
  if (found.above()->is_file) return Errc::conflict;
  auto to_make = missing(path, found);
  if (to_make.size() > 1 && !parents) return Errc::not_found;

  const auto home = home_of(path);
  if (figures(home).entries + static_cast<std::int64_t>(to_make.size()) > most_entries_ &&
      there == nullptr)
    return Errc::quota_exceeded;
  const auto bytes = static_cast<std::int64_t>(text.size());
  const bool keeps = keep_.versions_keep > 0;
  // Room is asked for before the content is known: what has the size of the present one is let in.
  if (there == nullptr || size_of(there->present) != bytes) {
    std::int64_t goes = 0;
    if (there != nullptr)
      goes = keeps ? surplus(*there, keep_.versions_keep - 1) : size_of(there->present);
    if (bytes > goes && bytes - goes > room(home)) return Errc::quota_exceeded;
  }
  if (there != nullptr && there->present.text != text) {
    const auto grows =
        keeps ? bytes - surplus(*there, keep_.versions_keep - 1) : bytes - size_of(there->present);
    if (grows > 0 && grows > room(home)) return Errc::quota_exceeded;
  }

  const PlainContent fresh{.text = text, .blob = ++last_blob_, .became = now};
  if (there == nullptr) {
    to_make.pop_back();
    auto file = std::make_shared<PlainNode>();
    file->is_file = true;
    file->present = fresh;
    make(*found.above(), to_make).children.emplace(name_of(path), std::move(file));
  } else {
    replace(*there, fresh);
    trim(*there, path);
  }
  tell("upload", path);
  return {};
}

PlainHost::Failure PlainHost::make_directory(const Actor& who, const std::string& path,
                                             bool parents) {
  const auto found = look(who, path);
  if (const auto no = lacks(found.rights, Right::write)) return no;
  if (found.is_complete && !parents) return Errc::already_exists;
  if (found.nodes.back()->is_file) return Errc::conflict;
  const auto to_make = missing(path, found);
  if (to_make.size() > 1 && !parents) return Errc::not_found;
  const auto entries = figures(home_of(path)).entries + static_cast<std::int64_t>(to_make.size());
  if (!to_make.empty() && entries > most_entries_) return Errc::quota_exceeded;
  make(*found.nodes.back(), to_make);
  return {};
}

PlainHost::Failure PlainHost::relocate(const Actor& who, const std::string& from,
                                       const std::string& to, bool overwrite, bool copies) {
  const auto source = look(who, from);
  const auto target = look(who, to);
  const auto from_home = home_of(from);
  const auto to_home = home_of(to);
  const bool leaves = from_home != to_home;
  Rights needed = Right::read;
  if (!copies) needed = Right::write | Rights{Right::remove};
  if (leaves) needed |= Right::read;
  if (const auto no = lacks(source.rights, needed)) return no;
  if (const auto no = lacks(target.rights, Right::write)) return no;
  if (target.rights.includes(Right::read)) {
    if (const auto no = lacks(source.rights, needed | Right::read)) return no;
  }
  if (!source.is_complete) return Errc::not_found;
  const auto is_home = [](const std::string& path) { return segments(path).size() == 1; };
  if (is_home(to) || (!copies && is_home(from))) return Errc::conflict;
  if (lies_in(to, from)) return Errc::conflict;
  auto* node = source.there();
  auto* there = target.there();
  if (there != nullptr) {
    if (!overwrite) return Errc::already_exists;
    if (there->is_file != node->is_file || !there->children.empty()) return Errc::conflict;
  }
  if (target.above()->is_file) return Errc::conflict;
  if (missing(to, target).size() > 1) return Errc::not_found;

  const auto sum = count(*node);
  auto* above = target.above();
  auto heir =
      copies ? copy_of(*node, now) : look({}, parent_of(from)).there()->children.at(name_of(from));
  if (copies && there != nullptr && there->is_file) {
    // The file stays the same one, with its grants, and gets another content.
    heir = std::make_shared<PlainNode>(*there);
    replace(*heir, copy_of(*node, now)->present);
  } else if (there != nullptr && there->is_file) {
    heir = std::make_shared<PlainNode>(*heir);
    take_over(*there, *heir);
  }
  // What of it changes the size of the home: all that comes, less what goes.
  const auto before = there != nullptr ? count(*there) : PlainCount{};
  const auto beyond = heir->is_file ? surplus(*heir, keep_.versions_keep) : 0;
  const auto after = count(*heir);
  const bool comes = copies || leaves;
  if (comes) {
    const auto grows =
        after.bytes + after.version_bytes - beyond - before.bytes - before.version_bytes;
    if (grows > 0 && grows > room(to_home)) return Errc::quota_exceeded;
    const auto entries = sum.entries() - before.entries();
    if (entries > 0 && figures(to_home).entries + entries > most_entries_)
      return Errc::quota_exceeded;
  }
  if (leaves && !copies)
    walk(*heir, "", [](PlainNode& below, const std::string&) { below.grants.clear(); });
  // The node itself, where it moves: the trash knows in which directory something lay.
  if (!copies) look({}, parent_of(from)).there()->children.erase(name_of(from));
  above->children[name_of(to)] = heir;
  const bool renames = !copies && parent_of(from) == parent_of(to);
  tell(copies ? "copy" : renames ? "rename" : "move", to);
  if (heir->is_file) trim(*heir, to);
  if (!copies && !leaves) settle(to_home);
  return {};
}

PlainHost::Failure PlainHost::remove(const Actor& who, const std::string& path, bool recursive,
                                     bool for_good) {
  const auto found = look(who, path);
  if (const auto no = lacks(found.rights, Right::remove)) return no;
  auto* there = found.there();
  if (there == nullptr) return Errc::not_found;
  if (segments(path).size() == 1) return Errc::conflict;
  if (!there->children.empty() && !recursive) return Errc::conflict;
  const auto parent = parent_of(path);
  auto* above = found.above();
  const auto node = above->children.at(name_of(path));
  above->children.erase(name_of(path));
  const bool waits = !for_good && keep_.trash_days > 0;
  tell(waits ? "trash" : "delete", path);
  tell_files(waits ? "trash" : "delete", path, *node);
  if (!waits) return {};
  const auto names = segments(parent);
  auto directory = homes.at(names.front()).root;
  for (std::size_t i = 1; i < names.size(); ++i) directory = directory->children.at(names[i]);
  trash.push_back({node, path, directory, who, now + std::chrono::hours{24} * keep_.trash_days});
  return {};
}

} // namespace baluhost::test
