#pragma once

#include "baluhost/domain/audit/audit_statistics.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace baluhost::sql {

/// How many events keys have.
using KeyTotals = std::vector<std::pair<std::string, std::int64_t>>;

/// The busiest keys of days that are kept. All others come after each of them, by events and then
/// by key, and have at most `most_left` events.
class TopList {
 public:
  KeyTotals keys; ///< by key
  std::int64_t most_left{};
  /// Whether the events of the days are those with an id from the first of the days' ids to the
  /// last, but for `strangers`.
  bool is_by_ids{false};
  std::unordered_map<std::string, std::int64_t> strangers;

  /// How many events of `key` succeeded, if that was noted.
  [[nodiscard]] std::optional<AuditCount> count_of(const std::string& key) const;
  void note_count(const std::string& key, const AuditCount& count) const;

 private:
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::string, AuditCount> counts_;
};

/// The lists that were made last, by the days of which they are and the run that kept each: its
/// events are the same as long as its run is.
class RememberedLists {
 public:
  using Version = std::vector<std::pair<std::int64_t, std::int64_t>>;

  /// None if there is none.
  [[nodiscard]] std::shared_ptr<const TopList> find(const Version& version);
  void keep(Version version, std::shared_ptr<const TopList> list);

 private:
  std::mutex mutex_;
  std::deque<std::pair<Version, std::shared_ptr<const TopList>>> lists_; ///< the last used first
};

} // namespace baluhost::sql
