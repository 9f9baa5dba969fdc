#include "dispatch/request_rate.hpp"

#include <algorithm>

namespace baluhost::http {

std::chrono::seconds RequestRate::take(const std::string& whose, std::chrono::microseconds now) {
  const std::lock_guard lock{mutex_};
  if (full_at_.size() >= kMostBuckets)
    std::erase_if(full_at_, [&](const auto& bucket) { return bucket.second <= now; });
  const auto found = full_at_.find(whose);
  const auto taken = std::max(found == full_at_.end() ? now : found->second, now) + refill_;
  const auto wait = taken - now - burst_ * refill_;
  if (wait.count() > 0) return std::chrono::ceil<std::chrono::seconds>(wait);
  if (found == full_at_.end() && full_at_.size() >= kMostBuckets)
    return std::chrono::ceil<std::chrono::seconds>(refill_);
  full_at_[whose] = taken;
  return std::chrono::seconds{0};
}

} // namespace baluhost::http
