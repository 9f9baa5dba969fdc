#pragma once

#include "baluhost/domain/files/file_path.hpp"
#include "baluhost/ports/transactions.hpp"

#include <optional>
#include <span>
#include <utility>

namespace baluhost {

/// How many nodes one transaction looks at or removes: a few milliseconds' worth, so that nobody
/// waits for it.
inline constexpr std::size_t kNodesAtOnce = 250;

[[nodiscard]] TreeTotals totals_of(std::span<const TreeNode> nodes);

/// What a large tree holds, for a transaction that must not count it itself: it was counted before,
/// and counts as long as the version of the home is the same.
class CountedTree {
 public:
  struct Count {
    FileId root;
    std::int64_t tree_version{};
    TreeTotals totals;
  };
  CountedTree(const std::optional<Count>& count, bool is_last) : count_(count), is_last_(is_last) {}

  /// Of the subtree of `root`. conflict where it is large and was not counted in time; then
  /// `is_stale`.
  [[nodiscard]] Result<TreeTotals> totals(ReadTransaction& tx, const FileEntry& root);

  /// The same for one that is known to be large.
  [[nodiscard]] Result<TreeTotals> totals_of_large(ReadTransaction& tx, const FileEntry& root);
  [[nodiscard]] bool is_stale() const noexcept { return is_stale_; }

 private:
  const std::optional<Count>& count_;
  bool is_last_;
  bool is_stale_{false};
};

/// What lies at `path` now; none where no directory does.
[[nodiscard]] Result<std::optional<CountedTree::Count>> count_tree(Database& database,
                                                                   const FilePath& path);

/// As `attempt`, for work that needs the totals of the tree at `path`, as `work(WriteTransaction&,
/// CountedTree&, Seen&)`. A large one is counted outside of the transaction, while others write;
/// where the home changes each time meanwhile, the last attempt counts inside.
template <class Seen, class Work>
auto attempt_counted(Database& database, const FilePath& path, const Work& work) {
  struct Counted {
    bool is_stale{false};
    Seen seen{};
  };
  constexpr int kAttempts = 4;
  std::optional<CountedTree::Count> count;
  for (int tries = 1;; ++tries) {
    auto done = attempt<Counted>(database, [&](WriteTransaction& tx, Counted& counted) {
      CountedTree tree(count, tries == kAttempts);
      auto events = work(tx, tree, counted.seen);
      counted.is_stale = tree.is_stale();
      return events;
    });
    using Done = Attempt<typename decltype(done.result)::value_type, Seen>;
    if (!done.seen.is_stale) return Done{std::move(done.result), std::move(done.seen.seen)};
    auto counted = count_tree(database, path);
    if (!counted) return Done{std::move(counted).error(), std::move(done.seen.seen)};
    count = *std::move(counted);
  }
}

} // namespace baluhost
