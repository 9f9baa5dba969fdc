#include "runtime/client_address.hpp"

#include "fields/http_names.hpp"

#include <algorithm>

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
    auto network = IpNetwork::parse(entry);
    if (!network) return invalid("\"" + entry + "\" " + network.error().detail);
    proxies.networks_.push_back(*network);
  }
  return proxies;
}

bool TrustedProxies::trusts(const IpAddress& address) const noexcept {
  return std::ranges::any_of(networks_,
                             [&](const IpNetwork& network) { return network.contains(address); });
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
