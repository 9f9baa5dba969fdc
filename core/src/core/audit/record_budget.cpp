#include "audit/record_budget.hpp"

#include <algorithm>
#include <utility>

namespace baluhost {
namespace {

using std::chrono::microseconds;

/// Of a row without its texts, with its places in the indexes, its leaf and its part of a seal.
constexpr std::int64_t kRowBytes = 300;

std::int64_t size_of(const std::optional<std::string>& text) {
  return text ? static_cast<std::int64_t>(text->size()) : 0;
}

/// About what an event takes of the database; `resource` stands in the row and in an index.
std::int64_t size_of(const NewAuditEvent& event) {
  return kRowBytes + size_of(event.user) + 2 * size_of(event.resource) +
         static_cast<std::int64_t>(event.details.size()) + size_of(event.error_message) +
         size_of(event.ip_address) + size_of(event.user_agent);
}

constexpr microseconds time_for(std::int64_t bytes) {
  return microseconds{bytes * 1'000'000 / RecordBudget::kBytesPerSecond};
}

} // namespace

std::optional<std::int64_t> RecordBudget::admit(const NewAuditEvent& event, microseconds now) {
  if (!event.account) return 0;
  const std::lock_guard lock(mutex_);
  if (accounts_.size() >= look_at_) {
    std::erase_if(accounts_, [&](const auto& each) {
      return each.second.full_at <= now && each.second.suppressed == 0;
    });
    look_at_ = std::max(kFirstLook, 2 * accounts_.size());
  }
  Account& account = accounts_[*event.account];
  const auto full_at = std::max(account.full_at, now) + time_for(size_of(event));
  if (full_at - now > time_for(kBurstBytes)) {
    ++account.suppressed;
    return std::nullopt;
  }
  account.full_at = full_at;
  return std::exchange(account.suppressed, 0);
}

void RecordBudget::give_back(UserId account, std::int64_t suppressed) {
  const std::lock_guard lock(mutex_);
  accounts_[account].suppressed += suppressed;
}

} // namespace baluhost
