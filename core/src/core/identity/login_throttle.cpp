#include "baluhost/core/identity/login_throttle.hpp"

#include <algorithm>
#include <list>
#include <mutex>
#include <unordered_map>
#include <utility>

/// Failures are counted three times: by account, by address, and by account at an address. The
/// first two say how long anyone has to wait. Who comes from an address that the account's owner is
/// known to use is let in all the same, judged by the third count alone, so that others, elsewhere
/// or beside the owner, cannot lock the owner out. What such an attempt is told when it fails, and
/// what others are told after it, is what they would be told of a name that nobody has. A count is
/// forgotten when nothing was added to it for a window after its wait was over.
namespace baluhost {
namespace {

using std::chrono::microseconds;
using std::chrono::seconds;

struct Failures {
  std::string key;
  int count{0};
  microseconds last{}; ///< by the monotonic clock
  Timestamp last_at;   ///< by the wall clock, to compare with the moment of an unlock
};

/// Counters by key; those without a failure for the longest time make room.
class FailureTable {
 public:
  explicit FailureTable(std::size_t capacity) : capacity_(std::max<std::size_t>(capacity, 1)) {}

  Failures* find(const std::string& key) {
    const auto found = index_.find(key);
    return found == index_.end() ? nullptr : &*found->second;
  }

  Failures& find_or_add(const std::string& key) {
    if (const auto found = index_.find(key); found != index_.end()) {
      entries_.splice(entries_.begin(), entries_, found->second);
      return entries_.front();
    }
    if (entries_.size() >= capacity_) {
      index_.erase(entries_.back().key);
      entries_.pop_back();
    }
    entries_.push_front({.key = key});
    index_.emplace(key, entries_.begin());
    return entries_.front();
  }

  void erase(const std::string& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return;
    entries_.erase(found->second);
    index_.erase(found);
  }

 private:
  std::size_t capacity_;
  std::list<Failures> entries_; ///< the last failure first
  std::unordered_map<std::string, std::list<Failures>::iterator> index_;
};

} // namespace

struct LoginThrottle::State {
  explicit State(const LoginThrottleOptions& of)
      : options(of), accounts(of.capacity), addresses(of.capacity), pairs(of.capacity) {}

  const LoginThrottleOptions options;
  std::mutex mutex;
  FailureTable accounts;
  FailureTable addresses;
  FailureTable pairs;

  [[nodiscard]] microseconds penalty(int count) const {
    const int beyond = count - options.max_attempts;
    if (beyond < 0) return {};
    return std::min<microseconds>(options.window, seconds{std::int64_t{1} << std::min(beyond, 30)});
  }

  /// What is left of the wait for `key`, failures up to `forgiven` left aside.
  microseconds wait(FailureTable& table, const std::string& key, microseconds now,
                    const std::optional<Timestamp>& forgiven = {}) {
    const Failures* failures = table.find(key);
    if (failures == nullptr || (forgiven && failures->last_at <= *forgiven)) return {};
    const auto over = failures->last + penalty(failures->count);
    if (now - over >= options.window) {
      table.erase(key);
      return {};
    }
    return std::max(microseconds{0}, over - now);
  }

  void count(FailureTable& table, const std::string& key, microseconds now, Timestamp now_at) {
    wait(table, key, now); // forgets an old count
    Failures& failures = table.find_or_add(key);
    failures.count = std::min(failures.count + 1, 1'000'000);
    failures.last = now;
    failures.last_at = now_at;
  }

  /// An account that was unlocked begins anew. What its address did elsewhere is kept: it was not
  /// the address that was unlocked.
  void forgive(FailureTable& table, const std::string& key, Timestamp unlocked_at) {
    const Failures* failures = table.find(key);
    if (failures != nullptr && failures->last_at <= unlocked_at) table.erase(key);
  }
};

namespace {

std::string pair_key(std::string_view account, const std::string& bucket) {
  return std::string{account} + '\n' + bucket;
}

} // namespace

LoginThrottle::LoginThrottle(const Clock& clock, LoginThrottleOptions options)
    : clock_(clock), state_(std::make_unique<State>(options)) {}

LoginThrottle::~LoginThrottle() = default;

LoginWait LoginThrottle::wait(std::string_view account, const std::optional<IpAddress>& address,
                              KnownAddress known_address,
                              const std::optional<Timestamp>& unlocked_at) {
  const auto bucket = throttle_key(address);
  const std::string name{account};
  const auto pair = pair_key(account, bucket);
  const auto now = clock_.monotonic();
  const std::lock_guard lock(state_->mutex);
  if (unlocked_at) {
    state_->forgive(state_->accounts, name, *unlocked_at);
    state_->forgive(state_->pairs, pair, *unlocked_at);
  }
  const auto left = std::max(state_->wait(state_->accounts, name, now),
                             state_->wait(state_->addresses, bucket, now, unlocked_at));
  const bool owner_admitted =
      known_address == KnownAddress::yes && state_->wait(state_->pairs, pair, now).count() == 0;
  return {std::chrono::ceil<seconds>(left), left.count() == 0 || owner_admitted};
}

void LoginThrottle::failed(std::string_view account, const std::optional<IpAddress>& address,
                           const LoginWait& waited) {
  const auto bucket = throttle_key(address);
  const auto now = clock_.monotonic();
  const auto now_at = clock_.now();
  const std::lock_guard lock(state_->mutex);
  state_->count(state_->pairs, pair_key(account, bucket), now, now_at);
  if (waited.wait.count() > 0) return;
  state_->count(state_->accounts, std::string{account}, now, now_at);
  state_->count(state_->addresses, bucket, now, now_at);
}

void LoginThrottle::succeeded(std::string_view account, const std::optional<IpAddress>& address) {
  const auto bucket = throttle_key(address);
  const std::lock_guard lock(state_->mutex);
  state_->accounts.erase(std::string{account});
  state_->pairs.erase(pair_key(account, bucket));
}

} // namespace baluhost
