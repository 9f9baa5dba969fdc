#include "dispatch/origin.hpp"

#include "connection/client_address.hpp"
#include "connection/head_check.hpp"
#include "fields/http_names.hpp"

#include <algorithm>

namespace baluhost::http {
namespace {

constexpr int default_port(bool secure) noexcept { return secure ? 443 : 80; }

std::string normalized_host(std::string_view host) {
  const bool is_bracketed = host.starts_with('[');
  const auto address = IpAddress::parse(is_bracketed ? host.substr(1, host.size() - 2) : host);
  if (address && is_bracketed && !address->is_v4()) return '[' + address->str() + ']';
  std::string name{host};
  std::ranges::transform(name, name.begin(), lower);
  return name;
}

} // namespace

std::optional<Origin> Origin::parse(std::string_view text) {
  const auto colon = text.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  const auto scheme = text.substr(0, colon);
  const bool secure = equals_ignoring_case(scheme, "https");
  if (!secure && !equals_ignoring_case(scheme, "http")) return std::nullopt;
  return of(secure, text.substr(colon + 3));
}

std::optional<Origin> Origin::of(bool secure, std::string_view authority) {
  if (!is_valid_host(authority)) return std::nullopt;
  const auto after_address = authority.starts_with('[') ? authority.find(']') : 0;
  const auto colon = authority.find(':', after_address);
  Origin origin{secure, normalized_host(authority.substr(0, colon)), default_port(secure)};
  if (colon == std::string_view::npos) return origin;
  origin.port = 0;
  for (const char c : authority.substr(colon + 1)) origin.port = origin.port * 10 + (c - '0');
  return origin;
}

std::string Origin::str() const {
  const auto text = (secure ? "https://" : "http://") + host;
  return port == default_port(secure) ? text : text + ':' + std::to_string(port);
}

} // namespace baluhost::http
