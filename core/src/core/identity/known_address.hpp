#pragma once

#include "baluhost/core/identity/login_throttle.hpp"
#include "baluhost/domain/identity/ip_address.hpp"
#include "baluhost/ports/database.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace baluhost {

/// Whether `user` logged in from `address`, or from the same IPv6 network, within 30 days.
[[nodiscard]] inline Result<KnownAddress> is_known_address(ReadTransaction& tx, UserId user,
                                                           const std::optional<IpAddress>& address,
                                                           Timestamp now) {
  constexpr auto known_for = std::chrono::hours{24 * 30};
  BALUHOST_TRY(const auto addresses, tx.sessions().login_addresses(user, now - known_for));
  const bool is_known = address && std::ranges::any_of(addresses, [&](const IpAddress& known) {
                          return known.network() == address->network();
                        });
  return is_known ? KnownAddress::yes : KnownAddress::no;
}

} // namespace baluhost
