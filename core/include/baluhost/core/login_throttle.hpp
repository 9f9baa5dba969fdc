#pragma once

#include "baluhost/domain/timestamp.hpp"
#include "baluhost/ports/clock.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace baluhost {

struct LoginThrottleOptions {
  int max_attempts{10};
  std::chrono::seconds window{std::chrono::minutes{15}};
  std::size_t capacity{100000}; ///< accounts and addresses remembered; the oldest are forgotten first
};

/// Counts failed logins by account and by client address (IPv6 by /64), before anything is hashed. Beyond `max_attempts` within the window
/// each further failure doubles the wait, up to the window. Memory is bounded. Safe from many threads.
class LoginThrottle {
 public:
  LoginThrottle(const Clock& clock, LoginThrottleOptions options);
  ~LoginThrottle();

  /// How long this attempt has to wait; zero: go on. With `known_address` (the owner logged in from there, or from the same IPv6
  /// network, lately) failures counted against the account from elsewhere, and the address's with other accounts, do not matter.
  /// `unlocked_at` forgives failures before it.
  [[nodiscard]] std::chrono::seconds wait(std::string_view account, const std::optional<std::string>& address, bool known_address,
                                          const std::optional<Timestamp>& unlocked_at);
  void failed(std::string_view account, const std::optional<std::string>& address);
  void succeeded(std::string_view account, const std::optional<std::string>& address);

 private:
  struct State;
  const Clock& clock_;
  std::unique_ptr<State> state_;
};

} // namespace baluhost
