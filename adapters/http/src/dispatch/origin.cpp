#include "dispatch/origin.hpp"

#include "baluhost/domain/identity/ip_address.hpp"
#include "fields/head_check.hpp"
#include "fields/http_names.hpp"

#include <algorithm>

namespace baluhost::http {
namespace {

constexpr int default_port(Scheme scheme) noexcept { return scheme == Scheme::https ? 443 : 80; }

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
  if (equals_ignoring_case(scheme, "https")) return of(Scheme::https, text.substr(colon + 3));
  if (equals_ignoring_case(scheme, "http")) return of(Scheme::http, text.substr(colon + 3));
  return std::nullopt;
}

std::optional<Origin> Origin::of(Scheme scheme, std::string_view authority) {
  if (!is_valid_host(authority)) return std::nullopt;
  const auto after_address = authority.starts_with('[') ? authority.find(']') : 0;
  const auto colon = authority.find(':', after_address);
  Origin origin{.scheme = scheme,
                .host = normalized_host(authority.substr(0, colon)),
                .port = default_port(scheme)};
  if (colon == std::string_view::npos) return origin;
  origin.port = 0;
  for (const char c : authority.substr(colon + 1)) origin.port = origin.port * 10 + (c - '0');
  return origin;
}

std::string Origin::str() const {
  const auto text = (scheme == Scheme::https ? "https://" : "http://") + host;
  return port == default_port(scheme) ? text : text + ':' + std::to_string(port);
}

} // namespace baluhost::http
