#pragma once

#include "baluhost/domain/identity/ip_address.hpp"
#include "baluhost/domain/timestamp.hpp"
#include "baluhost/ports/clock.hpp"

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace baluhost {

/// Of `LoginThrottle`.
struct LoginThrottleOptions {
  int max_attempts{10};
  std::chrono::seconds window{std::chrono::minutes{15}};

  /// Accounts and addresses remembered; the oldest are forgotten first.
  std::size_t capacity{100000};
};

/// Whether the owner logged in from the client's address, or from the same IPv6 network, lately.
enum class KnownAddress { no, yes };

/// What an attempt has to expect.
struct LoginWait {
  std::chrono::seconds wait{}; ///< what anybody is told who fails now; zero: nobody has to wait
  bool admitted{true};         ///< whether the password is looked at all the same
};

/// Counts failed logins by account and by client address (IPv6 by /64), before anything is hashed.
/// Beyond `max_attempts` within the window each further failure doubles the wait, up to the window.
/// By name, since whether it has an account must not show. Memory is bounded. Safe from many
/// threads.
class LoginThrottle {
 public:
  /// `clock` must outlive it.
  LoginThrottle(const Clock& clock, LoginThrottleOptions options);
  ~LoginThrottle();

  /// The wait does not depend on whether there is such an account. From a known address the attempt
  /// is admitted whatever others failed at, as long as the account was not guessed at from there
  /// too often. `unlocked_at` forgives failures before it.
  [[nodiscard]] LoginWait wait(std::string_view account, const std::optional<IpAddress>& address,
                               KnownAddress known_address = KnownAddress::no,
                               const std::optional<Timestamp>& unlocked_at = {});

  /// Counts the failure of an attempt for which `waited` was the answer. Who was admitted although
  /// others have to wait makes nobody else wait longer.
  void failed(std::string_view account, const std::optional<IpAddress>& address,
              const LoginWait& waited);

  /// Forgets the failures of `account` from `address`.
  void succeeded(std::string_view account, const std::optional<IpAddress>& address);

 private:
  struct State;
  const Clock& clock_;
  std::unique_ptr<State> state_;
};

} // namespace baluhost
