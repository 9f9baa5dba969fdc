#include "baluhost/domain/identity/ip_address.hpp"

#include <algorithm>
#include <charconv>

namespace baluhost {
namespace {

using Bytes = std::array<std::uint8_t, 16>;
constexpr std::size_t kGroups = 8;
constexpr int kAddressBits = 128;
constexpr int kV4Bits = 32;

/// The four bytes of "192.0.2.1" into `bytes`, from `at` on.
bool read_v4(std::string_view text, Bytes& bytes, std::size_t at) {
  for (std::size_t i = 0; i < 4; ++i) {
    const auto dot = text.find('.');
    const auto part = text.substr(0, dot);
    if ((dot == std::string_view::npos) != (i == 3)) return false;
    if (part.empty() || part.size() > 3 || (part.size() > 1 && part.front() == '0')) return false;
    const auto end = part.data() + part.size();
    if (const auto [stop, error] = std::from_chars(part.data(), end, bytes[at + i]);
        error != std::errc{} || stop != end)
      return false;
    text.remove_prefix(i == 3 ? text.size() : dot + 1);
  }
  return true;
}

/// The groups of `text`, which has no "::", into `bytes`; how many there are, none if it is
/// malformed. The last may be an IPv4 address.
std::optional<std::size_t> read_groups(std::string_view text, Bytes& bytes) {
  std::size_t count = 0;
  while (!text.empty()) {
    const auto colon = text.find(':');
    const auto group = text.substr(0, colon);
    if (colon == std::string_view::npos && group.find('.') != std::string_view::npos) {
      if (count > kGroups - 2 || !read_v4(group, bytes, 2 * count)) return std::nullopt;
      return count + 2;
    }
    std::uint16_t value = 0;
    const auto end = group.data() + group.size();
    if (group.empty() || group.size() > 4 || count == kGroups) return std::nullopt;
    if (const auto [stop, error] = std::from_chars(group.data(), end, value, 16);
        error != std::errc{} || stop != end)
      return std::nullopt;
    bytes[2 * count] = static_cast<std::uint8_t>(value >> 8);
    bytes[2 * count + 1] = static_cast<std::uint8_t>(value);
    ++count;
    if (colon == std::string_view::npos) break;
    text.remove_prefix(colon + 1);
    if (text.empty()) return std::nullopt;
  }
  return count;
}

std::optional<Bytes> read_v6(std::string_view text) {
  Bytes bytes{};
  const auto gap = text.find("::");
  const auto first = read_groups(text.substr(0, gap), bytes);
  if (!first) return std::nullopt;
  if (gap == std::string_view::npos) return *first == kGroups ? std::optional{bytes} : std::nullopt;
  if (text.substr(0, gap).find('.') != std::string_view::npos) return std::nullopt;
  Bytes after{};
  const auto rest = read_groups(text.substr(gap + 2), after);
  if (!rest || *first + *rest >= kGroups) return std::nullopt;
  for (std::size_t i = 0; i < 2 * *rest; ++i) bytes[16 - 2 * *rest + i] = after[i];
  return bytes;
}

constexpr Bytes kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::size_t kV4At = 12; ///< where an IPv4 address begins within its IPv6 one
constexpr std::size_t kNetworkBytes = 8;

std::string v4_text(const Bytes& bytes) {
  std::string text;
  for (std::size_t i = 12; i < 16; ++i) text += (i > 12 ? "." : "") + std::to_string(bytes[i]);
  return text;
}

std::string v6_text(const Bytes& bytes) {
  const auto group = [&](std::size_t i) { return bytes[2 * i] << 8 | bytes[2 * i + 1]; };
  std::size_t gap = kGroups, length = 1; // the first of the longest runs of zeros, of two at least
  for (std::size_t i = 0; i < kGroups; ++i) {
    std::size_t run = 0;
    while (i + run < kGroups && group(i + run) == 0) ++run;
    if (run > length) {
      gap = i;
      length = run;
    }
  }
  if (gap == 0 && length == 6)
    return "::" + v4_text(bytes); // an IPv4-compatible one, as every C library writes it
  std::string text;
  for (std::size_t i = 0; i < kGroups; ++i) {
    if (i == gap) {
      text += "::";
      i += length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    std::array<char, 4> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), group(i), 16).ptr;
    text.append(digits.data(), end);
  }
  return text;
}

} // namespace

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  auto v4 = kMapped;
  if (read_v4(text, v4, kV4At)) return IpAddress{v4};
  const auto v6 = read_v6(text);
  if (!v6) return std::nullopt;
  return IpAddress{*v6};
}

std::string IpAddress::str() const { return is_v4() ? v4_text(bytes_) : v6_text(bytes_); }

bool IpAddress::is_v4() const noexcept {
  return std::equal(kMapped.begin(), kMapped.begin() + kV4At, bytes_.begin());
}

bool IpAddress::is_loopback() const noexcept {
  if (is_v4()) return bytes_[kV4At] == 127;
  constexpr Bytes kLoopback{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return bytes_ == kLoopback;
}

bool IpAddress::shares_prefix(const IpAddress& other, int bits) const noexcept {
  const auto whole = bits / 8;
  if (!std::equal(bytes_.begin(), bytes_.begin() + whole, other.bytes_.begin())) return false;
  const auto at = static_cast<std::size_t>(whole);
  const int rest = bits % 8;
  return rest == 0 || (bytes_[at] >> (8 - rest)) == (other.bytes_[at] >> (8 - rest));
}

IpAddress IpAddress::network() const noexcept {
  if (is_v4()) return *this;
  auto network = *this;
  std::fill(network.bytes_.begin() + kNetworkBytes, network.bytes_.end(), std::uint8_t{0});
  return network;
}

Result<IpNetwork> IpNetwork::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return invalid("is neither an address nor a CIDR");
  const int most = address->is_v4() ? kV4Bits : kAddressBits;
  int bits = most;
  if (slash != std::string_view::npos) {
    const auto digits = text.substr(slash + 1);
    const auto* const end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, bits);
    if (digits.starts_with('-') || read.ec != std::errc{} || read.ptr != end || bits > most)
      return invalid("has no valid prefix length");
  }
  return IpNetwork{*address, bits + (kAddressBits - most)};
}

std::string IpNetwork::str() const {
  const int given = address_.is_v4() ? bits_ - (kAddressBits - kV4Bits) : bits_;
  return address_.str() + "/" + std::to_string(given);
}

std::string throttle_key(const std::optional<IpAddress>& address) {
  return address ? address->network().str() : std::string{};
}

} // namespace baluhost
