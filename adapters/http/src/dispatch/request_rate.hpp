#pragma once

#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>

namespace baluhost::http {

/// Token buckets, one for each of whom `take` names: a burst at once, and then a steady rate. The
/// table is bounded; buckets that are full again are dropped from it. Safe from many threads.
class RequestRate {
 public:
  static constexpr std::size_t kMostBuckets = 4096;

  /// `refill`: until there is room for one more request.
  RequestRate(int burst, std::chrono::milliseconds refill) : burst_(burst), refill_(refill) {}

  /// Zero: the request may go on, and it counts. Else how long to wait for the next one. `now` only
  /// goes on.
  std::chrono::seconds take(const std::string& whose, std::chrono::microseconds now);

 private:
  int burst_;
  std::chrono::milliseconds refill_;
  std::mutex mutex_;

  /// When the bucket is full again.
  std::unordered_map<std::string, std::chrono::microseconds> full_at_;
};

} // namespace baluhost::http
