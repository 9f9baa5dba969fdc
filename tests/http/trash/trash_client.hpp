#pragma once

#include "sharing/link.hpp"
#include "wire.hpp"

#include <chrono>
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

/// Returns the FileInfo.
inline std::string replace(Api& api, const std::string& path, const std::string& content) {
  const Response put = api.put(files(path) + "?overwrite=true", content);
  REQUIRE(put.status == 200);
  return put.body;
}

/// A "move" or a "copy" that may go over a file.
inline Response act_over(Api& api, const std::string& action, const std::string& from,
                         const std::string& to) {
  return api.post(kApi + "/actions/" + action,
                  object({{"from", q(from)}, {"to", q(to)}, {"overwrite", "true"}}));
}

/// "SIZE", with "*" for the present one, newest first.
inline std::vector<std::string> sizes(Api& api, const std::string& path) {
  std::vector<std::string> texts;
  for (const Json& version : versions_of(api, path))
    texts.push_back(std::to_string(version["size"].integer()) +
                    (version["current"].flag() ? "*" : ""));
  return texts;
}

using Sizes = std::vector<std::string>;

/// A file that was replaced once: "1" by "22".
struct ReplacedNote {
  Api anna{new_user(shared_server())};
  const std::string path{"/" + anna.username + "/note"};

  ReplacedNote() {
    REQUIRE(anna.put(files(path), "1").status == 201);
    replace(anna, path, "22");
  }
};

/// The microseconds since 1970 of "2026-11-28T10:54:34.970248Z".
inline std::int64_t microseconds_of(const std::string& time) {
  REQUIRE(time.size() == 27);
  const auto number = [&](std::size_t at, std::size_t count) {
    return std::stoi(time.substr(at, count));
  };
  const std::chrono::sys_days day{std::chrono::year{number(0, 4)} / number(5, 2) / number(8, 2)};
  const auto moment = day + std::chrono::hours{number(11, 2)} +
                      std::chrono::minutes{number(14, 2)} + std::chrono::seconds{number(17, 2)} +
                      std::chrono::microseconds{number(20, 6)};
  return moment.time_since_epoch().count();
}

} // namespace baluhost::test
