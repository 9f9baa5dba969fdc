#include "runtime/client_address.hpp"

#include "fields/http_names.hpp"

namespace baluhost::http {
namespace {

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
