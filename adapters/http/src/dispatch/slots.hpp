#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace baluhost::http {

/// Slots that requests hold for as long as they last: so many of one account, and so many in all.
/// Safe from many threads.
class Slots {
 public:
  Slots(int of_one, int in_all) : of_one_(of_one), in_all_(in_all) {}

  /// One that is held; free again when it goes.
  class Slot {
   public:
    Slot(Slots& slots, std::int64_t account) : slots_(&slots), account_(account) {}
    Slot(Slot&& other) noexcept
        : slots_(std::exchange(other.slots_, nullptr)), account_(other.account_) {}
    Slot& operator=(Slot&& other) noexcept {
      std::swap(slots_, other.slots_);
      std::swap(account_, other.account_);
      return *this;
    }
    ~Slot() {
      if (slots_ != nullptr) slots_->give_back(account_);
    }

   private:
    Slots* slots_;
    std::int64_t account_;
  };

  /// A slot; none where the account holds all of its own, or all are held.
  std::optional<Slot> take(std::int64_t account) {
    const std::lock_guard lock{mutex_};
    const auto held = held_.find(account);
    if (in_all_ == 0 || (held != held_.end() && held->second == of_one_)) return std::nullopt;
    --in_all_;
    ++held_[account];
    return Slot{*this, account};
  }

 private:
  void give_back(std::int64_t account) {
    const std::lock_guard lock{mutex_};
    ++in_all_;
    if (const auto held = held_.find(account); --held->second == 0) held_.erase(held);
  }

  std::mutex mutex_;
  const int of_one_;
  int in_all_;
  std::map<std::int64_t, int> held_;
};

} // namespace baluhost::http
