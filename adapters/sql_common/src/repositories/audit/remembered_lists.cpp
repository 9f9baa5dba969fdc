#include "repositories/audit/remembered_lists.hpp"

#include "baluhost/sql_common/connection.hpp"

#include <algorithm>

namespace baluhost::sql {
namespace {

constexpr std::size_t kLists = 4;
constexpr std::size_t kCounts = 1000;

} // namespace

std::optional<AuditCount> TopList::count_of(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = counts_.find(key);
  return found == counts_.end() ? std::nullopt : std::optional{found->second};
}

void TopList::note_count(const std::string& key, const AuditCount& count) const {
  const std::lock_guard lock(mutex_);
  if (counts_.size() < kCounts) counts_.insert_or_assign(key, count);
}

std::shared_ptr<const TopList> RememberedLists::find(const Version& version) {
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(lists_.begin(), lists_.end(),
                                  [&](const auto& list) { return list.first == version; });
  if (found == lists_.end()) return nullptr;
  std::rotate(lists_.begin(), found, found + 1);
  return lists_.front().second;
}

void RememberedLists::keep(Version version, std::shared_ptr<const TopList> list) {
  const std::lock_guard lock(mutex_);
  lists_.emplace_front(std::move(version), std::move(list));
  if (lists_.size() > kLists) lists_.pop_back();
}

std::shared_ptr<RememberedLists> make_remembered_lists() {
  return std::make_shared<RememberedLists>();
}

} // namespace baluhost::sql
