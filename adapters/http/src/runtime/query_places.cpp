#include "runtime/query_places.hpp"

#include <algorithm>
#include <utility>

namespace baluhost::http {

QueryPlaces::Place::Place(Place&& other) noexcept
    : places_(std::exchange(other.places_, nullptr)), account_(other.account_) {}

QueryPlaces::Place& QueryPlaces::Place::operator=(Place&& other) noexcept {
  std::swap(places_, other.places_);
  std::swap(account_, other.account_);
  return *this;
}

QueryPlaces::Place::~Place() {
  if (places_ != nullptr) places_->leave(account_);
}

QueryPlaces::Entered QueryPlaces::enter(std::int64_t id, const std::shared_ptr<Waiter>& waiter) {
  const std::lock_guard lock{mutex_};
  Account& account = accounts_[id];
  if (!account.runs && account.waiting.empty() && free_ > 0) {
    --free_;
    account.runs = true;
    waiter->has_place_ = true;
    return Entered::has_place;
  }
  if (account.waiting.size() >= kMostWaiting) return Entered::refused;
  account.waiting.push_back(waiter);
  if (!account.runs && account.waiting.size() == 1) turns_.push_back(id);
  return Entered::waits;
}

QueryPlaces::Place QueryPlaces::collect(std::int64_t id, const std::shared_ptr<Waiter>& waiter) {
  const std::lock_guard lock{mutex_};
  if (waiter->has_place_) return Place{*this, id};
  Account& account = accounts_[id];
  std::erase(account.waiting, waiter);
  if (account.waiting.empty()) std::erase(turns_, id);
  forget_if_quiet(id);
  return {};
}

void QueryPlaces::leave(std::int64_t id) {
  std::shared_ptr<Waiter> granted;
  {
    const std::lock_guard lock{mutex_};
    ++free_;
    Account& account = accounts_[id];
    account.runs = false;
    if (!account.waiting.empty()) turns_.push_back(id);
    granted = next();
    forget_if_quiet(id);
  }
  if (granted) granted->ready_();
}

void QueryPlaces::forget_if_quiet(std::int64_t id) {
  const auto found = accounts_.find(id);
  if (found != accounts_.end() && !found->second.runs && found->second.waiting.empty())
    accounts_.erase(found);
}

/// The waiter whose turn it is now, with a place; none where none waits. The caller holds the lock.
std::shared_ptr<QueryPlaces::Waiter> QueryPlaces::next() {
  if (turns_.empty() || free_ == 0) return nullptr;
  Account& account = accounts_[turns_.front()];
  turns_.pop_front();
  auto waiter = std::move(account.waiting.front());
  account.waiting.pop_front();
  --free_;
  account.runs = true;
  waiter->has_place_ = true;
  return waiter;
}

} // namespace baluhost::http
