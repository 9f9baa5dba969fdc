#pragma once

#include "baluhost/domain/result.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace baluhost::http {

/// An IP address, IPv4 as its IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2).
class IpAddress {
 public:
  /// Of the text alone, without port or brackets; none if it is no address.
  static std::optional<IpAddress> parse(std::string_view text);
  [[nodiscard]] std::string str() const; ///< canonical (RFC 5952); an IPv4-mapped one as IPv4
  [[nodiscard]] bool is_v4() const noexcept;
  [[nodiscard]] bool is_loopback() const noexcept;
  [[nodiscard]] bool shares_prefix(const IpAddress& other, int bits) const noexcept;
  auto operator<=>(const IpAddress&) const = default;

 private:
  std::array<std::uint8_t, 16> bytes_{};
};

/// The proxies whose word about the client's address is believed.
class TrustedProxies {
 public:
  /// Of addresses and CIDRs. invalid_request.
  static Result<TrustedProxies> parse(const std::vector<std::string>& list);
  [[nodiscard]] bool trusts(const IpAddress& address) const noexcept;
  /// The client: the peer, or, as long as the address found so far is trusted, the next one of
  /// X-Forwarded-For from the right. What cannot be read ends the walk.
  [[nodiscard]] IpAddress client_of(const IpAddress& peer, std::string_view forwarded_for) const;

 private:
  struct Network {
    IpAddress address;
    int bits{};
  };
  std::vector<Network> networks_;
};

} // namespace baluhost::http
