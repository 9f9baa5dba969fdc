#include "baluhost/core/identity/login_throttle.hpp"
#include "baluhost/memory/manual_clock.hpp"

#include <catch2/catch.hpp>
#include <thread>
#include <vector>

using namespace baluhost;
using namespace std::chrono_literals;

namespace {

const std::string kOwner = "203.0.113.1";
const std::string kAttacker = "198.51.100.1";

struct Throttled {
  explicit Throttled(LoginThrottleOptions options = {}) : throttle(clock, options) {}
  void fail(int times, const std::string& account, const std::string& address) {
    for (int i = 0; i < times; ++i) throttle.failed(account, IpAddress::parse(address), {});
  }
  std::chrono::seconds wait(const std::string& account, const std::string& address,
                            KnownAddress known = KnownAddress::no,
                            std::optional<Timestamp> unlocked_at = {}) {
    const auto found = throttle.wait(account, IpAddress::parse(address), known, unlocked_at);
    return found.admitted ? std::chrono::seconds{0} : found.wait;
  }
  ManualClock clock;
  LoginThrottle throttle;
};

} // namespace

TEST_CASE("ten failures are free, then each doubles the wait up to the window") {
  Throttled t;
  t.fail(9, "anna", kAttacker);
  CHECK(t.wait("anna", kAttacker) == 0s);
  for (const auto expected : {1s, 2s, 4s, 8s, 16s, 32s, 64s, 128s, 256s, 512s, 900s, 900s}) {
    t.fail(1, "anna", kAttacker);
    CHECK(t.wait("anna", kAttacker) == expected);
    t.clock.advance(expected - 1us);
    CHECK(t.wait("anna", kAttacker) == 1s);
    t.clock.advance(1us);
    CHECK(t.wait("anna", kAttacker) == 0s);
  }
}

TEST_CASE("failures are forgotten a window after the wait was over") {
  Throttled t;
  t.fail(9, "anna", kAttacker);
  t.clock.advance(15min);
  t.fail(1, "anna", kAttacker);
  CHECK(t.wait("anna", kAttacker) == 0s);

  t.fail(9, "anna", kAttacker);
  CHECK(t.wait("anna", kAttacker) == 1s);
  t.clock.advance(15min);
  t.fail(1, "anna", kAttacker);
  CHECK(t.wait("anna", kAttacker) == 2s);
}

TEST_CASE("an account is throttled from everywhere, an address for every account") {
  Throttled t;
  for (int i = 0; i < 12; ++i) t.fail(1, "anna", "198.51.100." + std::to_string(i));
  CHECK(t.wait("anna", "192.0.2.99") > 0s);
  CHECK(t.wait("berta", "198.51.100.3") == 0s);
  for (int i = 0; i < 12; ++i) t.fail(1, "user" + std::to_string(i), kAttacker);
  CHECK(t.wait("nobody-yet", kAttacker) > 0s);
}

TEST_CASE("nobody can lock the owner out of a known address") {
  Throttled t;
  for (int i = 0; i < 1000; ++i)
    t.fail(1, "anna", "198.51." + std::to_string(i / 200) + "." + std::to_string(i % 200));
  CHECK(t.wait("anna", "192.0.2.99") == 900s);
  CHECK(t.wait("anna", kOwner, KnownAddress::yes) == 0s);
  SECTION("nor by failing with other accounts from the same address") {
    for (int i = 0; i < 1000; ++i) t.fail(1, "user" + std::to_string(i), kOwner);
    CHECK(t.wait("someone", kOwner) > 0s);
    CHECK(t.wait("anna", kOwner, KnownAddress::yes) == 0s);
  }
  SECTION("but failures of the account from there count") {
    t.fail(11, "anna", kOwner);
    CHECK(t.wait("anna", kOwner, KnownAddress::yes) == 900s); // what anybody is told
    t.clock.advance(2s);
    CHECK(t.wait("anna", kOwner, KnownAddress::yes) == 0s);
  }
}

