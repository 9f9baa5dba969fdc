#include "dispatch/request_rate.hpp"

#include "routes/route_table.hpp"

#include <catch2/catch.hpp>

namespace baluhost::http {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

const Route* const kOne = &api().routes[0];
const Route* const kOther = &api().routes[1];

int taken(RequestRate& rate, std::int64_t user, const Route* route, microseconds now) {
  int count = 0;
  while (count < 1000 && rate.take(user, route, now).count() == 0) ++count;
  return count;
}

TEST_CASE("a user may send a burst to a route, and then as many as come back with time") {
  RequestRate rate;
  CHECK(taken(rate, 1, kOne, seconds{10}) == RequestRate::kBurst);
  CHECK(rate.take(1, kOne, seconds{10}) == seconds{1});
  CHECK(taken(rate, 2, kOne, seconds{10}) == RequestRate::kBurst);
  CHECK(taken(rate, 1, kOther, seconds{10}) == RequestRate::kBurst);
  CHECK(taken(rate, 1, kOne, seconds{10} + RequestRate::kRefill) == 1);
  CHECK(taken(rate, 1, kOne, seconds{15}) == seconds{5} / RequestRate::kRefill - 1);
  CHECK(taken(rate, 1, kOne, seconds{1000}) == RequestRate::kBurst);
}

TEST_CASE(
    "the buckets of users who are gone make room for others, and those that are in use stay") {
  RequestRate rate;
  for (std::size_t i = 0; i < RequestRate::kMostBuckets; ++i)
    REQUIRE(rate.take(static_cast<std::int64_t>(i), kOne, seconds{10}).count() == 0);
  CHECK(rate.take(-1, kOne, seconds{10}) == seconds{1});
  CHECK(rate.take(5, kOne, seconds{10}).count() == 0);
  CHECK(rate.take(-1, kOne, seconds{11}).count() == 0);
}

} // namespace
} // namespace baluhost::http
