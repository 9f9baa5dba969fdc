#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace baluhost {

/// The one text of the address that `text` writes (RFC 4291, section 2.2): as RFC 5952 has it, an
/// IPv4 address within IPv6 as IPv4. None if it is no address.
std::optional<std::string> canonical_ip_address(std::string_view text);

} // namespace baluhost
