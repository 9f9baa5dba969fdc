#pragma once

#include "baluhost/domain/files/upload.hpp"

#include <cstddef>
#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>

namespace baluhost {

/// What a blob store remembers of staged contents that nobody holds, so that their next holder need
/// not read them again: of the newest 1024. Safe from many threads.
template <class Known>
class StagedMemory {
 public:
  /// In place of what was kept of `id` before.
  void keep(const UploadId& id, Known known) {
    const std::lock_guard lock(mutex_);
    if (const auto before = by_id_.find(id); before != by_id_.end()) {
      oldest_first_.erase(before->second);
      by_id_.erase(before);
    } else if (by_id_.size() == kEntries) {
      by_id_.erase(oldest_first_.front().first);
      oldest_first_.pop_front();
    }
    oldest_first_.emplace_back(id, std::move(known));
    by_id_.emplace(id, std::prev(oldest_first_.end()));
  }

  /// What was kept of `id`, once; none: nothing was, or it was too long ago.
  [[nodiscard]] std::optional<Known> take(const UploadId& id) {
    const std::lock_guard lock(mutex_);
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return std::nullopt;
    std::optional<Known> known(std::move(found->second->second));
    oldest_first_.erase(found->second);
    by_id_.erase(found);
    return known;
  }

  /// The content is gone.
  void forget(const UploadId& id) { static_cast<void>(take(id)); }

 private:
  static constexpr std::size_t kEntries = 1024;
  using Entries = std::list<std::pair<UploadId, Known>>;
  std::mutex mutex_;
  Entries oldest_first_;
  std::unordered_map<UploadId, typename Entries::iterator> by_id_;
};

} // namespace baluhost
