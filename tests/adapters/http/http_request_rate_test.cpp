#include "dispatch/request_rate.hpp"

#include <catch2/catch.hpp>

namespace baluhost::http {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kBurst = 120;
constexpr milliseconds kRefill{500};

int taken(RequestRate& rate, const std::string& whose, microseconds now) {
  int count = 0;
  while (count < 1000 && rate.take(whose, now).count() == 0) ++count;
  return count;
}

TEST_CASE("who it is may send a burst, and then as many as come back with time") {
  RequestRate rate{kBurst, kRefill};
  CHECK(taken(rate, "one", seconds{10}) == kBurst);
  CHECK(rate.take("one", seconds{10}) == seconds{1});
  CHECK(taken(rate, "two", seconds{10}) == kBurst);
  CHECK(taken(rate, "one", seconds{10} + kRefill) == 1);
  CHECK(taken(rate, "one", seconds{15}) == seconds{5} / kRefill - 1);
  CHECK(taken(rate, "one", seconds{1000}) == kBurst);
}

TEST_CASE("the buckets of who is gone make room for others, and those that are in use stay") {
  RequestRate rate{kBurst, kRefill};
  for (std::size_t i = 0; i < RequestRate::kMostBuckets; ++i)
    REQUIRE(rate.take(std::to_string(i), seconds{10}).count() == 0);
  CHECK(rate.take("late", seconds{10}) == seconds{1});
  CHECK(rate.take("5", seconds{10}).count() == 0);
  CHECK(rate.take("late", seconds{11}).count() == 0);
}

} // namespace
} // namespace baluhost::http