TEST_CASE("what anyone is told does not depend on whether the account is known at the address",
          "[fault-15]") {
  Throttled t;
  t.fail(12, "nobody", kOwner);
  const auto unknown = t.throttle.wait("nobody-else", IpAddress::parse(kOwner));
  CHECK_FALSE(unknown.admitted);
  CHECK(unknown.wait == 4s);
  const auto known = t.throttle.wait("anna", IpAddress::parse(kOwner), KnownAddress::yes);
  CHECK(known.admitted);
  CHECK(known.wait == unknown.wait);
  SECTION("nor does what comes after the failure of one that was admitted") {
    for (int i = 0; i < 20; ++i) t.throttle.failed("anna", IpAddress::parse(kOwner), known);
    CHECK(t.throttle.wait("nobody-else", IpAddress::parse(kOwner)).wait == 4s);
    CHECK(t.throttle.wait("anna", IpAddress::parse("192.0.2.99")).wait == 0s);
    const auto spent = t.throttle.wait("anna", IpAddress::parse(kOwner), KnownAddress::yes);
    CHECK_FALSE(spent.admitted);
    CHECK(spent.wait == 4s);
    t.clock.advance(4s);
    CHECK(t.throttle.wait("nobody-else", IpAddress::parse(kOwner)).admitted);
    CHECK(t.throttle.wait("anna", IpAddress::parse(kOwner), KnownAddress::yes).admitted);
  }
}

TEST_CASE("a success clears the account but not the address") {
  Throttled t;
  t.fail(12, "anna", kOwner);
  t.throttle.succeeded("anna", IpAddress::parse(kOwner));
  CHECK(t.wait("anna", kAttacker) == 0s);
  CHECK(t.wait("anna", kOwner, KnownAddress::yes) == 0s);
  CHECK(t.wait("berta", kOwner) > 0s);
}

TEST_CASE("an unlock forgives what was before it") {
  Throttled t;
  t.fail(12, "anna", kAttacker);
  t.clock.advance(1s);
  const auto unlocked_at = t.clock.now();
  CHECK(t.wait("anna", kAttacker) > 0s);
  CHECK(t.wait("anna", kAttacker, KnownAddress::no, unlocked_at) == 0s);
  CHECK(t.wait("anna", kAttacker, KnownAddress::yes, unlocked_at) == 0s);
  t.clock.advance(1s);
  t.fail(12, "anna", kAttacker);
  CHECK(t.wait("anna", "192.0.2.99", KnownAddress::no, unlocked_at) > 0s);
}

TEST_CASE("an IPv6 client is its network of 64 bits, however it is written") {
  Throttled t;
  for (int i = 0; i < 12; ++i)
    t.fail(1, "user" + std::to_string(i), "2001:db8:1:2::" + std::to_string(i + 1));
  CHECK(t.wait("anna", "2001:db8:1:2:ffff:ffff:ffff:ffff") > 0s);
  CHECK(t.wait("anna", "2001:0DB8:0001:0002::1") > 0s);
  CHECK(t.wait("anna", "2001:db8:1:3::1") == 0s);
  for (int i = 0; i < 12; ++i) t.fail(1, "other" + std::to_string(i), "::ffff:192.0.2.5");
  CHECK(t.wait("anna", "192.0.2.5") > 0s);
  CHECK(t.wait("anna", "::1") == 0s);
}

TEST_CASE("memory is bounded: the account that was quiet longest is forgotten") {
  Throttled t({.capacity = 100});
  t.fail(12, "anna", kAttacker);
  for (int i = 0; i < 99; ++i)
    t.fail(1, "user" + std::to_string(i), "203.0.113." + std::to_string(i));
  CHECK(t.wait("anna", "192.0.2.99") > 0s);
  t.fail(1, "one-more", "203.0.113.200");
  CHECK(t.wait("anna", "192.0.2.99") == 0s);
}

TEST_CASE("a step of the wall clock neither frees nor locks") {
  Throttled t;
  t.fail(12, "anna", kAttacker);
  t.clock.step_to(t.clock.now() + std::chrono::hours{24 * 365});
  CHECK(t.wait("anna", kAttacker) == 4s);
}

TEST_CASE("no failure is lost among threads") {
  Throttled t({.max_attempts = 4000});
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int n = 0; n < 500; ++n) {
        t.throttle.failed("anna", IpAddress::parse(kAttacker), {});
        (void)t.throttle.wait("anna", IpAddress::parse(kAttacker),
                              n % 2 == 0 ? KnownAddress::yes : KnownAddress::no, std::nullopt);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(t.wait("anna", kAttacker) == 1s);
}
