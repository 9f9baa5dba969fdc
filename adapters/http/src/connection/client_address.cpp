#include "connection/client_address.hpp"

#include "fields/http_names.hpp"

#include <arpa/inet.h>

#include <cstring>

namespace baluhost::http {
namespace {

constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/// An element of X-Forwarded-For: an address, perhaps with a port.
std::optional<IpAddress> parse_hop(std::string_view text) {
  text = trimmed(text);
  if (!text.empty() && text.front() == '[') {
    const auto close = text.find(']');
    return close == std::string_view::npos ? std::nullopt
                                           : IpAddress::parse(text.substr(1, close - 1));
  }
  const auto colon = text.find(':');
  if (colon != std::string_view::npos && text.find(':', colon + 1) == std::string_view::npos)
    text = text.substr(0, colon);
  return IpAddress::parse(text);
}

} // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  char terminated[64];
  if (text.empty() || text.size() >= sizeof terminated) return std::nullopt;
  std::memcpy(terminated, text.data(), text.size());
  terminated[text.size()] = '\0';
  if (std::strlen(terminated) != text.size()) return std::nullopt;
  IpAddress address;
  if (inet_pton(AF_INET6, terminated, address.bytes_.data()) == 1) return address;
  std::memcpy(address.bytes_.data(), kMapped.data(), kMapped.size());
  if (inet_pton(AF_INET, terminated, address.bytes_.data() + kMapped.size()) == 1) return address;
  return std::nullopt;
}

std::string IpAddress::str() const {
  char text[INET6_ADDRSTRLEN];
  if (is_v4())
    inet_ntop(AF_INET, bytes_.data() + kMapped.size(), text, sizeof text);
  else
    inet_ntop(AF_INET6, bytes_.data(), text, sizeof text);
  return text;
}

bool IpAddress::is_v4() const noexcept {
  return std::memcmp(bytes_.data(), kMapped.data(), kMapped.size()) == 0;
}

bool IpAddress::is_loopback() const noexcept {
  if (is_v4()) return bytes_[12] == 127;
  for (std::size_t i = 0; i < 15; ++i)
    if (bytes_[i] != 0) return false;
  return bytes_[15] == 1;
}

bool IpAddress::shares_prefix(const IpAddress& other, int bits) const noexcept {
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (std::memcmp(bytes_.data(), other.bytes_.data(), whole) != 0) return false;
  const int rest = bits % 8;
  return rest == 0 || (bytes_[whole] >> (8 - rest)) == (other.bytes_[whole] >> (8 - rest));
}

Result<TrustedProxies> TrustedProxies::parse(const std::vector<std::string>& list) {
  TrustedProxies proxies;
  for (const std::string& entry : list) {
    std::string_view rest = entry;
    const auto address = IpAddress::parse(take_until(rest, '/'));
    if (!address) return invalid("\"" + entry + "\" is neither an address nor a CIDR");
    const int most = address->is_v4() ? 32 : 128;
    int bits = most;
    if (entry.find('/') != std::string::npos) {
      bits = 0;
      for (const char c : rest) bits = is_digit(c) && bits <= most ? bits * 10 + (c - '0') : 1000;
      if (rest.empty() || bits > most)
        return invalid("\"" + entry + "\" has no valid prefix length");
    }
    proxies.networks_.push_back({*address, bits + (128 - most)});
  }
  return proxies;
}

bool TrustedProxies::trusts(const IpAddress& address) const noexcept {
  for (const Network& network : networks_)
    if (network.address.shares_prefix(address, network.bits)) return true;
  return false;
}

IpAddress TrustedProxies::client_of(const IpAddress& peer, std::string_view forwarded_for) const {
  IpAddress client = peer;
  while (!forwarded_for.empty() && trusts(client)) {
    const auto comma = forwarded_for.rfind(',');
    const auto hop = parse_hop(comma == std::string_view::npos ? forwarded_for
                                                               : forwarded_for.substr(comma + 1));
    if (!hop) break;
    client = *hop;
    forwarded_for =
        comma == std::string_view::npos ? std::string_view{} : forwarded_for.substr(0, comma);
  }
  return client;
}

} // namespace baluhost::http
