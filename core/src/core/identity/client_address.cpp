#include "identity/client_address.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

namespace baluhost {
namespace {

std::vector<std::string> groups_of(const std::string& text) {
  std::vector<std::string> groups;
  if (text.empty()) return groups;
  std::size_t begin = 0;
  for (;;) {
    const auto colon = text.find(':', begin);
    groups.push_back(text.substr(begin, colon - begin));
    if (colon == std::string::npos) return groups;
    begin = colon + 1;
  }
}

/// "00AB" → "ab"
std::string plain(std::string group) {
  std::transform(group.begin(), group.end(), group.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  group.erase(0, std::min(group.find_first_not_of('0'), group.size() - 1));
  return group;
}

} // namespace

std::string address_bucket(const std::optional<std::string>& address) {
  if (!address) return {};
  const auto text = address->substr(0, address->find('%'));
  const auto first_colon = text.find(':');
  if (first_colon == std::string::npos) return text;
  if (text.find('.') != std::string::npos) return text.substr(text.rfind(':') + 1);

  const auto gap = text.find("::");
  auto groups = groups_of(text.substr(0, gap));
  if (gap != std::string::npos) {
    const auto tail = groups_of(text.substr(gap + 2));
    while (groups.size() + tail.size() < 8) groups.emplace_back("0");
    groups.insert(groups.end(), tail.begin(), tail.end());
  }
  if (groups.size() != 8 ||
      std::ranges::any_of(groups, [](const auto& group) { return group.empty(); }))
    return *address;
  std::string bucket;
  for (std::size_t i = 0; i < 4; ++i) bucket += plain(groups[i]) + ":";
  return bucket + ":/64";
}

} // namespace baluhost
