#pragma once

#include "baluhost/core/files/file_service.hpp"
#include "model/plain_tree.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

// What files, trash, versions and grants are to their users, in the plainest form: trees of nodes,
// of which everything is counted anew each time. Nothing here is fast, shared or safe.
namespace baluhost::test {

struct PlainFigures {
  std::int64_t used{0}, files{0}, entries{0}, trash{0}, versions{0};
  bool operator==(const PlainFigures&) const = default;
};

struct PlainTrash {
  std::shared_ptr<PlainNode> root;
  std::string path;
  std::weak_ptr<PlainNode> parent; ///< in which it lay
  Actor deleter;
  Timestamp expires{};
};

struct PlainHome {
  std::shared_ptr<PlainNode> root = std::make_shared<PlainNode>();
  std::int64_t quota{};
};

/// Each operation returns what it fails with, or nothing; then it is done, and `events` are what it
/// has put on record, as "action path", in no order.
class PlainHost {
 public:
  using Failure = std::optional<Errc>;

  PlainHost(KeepRules keep, std::int64_t most_entries) : keep_(keep), most_entries_(most_entries) {}

  std::map<std::string, PlainHome> homes;
  std::vector<PlainTrash> trash; ///< the last deleted last
  std::vector<std::string> events;
  Timestamp now{};

  Failure put(const Actor& who, const std::string& path, const std::string& text, bool overwrite,
              bool parents);
  Failure make_directory(const Actor& who, const std::string& path, bool parents);
  Failure move(const Actor& who, const std::string& from, const std::string& to, bool overwrite) {
    return relocate(who, from, to, overwrite, false);
  }
  Failure copy(const Actor& who, const std::string& from, const std::string& to, bool overwrite) {
    return relocate(who, from, to, overwrite, true);
  }
  Failure remove(const Actor& who, const std::string& path, bool recursive, bool for_good);
  Failure restore(const Actor& who, std::size_t index, const std::string& to, bool overwrite);
  Failure purge(const Actor& who, std::size_t index);
  Failure empty(const Actor& who);

  /// `index` in `former`; beyond it: the present one.
  Failure restore_version(const Actor& who, const std::string& path, std::size_t index);
  Failure remove_version(const Actor& who, const std::string& path, std::size_t index);
  Failure grant(const Actor& who, const std::string& path, const std::string& grantee,
                Rights rights);
  Failure revoke(const Actor& who, const std::string& path, const std::string& grantee);

  /// What the housekeeper does: expiry of trash and of versions.
  void clean();

  [[nodiscard]] PlainFigures figures(const std::string& home) const;
  [[nodiscard]] bool sees(const Actor& who, const PlainTrash& entry) const;
  [[nodiscard]] static PlainCount count(const PlainNode& node);

  /// All contents there are: each blob once.
  [[nodiscard]] std::set<int> blobs() const;

  /// Paths below homes, sorted, with `letter` in the last name, that `who` may read.
  [[nodiscard]] std::vector<std::string> search(const Actor& who, char letter) const;

  /// What lies at `path`; null for nothing.
  [[nodiscard]] PlainNode* at(const std::string& path) const;

 private:
  struct Found {
    std::vector<PlainNode*> nodes{};
    bool is_complete{false};
    bool has_all_say{false};
    Rights rights{};
    [[nodiscard]] PlainNode* there() const { return is_complete ? nodes.back() : nullptr; }
    /// The deepest directory strictly above the path, or the file in its way.
    [[nodiscard]] PlainNode* above() const { return nodes[nodes.size() - (is_complete ? 2 : 1)]; }
  };
  struct TakenOver {
    std::int64_t dropped{0};
  };

  [[nodiscard]] Found look(const Actor& who, const std::string& path) const;

  /// Why who found that does nothing with its version `index` that takes `right`; none: they do.
  [[nodiscard]] static std::optional<Errc> lacks_version(const Found& found, Right right,
                                                         std::size_t index);
  [[nodiscard]] Rights rights_on(const Actor& who, const PlainTrash& entry) const;
  [[nodiscard]] std::int64_t room(const std::string& home) const;
  Failure relocate(const Actor& who, const std::string& from, const std::string& to, bool overwrite,
                   bool copies);
  [[nodiscard]] std::vector<std::string> missing(const std::string& path, const Found& found) const;
  PlainNode& make(PlainNode& above, const std::vector<std::string>& paths);
  void replace(PlainNode& file, const PlainContent& fresh);
  void take_over(const PlainNode& file, PlainNode& heir);
  [[nodiscard]] std::int64_t surplus(const PlainNode& file, std::int64_t most) const;
  void trim(PlainNode& file, const std::string& path);
  void settle(const std::string& home);
  void tell(const std::string& action, const std::string& path) {
    events.push_back(action + ' ' + path);
  }
  void tell_files(const std::string& action, const std::string& path, const PlainNode& node);
  void purge_at(std::size_t index);

  KeepRules keep_;
  std::int64_t most_entries_;
  int last_blob_{0};
};

} // namespace baluhost::test
