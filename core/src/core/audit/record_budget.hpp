#pragma once

#include "baluhost/domain/audit/audit_event.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>

namespace baluhost {

/// What refused and failed requests of one account may take of the record: a token bucket of bytes
/// by account. Accounts with a full bucket are forgotten. Safe from many threads.
class RecordBudget {
 public:
  static constexpr std::int64_t kBurstBytes = std::int64_t{1} << 20;
  static constexpr std::int64_t kBytesPerSecond = std::int64_t{4} << 10;

  /// How many events of the account were left out before `event`; none if it is to be left out too.
  /// 0 for who is no account: the system and the programs.
  std::optional<std::int64_t> admit(const NewAuditEvent& event, std::chrono::microseconds now);

  /// Those that `admit` counted could not be written.
  void give_back(UserId account, std::int64_t suppressed);

 private:
  struct Account {
    std::chrono::microseconds full_at{}; ///< when the bucket is full again
    std::int64_t suppressed{0};
  };
  std::mutex mutex_;
  std::unordered_map<UserId, Account> accounts_;
  std::size_t look_at_{kFirstLook}; ///< how many accounts there are when the full ones are dropped
  static constexpr std::size_t kFirstLook = 1024;
};

} // namespace baluhost
