#include "baluhost/domain/identity/ip_address.hpp"

#include <arpa/inet.h>

#include <catch2/catch.hpp>

#include <array>
#include <cstring>
#include <random>
#include <string>

using baluhost::Errc;
using baluhost::IpAddress;
using baluhost::IpNetwork;
using baluhost::throttle_key;

namespace {

std::optional<std::string> canonical(const std::string& text) {
  const auto address = IpAddress::parse(text);
  return address ? std::optional{address->str()} : std::nullopt;
}

/// What the C library makes of it, an IPv4 address within IPv6 as IPv4.
std::optional<std::string> by_the_system(const std::string& text) {
  std::array<unsigned char, 16> bytes{};
  std::array<char, INET6_ADDRSTRLEN> out{};
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1)
    return inet_ntop(AF_INET, bytes.data(), out.data(), out.size());
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return std::nullopt;
  constexpr std::array<unsigned char, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::memcmp(bytes.data(), kMapped.data(), kMapped.size()) == 0)
    return inet_ntop(AF_INET, bytes.data() + 12, out.data(), out.size());
  return inet_ntop(AF_INET6, bytes.data(), out.data(), out.size());
}

} // namespace

TEST_CASE("an address has one text, whichever way it is written", "[fault-27]") {
  for (const char* text :
       {"2001:db8::1", "2001:DB8::1", "2001:0db8:0000:0:0:0:0:0001", "2001:db8:0:0::0.0.0.1"})
    CHECK(canonical(text) == "2001:db8::1");
  for (const char* text :
       {"192.0.2.9", "::ffff:192.0.2.9", "::FFFF:c000:209", "0:0:0:0:0:ffff:192.0.2.9"})
    CHECK(canonical(text) == "192.0.2.9");
  CHECK(canonical("::") == "::");
  CHECK(canonical("::1") == "::1");
  CHECK(canonical("1:0:0:2:0:0:0:3") == "1:0:0:2::3");
  CHECK(canonical("1:0:2:3:4:5:6:7") == "1:0:2:3:4:5:6:7");
  for (const char* text : {"",
                           ":",
                           ":::",
                           "1",
                           "1:2",
                           "1::2::3",
                           "12345::",
                           "1:2:3:4:5:6:7:8:9",
                           "1:2:3:4:5:6:7:8::",
                           "::1:2:3:4:5:6:7:8",
                           "g::",
                           "1:",
                           ":1",
                           "1.2.3",
                           "1.2.3.4.5",
                           "01.2.3.4",
                           "256.1.1.1",
                           "1.2.3.4:80",
                           "::1.2.3",
                           "1.2.3.4::",
                           "fe80::1%eth0",
                           " ::1",
                           "::1 ",
                           "[::1]",
                           "-1.2.3.4",
                           "+1::",
                           "0x1::"}) {
    INFO(text);
    CHECK_FALSE(canonical(text));
  }
}

TEST_CASE("an address has the text that the system's library writes", "[fault-27]") {
  std::mt19937 random{7};
  const std::array<const char*, 12> pieces{":",    "::",   "0", "1",         "ff", "FFFF",
                                           "0db8", "abcd", ".", "192.0.2.1", "00", "ffff:"};
  int addresses = 0;
  for (int i = 0; i < 300'000; ++i) {
    std::string text;
    for (unsigned n = random() % 16; n > 0; --n)
      text += i % 2 == 0 || text.empty() || text.back() == ':' ? pieces[random() % pieces.size()]
              : random() % 5 == 0                              ? "::"
                                                               : ":";
    const auto expected = by_the_system(text);
    if (canonical(text) != expected) FAIL(text);
    if (expected) ++addresses;
  }
  CHECK(addresses > 1000);
}

TEST_CASE("an IPv6 address is counted by its first 64 bits, an IPv4 one by itself") {
  const auto network = [](const char* text) {
    return IpAddress::parse(text).value().network().str();
  };
  CHECK(network("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::");
  CHECK(network("2001:db8:1:2::") == "2001:db8:1:2::");
  CHECK(network("::1") == "::");
  CHECK(network("192.0.2.9") == "192.0.2.9");
  CHECK(network("::ffff:192.0.2.9") == "192.0.2.9");

  CHECK(throttle_key(IpAddress::parse("2001:DB8:1:2::7")) == "2001:db8:1:2::");
  CHECK(throttle_key(std::nullopt).empty());
}

TEST_CASE("an address knows its kind and how much of another's it shares") {
  const auto address = [](const char* text) { return IpAddress::parse(text).value(); };
  CHECK(address("::ffff:127.0.0.1").is_v4());
  CHECK_FALSE(address("::127.0.0.1").is_v4());
  CHECK(address("127.9.9.9").is_loopback());
  CHECK(address("::1").is_loopback());
  CHECK_FALSE(address("::2").is_loopback());
  CHECK(address("10.1.0.0").shares_prefix(address("10.1.255.255"), 96 + 16));
  CHECK_FALSE(address("10.1.0.0").shares_prefix(address("10.1.255.255"), 96 + 17));
  CHECK(address("10.1.2.3").shares_prefix(address("10.1.2.3"), 128));
}

TEST_CASE("a network holds the addresses that begin like it, and no others") {
  const auto network = [](const char* text) { return IpNetwork::parse(text).value(); };
  const auto address = [](const char* text) { return IpAddress::parse(text).value(); };
  CHECK(network("10.1.0.0/16").contains(address("10.1.255.255")));
  CHECK_FALSE(network("10.1.0.0/16").contains(address("10.2.0.0")));
  CHECK_FALSE(network("10.1.0.0/16").contains(address("::10.1.0.0")));
  CHECK(network("0.0.0.0/0").contains(address("203.0.113.9")));
  CHECK_FALSE(network("0.0.0.0/0").contains(address("2001:db8::1")));
  CHECK(network("2001:db8::/33").contains(address("2001:db8:7fff::1")));
  CHECK_FALSE(network("2001:db8::/33").contains(address("2001:db8:8000::1")));
  CHECK(network("192.0.2.7").contains(address("192.0.2.7")));
  CHECK_FALSE(network("192.0.2.7").contains(address("192.0.2.6")));

  CHECK(network("10.1.2.3/8").str() == "10.1.2.3/8");
  CHECK(network("192.0.2.7").str() == "192.0.2.7/32");
  CHECK(network("2001:DB8::/32").str() == "2001:db8::/32");
  CHECK(network("::1").str() == "::1/128");
  for (const char* text :
       {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/8x", "10.0.0.0/ 8",
        "10.0.0.0/+8", "::/129", "localhost", "10.0.0/8", "10.0.0.0/8/8", "10.0.0.0/99999999999"}) {
    INFO(text);
    const auto parsed = IpNetwork::parse(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == Errc::invalid_request);
  }
}
