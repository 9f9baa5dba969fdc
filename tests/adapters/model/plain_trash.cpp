#include "model/plain_host.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace baluhost::test {

Rights PlainHost::rights_on(const Actor& who, const PlainTrash& entry) const {
  if (!who || *who == home_of(entry.path)) return Rights::all();
  if (entry.deleter != who) return {};
  Rights rights = granted_along({entry.root.get()}, *who);
  if (const auto parent = entry.parent.lock())
    rights |= granted_along(way_to(*homes.at(home_of(entry.path)).root, *parent), *who);
  return rights.includes(Right::remove) ? rights : Rights{};
}

std::optional<Errc> PlainHost::lacks_version(const Found& found, Right right, std::size_t index) {
  if (const auto no = lacks(found.rights, right)) return no;
  const auto* file = found.there();
  if (file == nullptr) return Errc::not_found;
  if (!file->is_file || index >= file->former.size()) return Errc::conflict;
  return std::nullopt;
}

bool PlainHost::sees(const Actor& who, const PlainTrash& entry) const {
  return rights_on(who, entry).includes(Right::remove);
}

PlainHost::Failure PlainHost::restore(const Actor& who, std::size_t index, const std::string& to,
                                      bool overwrite) {
  if (index >= trash.size()) return Errc::not_found;
  const auto entry = trash[index];
  if (const auto no = lacks(rights_on(who, entry), Right::remove)) return no;
  const auto found = look(who, to);
  const auto parent = entry.parent.lock();
  const bool is_as_before = to == entry.path && parent && found.nodes.back() == parent.get() &&
                            found.nodes.size() + 1 == segments(to).size();
  if (!is_as_before) {
    if (const auto no = lacks(found.rights, Right::write)) return no;
  }
  if (home_of(to) != home_of(entry.path) || segments(to).size() == 1) return Errc::conflict;
  auto* there = found.there();
  if (there != nullptr) {
    if (!overwrite) return Errc::already_exists;
    if (!there->is_file || !entry.root->is_file) return Errc::conflict;
  }
  if (found.above()->is_file) return Errc::conflict;
  auto to_make = missing(to, found);
  if (there == nullptr) to_make.pop_back();
  const auto home = home_of(to);
  const auto entries = static_cast<std::int64_t>(to_make.size());
  if (entries > 0 && figures(home).entries + entries > most_entries_) return Errc::quota_exceeded;
  if (there != nullptr) take_over(*there, *entry.root);
  trash.erase(trash.begin() + static_cast<std::ptrdiff_t>(index));
  make(*found.above(), to_make).children[name_of(to)] = entry.root;
  if (there != nullptr) trim(*entry.root, to);
  tell("restore", to);
  tell_files("restore", to, *entry.root);
  settle(home);
  return {};
}

void PlainHost::purge_at(std::size_t index) {
  const auto entry = trash[index];
  trash.erase(trash.begin() + static_cast<std::ptrdiff_t>(index));
  tell("purge", entry.path);
  tell_files("purge", entry.path, *entry.root);
}

PlainHost::Failure PlainHost::purge(const Actor& who, std::size_t index) {
  if (index >= trash.size()) return Errc::not_found;
  if (const auto no = lacks(rights_on(who, trash[index]), Right::remove)) return no;
  purge_at(index);
  return {};
}

PlainHost::Failure PlainHost::empty(const Actor& who) {
  for (std::size_t i = trash.size(); i-- > 0;) {
    if (sees(who, trash[i])) purge_at(i);
  }
  return {};
}

PlainHost::Failure PlainHost::restore_version(const Actor& who, const std::string& path,
                                              std::size_t index) {
  const auto found = look(who, path);
  if (const auto no = lacks_version(found, Right::write, index)) return no;
  auto* file = found.there();
  auto chosen = file->former[index];
  file->former.erase(file->former.begin() + static_cast<std::ptrdiff_t>(index));
  chosen.replaced.reset();
  auto there = std::exchange(file->present, std::move(chosen));
  there.replaced = now;
  file->former.push_back(std::move(there));
  tell("version_restored", path);
  trim(*file, path);
  return {};
}

PlainHost::Failure PlainHost::remove_version(const Actor& who, const std::string& path,
                                             std::size_t index) {
  const auto found = look(who, path);
  if (const auto no = lacks_version(found, Right::remove, index)) return no;
  auto* file = found.there();
  file->former.erase(file->former.begin() + static_cast<std::ptrdiff_t>(index));
  tell("version_removed", path);
  return {};
}

void PlainHost::clean() {
  for (std::size_t i = trash.size(); i-- > 0;) {
    if (trash[i].expires <= now) purge_at(i);
  }
  if (keep_.versions_days == 0) return;
  const auto limit = now - std::chrono::hours{24} * keep_.versions_days;
  const auto expire = [&](PlainNode& file, const std::string& path) {
    const auto gone = std::erase_if(
        file.former, [&](const PlainContent& content) { return *content.replaced < limit; });
    for (std::size_t i = 0; i < gone; ++i) tell("version_removed", path);
  };
  for (const auto& [name, home] : homes) walk(*home.root, "/" + name, expire);
  for (const auto& entry : trash) walk(*entry.root, entry.path, expire);
}

} // namespace baluhost::test
