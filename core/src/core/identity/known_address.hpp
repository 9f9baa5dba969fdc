#pragma once

#include "baluhost/domain/identity/ip_address.hpp"
#include "baluhost/ports/database.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>

namespace baluhost {

/// Whether `user` logged in from `address`, or from the same IPv6 network, within 30 days.
[[nodiscard]] inline Result<bool> is_known_address(ReadTransaction& tx, UserId user,
                                                   const std::optional<std::string>& address,
                                                   Timestamp now) {
  constexpr auto known_for = std::chrono::hours{24 * 30};
  const auto here = throttle_key(address);
  BALUHOST_TRY(const auto addresses, tx.sessions().login_addresses(user, now - known_for));
  return address && std::ranges::any_of(addresses, [&](const std::string& known) {
           return throttle_key(known) == here;
         });
}

} // namespace baluhost
