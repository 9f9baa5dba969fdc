#pragma once

#include "baluhost/domain/identity/grant.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/domain/timestamp.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

// Trees of nodes with contents, versions and grants, and paths in them.
namespace baluhost::test {

/// Who acts; none: a local operator.
using Actor = std::optional<std::string>;

struct PlainContent {
  std::string text;
  int blob{};
  Timestamp became{};
  std::optional<Timestamp> replaced{};
};

struct PlainGrant {
  Rights rights;
  Actor giver{};
  bool given_on{false};
};

struct PlainNode {
  bool is_file{false};
  PlainContent present{};
  std::vector<PlainContent> former{}; ///< the first replaced first
  std::map<std::string, std::shared_ptr<PlainNode>> children{};
  std::map<std::string, PlainGrant> grants{};
};

struct PlainCount {
  std::int64_t files{0}, directories{0}, bytes{0}, version_bytes{0};
  [[nodiscard]] std::int64_t entries() const { return files + directories; }
};

[[nodiscard]] std::int64_t size_of(const PlainContent& content);

/// not_found where nothing is held at all; forbidden where some of `needed` is missing.
[[nodiscard]] std::optional<Errc> lacks(Rights held, Rights needed);

/// Calls `see` with each node of the tree at `path`, each directory before what is in it.
void walk(PlainNode& node, const std::string& path,
          const std::function<void(PlainNode&, const std::string&)>& see);

/// The nodes from `root` down to `wanted`; none where it is not below it.
[[nodiscard]] std::vector<PlainNode*> way_to(PlainNode& root, const PlainNode& wanted);

/// What `who` was given on any of `way`.
[[nodiscard]] Rights granted_along(const std::vector<PlainNode*>& way, const std::string& who);

/// Without versions and grants.
[[nodiscard]] std::shared_ptr<PlainNode> copy_of(const PlainNode& node, Timestamp now);

/// Whether `path` is `directory` or lies below it.
[[nodiscard]] bool lies_in(const std::string& path, const std::string& directory);

/// "/a/b" as "a", "b".
[[nodiscard]] std::vector<std::string> segments(const std::string& path);
[[nodiscard]] std::string parent_of(const std::string& path);
[[nodiscard]] std::string name_of(const std::string& path);
[[nodiscard]] std::string home_of(const std::string& path);

} // namespace baluhost::test
