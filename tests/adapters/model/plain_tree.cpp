#include "model/plain_tree.hpp"

#include <algorithm>

namespace baluhost::test {

std::int64_t size_of(const PlainContent& content) {
  return static_cast<std::int64_t>(content.text.size());
}

std::optional<Errc> lacks(Rights held, Rights needed) {
  if (held.empty()) return Errc::not_found;
  if (!held.includes(needed)) return Errc::forbidden;
  return {};
}

bool lies_in(const std::string& path, const std::string& directory) {
  return path == directory || path.starts_with(directory + "/");
}

void walk(PlainNode& node, const std::string& path,
          const std::function<void(PlainNode&, const std::string&)>& see) {
  see(node, path);
  for (const auto& [name, child] : node.children) walk(*child, path + "/" + name, see);
}

/// The nodes from `root` down to `wanted`; none where it is not below it.
std::vector<PlainNode*> way_to(PlainNode& root, const PlainNode& wanted) {
  if (&root == &wanted) return {&root};
  for (const auto& [name, child] : root.children) {
    auto way = way_to(*child, wanted);
    if (way.empty()) continue;
    way.insert(way.begin(), &root);
    return way;
  }
  return {};
}

Rights granted_along(const std::vector<PlainNode*>& way, const std::string& who) {
  Rights rights;
  for (const auto* node : way) {
    const auto found = node->grants.find(who);
    if (found != node->grants.end()) rights |= found->second.rights;
  }
  return rights;
}

std::shared_ptr<PlainNode> copy_of(const PlainNode& node, Timestamp now) {
  auto copy = std::make_shared<PlainNode>();
  copy->is_file = node.is_file;
  copy->present = node.present;
  copy->present.became = now;
  for (const auto& [name, child] : node.children)
    copy->children.emplace(name, copy_of(*child, now));
  return copy;
}

std::vector<std::string> segments(const std::string& path) {
  std::vector<std::string> found;
  for (std::size_t at = 1; at <= path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    found.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  return found;
}
std::string parent_of(const std::string& path) { return path.substr(0, path.rfind('/')); }
std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }
std::string home_of(const std::string& path) { return segments(path).front(); }

} // namespace baluhost::test
