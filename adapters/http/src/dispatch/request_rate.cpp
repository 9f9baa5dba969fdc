#include "dispatch/request_rate.hpp"

#include <algorithm>

namespace baluhost::http {

std::chrono::seconds RequestRate::take(std::int64_t user, const Route* route,
                                       std::chrono::microseconds now) {
  const std::lock_guard lock{mutex_};
  if (full_at_.size() >= kMostBuckets)
    std::erase_if(full_at_, [&](const auto& bucket) { return bucket.second <= now; });
  const auto key = std::pair{user, route};
  const auto found = full_at_.find(key);
  const auto taken = std::max(found == full_at_.end() ? now : found->second, now) + kRefill;
  const auto wait = taken - now - kBurst * kRefill;
  if (wait.count() > 0) return std::chrono::ceil<std::chrono::seconds>(wait);
  if (found == full_at_.end() && full_at_.size() >= kMostBuckets)
    return std::chrono::ceil<std::chrono::seconds>(kRefill);
  full_at_[key] = taken;
  return std::chrono::seconds{0};
}

} // namespace baluhost::http
