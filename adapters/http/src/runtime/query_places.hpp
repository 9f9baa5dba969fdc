#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace baluhost::http {

/// Places for queries whose cost grows with the trail. One of an account runs at a time, and few in
/// all; the others wait in the order in which they came, account by account in turn. So an
/// account with many queries waits for its own. Safe from many threads.
class QueryPlaces {
 public:
  /// Of one account.
  static constexpr std::size_t kMostWaiting = 64;

  /// A place that is held; free again when it goes.
  class Place {
   public:
    Place() = default;
    Place(Place&& other) noexcept;
    Place& operator=(Place&& other) noexcept;
    ~Place();
    explicit operator bool() const noexcept { return places_ != nullptr; }

   private:
    friend class QueryPlaces;
    Place(QueryPlaces& places, std::int64_t account) : places_(&places), account_(account) {}
    QueryPlaces* places_{nullptr};
    std::int64_t account_{};
  };

  /// One that waits. `ready` is called once, on any thread, when it has its place.
  class Waiter {
   public:
    explicit Waiter(std::function<void()> ready) : ready_(std::move(ready)) {}

   private:
    friend class QueryPlaces;
    std::function<void()> ready_;
    bool has_place_{false};
  };

  explicit QueryPlaces(int places) : free_(places) {}

  enum class Entered { has_place, waits, refused };
  /// A place at once, if there is one for this account; else `waiter` is in the queue, unless that
  /// is full.
  Entered enter(std::int64_t account, const std::shared_ptr<Waiter>& waiter);

  /// The place of a waiter that has one, also of one that `enter` gave it to at once; none, and it
  /// waits no more, where it has not.
  Place collect(std::int64_t account, const std::shared_ptr<Waiter>& waiter);

 private:
  struct Account {
    bool runs{false};
    std::deque<std::shared_ptr<Waiter>> waiting;
  };
  void leave(std::int64_t account);
  void forget_if_quiet(std::int64_t account);
  std::shared_ptr<Waiter> next();

  std::mutex mutex_;
  int free_;
  std::map<std::int64_t, Account> accounts_;

  /// Of accounts that have queries which wait and none that runs.
  std::deque<std::int64_t> turns_;
};

} // namespace baluhost::http
