#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <utility>

namespace baluhost::http {

struct Route;

/// Token buckets by user and route, for what is expensive: a burst at once, and then a steady rate.
/// The table is bounded; buckets that are full again are dropped from it. Safe from many threads.
class RequestRate {
 public:
  static constexpr int kBurst = 120;

  /// Until there is room for one more request.
  static constexpr std::chrono::milliseconds kRefill{500};
  static constexpr std::size_t kMostBuckets = 4096;

  /// Zero: the request may go on, and it counts. Else how long to wait for the next one. `now` only
  /// goes on.
  std::chrono::seconds take(std::int64_t user, const Route* route, std::chrono::microseconds now);

 private:
  std::mutex mutex_;

  /// When the bucket is full again.
  std::map<std::pair<std::int64_t, const Route*>, std::chrono::microseconds> full_at_;
};

} // namespace baluhost::http
