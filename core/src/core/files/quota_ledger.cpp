#include "baluhost/core/files/quota_ledger.hpp"

#include <utility>

namespace baluhost {
namespace {

/// No sum of these overflows: all are sizes that were announced or received, and the limit comes
/// first.
bool has_room(std::int64_t reserved, std::int64_t bytes, std::int64_t used,
              std::optional<std::int64_t> quota) {
  if (bytes <= 0 || !quota) return true;
  return used <= *quota && reserved <= *quota - used && bytes <= *quota - used - reserved;
}

Error no_room() {
  return Error{.code = Errc::quota_exceeded, .detail = "the owner's quota has no room"};
}

} // namespace

Result<QuotaLedger::Reservation> QuotaLedger::reserve(UserId owner, std::int64_t bytes,
                                                      std::int64_t used,
                                                      std::optional<std::int64_t> quota) {
  const std::lock_guard lock(mutex_);
  const auto found = reserved_.find(owner);
  const std::int64_t reserved = found == reserved_.end() ? 0 : found->second;
  if (!has_room(reserved, bytes, used, quota)) return no_room();
  const std::int64_t taken = quota && bytes > 0 ? bytes : 0;
  if (taken > 0) reserved_[owner] += taken;
  return Reservation{*this, owner, taken};
}

QuotaLedger::Reservation::Reservation(Reservation&& other) noexcept
    : ledger_(std::exchange(other.ledger_, nullptr)), owner_(other.owner_), bytes_(other.bytes_) {}

QuotaLedger::Reservation& QuotaLedger::Reservation::operator=(Reservation&& other) noexcept {
  if (this != &other) {
    release();
    ledger_ = std::exchange(other.ledger_, nullptr);
    owner_ = other.owner_;
    bytes_ = other.bytes_;
  }
  return *this;
}

QuotaLedger::Reservation::~Reservation() { release(); }

Result<void> QuotaLedger::Reservation::grow(std::int64_t to_bytes, std::int64_t used,
                                            std::optional<std::int64_t> quota) {
  if (ledger_ == nullptr || !quota || to_bytes <= bytes_) return {};
  const std::lock_guard lock(ledger_->mutex_);
  auto& reserved = ledger_->reserved_[owner_];
  if (!has_room(reserved - bytes_, to_bytes, used, quota)) return no_room();
  reserved += to_bytes - bytes_;
  bytes_ = to_bytes;
  return {};
}

void QuotaLedger::Reservation::release() noexcept {
  if (ledger_ == nullptr) return;
  const std::lock_guard lock(ledger_->mutex_);
  const auto found = ledger_->reserved_.find(owner_);
  if (found != ledger_->reserved_.end() && (found->second -= bytes_) <= 0)
    ledger_->reserved_.erase(found);
  ledger_ = nullptr;
}

} // namespace baluhost
