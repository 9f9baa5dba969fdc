#pragma once

#include "sharing/link.hpp"
#include "wire.hpp"

#include <cstdint>
#include <string>
#include <vector>

/// What the tests of the trash and of versions ask for.
namespace baluhost::test {

/// What GET /usage says.
struct Figures {
  std::int64_t used{0}, files{0}, trash{0}, versions{0};
  bool operator==(const Figures&) const = default;

  static Figures of(Api& api) {
    const Json usage = Json::parse(api.get(kApi + "/usage").body);
    return {.used = usage["used_bytes"].integer(),
            .files = usage["file_count"].integer(),
            .trash = usage["trash_bytes"].integer(),
            .versions = usage["version_bytes"].integer()};
  }
};

inline std::vector<Json> items_of(Api& api, const std::string& target) {
  const Response response = api.get(target);
  INFO(response.body);
  REQUIRE(response.status == 200);
  const Json page = Json::parse(response.body);
  std::vector<Json> items;
  for (std::size_t i = 0; i < page["items"].size(); ++i) items.push_back(page["items"][i]);
  return items;
}

inline std::vector<Json> trash_items(Api& api) { return items_of(api, kApi + "/trash"); }
inline Json newest_trash(Api& api) { return trash_items(api).at(0); }
inline std::string trash_of(const Json& entry) {
  return kApi + "/trash/" + std::to_string(entry["id"].integer());
}

inline std::string versions(const std::string& path) {
  return kApi + "/versions" + percent_encode(path);
}
inline std::vector<Json> versions_of(Api& api, const std::string& path) {
  return items_of(api, versions(path));
}

} // namespace baluhost::test
