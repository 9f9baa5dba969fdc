#pragma once

#include <optional>
#include <string>

namespace baluhost {

/// What to count a client by: an IPv4 address itself, of an IPv6 address the first 64 bits, since
/// whoever has one has them all. An IPv4 address written as IPv6 (RFC 4291 section 2.5.5.2) counts
/// as IPv4. `address` is canonical text; anything else counts as it is.
std::string address_bucket(const std::optional<std::string>& address);

} // namespace baluhost
