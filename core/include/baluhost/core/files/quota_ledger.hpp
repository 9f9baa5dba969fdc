#pragma once

#include "baluhost/domain/ids.hpp"
#include "baluhost/domain/result.hpp"

#include <cstdint>
#include <map>
#include <mutex>

namespace baluhost {

/// Room set aside in owners' quotas for uploads that are under way, so that an upload that cannot
/// fit is refused before it is read. The database has the last word when an upload is committed.
/// Safe from many threads.
class QuotaLedger {
 public:
  class Reservation;

  /// quota_exceeded if `used` plus all reservations of `owner` plus `bytes` exceed `quota`.
  [[nodiscard]] Result<Reservation> reserve(UserId owner, std::int64_t bytes, std::int64_t used,
                                            std::optional<std::int64_t> quota);

 private:
  std::mutex mutex_;
  std::map<UserId, std::int64_t> reserved_;
};

/// Returns its room when it goes.
class QuotaLedger::Reservation {
 public:
  /// Made by `QuotaLedger::reserve`.
  Reservation(QuotaLedger& ledger, UserId owner, std::int64_t bytes)
      : ledger_(&ledger), owner_(owner), bytes_(bytes) {}

  /// What it moves from returns nothing.
  Reservation(Reservation&& other) noexcept;
  Reservation& operator=(Reservation&& other) noexcept;
  ~Reservation();

  /// Sets aside more for an upload that did not announce its size. quota_exceeded.
  [[nodiscard]] Result<void> grow(std::int64_t to_bytes, std::int64_t used,
                                  std::optional<std::int64_t> quota);

  /// Returns the room now: what commits next is counted by the database.
  void release() noexcept;

 private:
  QuotaLedger* ledger_;
  UserId owner_;
  std::int64_t bytes_;
};

} // namespace baluhost
