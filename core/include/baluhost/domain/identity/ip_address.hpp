#pragma once

#include "baluhost/domain/result.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace baluhost {

/// An IP address, IPv4 as its IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2).
class IpAddress {
 public:
  /// The address that `text` writes (RFC 4291 section 2.2), without port, brackets or zone; none if
  /// it is no address.
  static std::optional<IpAddress> parse(std::string_view text);

  /// The one text of the address (RFC 5952); an IPv4-mapped one as IPv4.
  [[nodiscard]] std::string str() const;

  /// Whether it is one of IPv4, an IPv4-mapped one too.
  [[nodiscard]] bool is_v4() const noexcept;

  /// Whether it is this machine's own.
  [[nodiscard]] bool is_loopback() const noexcept;

  /// Whether the first `bits` (0 to 128) are the same; those of an IPv4 address follow 96 others.
  [[nodiscard]] bool shares_prefix(const IpAddress& other, int bits) const noexcept;

  /// What to count a client by: an IPv4 address itself; of an IPv6 address the first 64 bits, since
  /// whoever has one of those has them all.
  [[nodiscard]] IpAddress network() const noexcept;

  auto operator<=>(const IpAddress&) const = default;

 private:
  explicit IpAddress(const std::array<std::uint8_t, 16>& bytes) noexcept : bytes_(bytes) {}

  std::array<std::uint8_t, 16> bytes_;
};

/// The addresses that begin with the same bits (RFC 4632).
class IpNetwork {
 public:
  /// "10.0.0.0/8"; an address alone is a network of one. Else invalid_request.
  static Result<IpNetwork> parse(std::string_view text);

  /// Whether `address` is in it.
  [[nodiscard]] bool contains(const IpAddress& address) const noexcept {
    return address_.shares_prefix(address, bits_);
  }

  /// The address as it was given and the length of the prefix: "10.0.0.0/8".
  [[nodiscard]] std::string str() const;

  bool operator==(const IpNetwork&) const = default;

 private:
  IpNetwork(const IpAddress& address, int bits) : address_(address), bits_(bits) {}

  IpAddress address_;
  int bits_; ///< of 128
};

/// What a client is counted by: the text of the network of `address`, empty for none.
std::string throttle_key(const std::optional<IpAddress>& address);

} // namespace baluhost
