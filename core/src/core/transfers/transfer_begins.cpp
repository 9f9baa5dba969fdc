#include "transfers/transfer_begins.hpp"

#include <condition_variable>
#include <exception>
#include <iterator>
#include <utility>

namespace baluhost {
namespace {

constexpr std::size_t kMostEvents = 1000; ///< of a group, but for the first's

/// True if another of the group may well succeed.
bool is_about_one(const Error& error) noexcept {
  return error.code != Errc::unavailable && error.code != Errc::insufficient_storage;
}

} // namespace

/// One caller, until it is answered.
struct TransferBegins::Waiting {
  explicit Waiting(std::vector<NewAuditEvent> events) : interrupted(std::move(events)) {}

  std::vector<NewAuditEvent> interrupted;
  Result<std::vector<TransferId>> ids{std::vector<TransferId>{}};
  bool is_done{false};
  std::condition_variable changed; ///< it is done, or its turn to write has come
};

Result<std::vector<TransferId>> TransferBegins::begin(std::vector<NewAuditEvent> interrupted) {
  // Shared, so that it can be told without the lock, which it would only wait for.
  const auto mine = std::make_shared<Waiting>(std::move(interrupted));
  std::unique_lock lock(mutex_);
  queue_.push_back(mine);
  mine->changed.wait(lock, [&] { return mine->is_done || !is_writing_; });
  while (!mine->is_done) {
    is_writing_ = true;
    const auto group = next_group();
    lock.unlock();
    write(group);
    lock.lock();
    is_writing_ = false;
    for (const auto& one : group) one->is_done = true;
    const auto next = queue_.empty() ? nullptr : queue_.front();
    lock.unlock();
    if (next) next->changed.notify_one();
    for (const auto& one : group) {
      if (one != mine) one->changed.notify_one();
    }
    lock.lock();
    mine->changed.wait(lock, [&] { return mine->is_done || !is_writing_; });
  }
  return std::move(mine->ids);
}

TransferBegins::Group TransferBegins::next_group() {
  Group group;
  std::size_t events = 0;
  while (!queue_.empty() &&
         (group.empty() || events + queue_.front()->interrupted.size() <= kMostEvents)) {
    events += queue_.front()->interrupted.size();
    group.push_back(queue_.front());
    queue_.pop_front();
  }
  return group;
}

void TransferBegins::write(const Group& group) noexcept {
  try {
    std::vector<NewAuditEvent> all;
    for (const auto& one : group)
      all.insert(all.end(), one->interrupted.begin(), one->interrupted.end());
    auto ids = ledger_.begin(all);
    if (ids) {
      auto next = ids->begin();
      for (const auto& one : group) {
        const auto end = next + static_cast<std::ptrdiff_t>(one->interrupted.size());
        one->ids = std::vector<TransferId>(next, end);
        next = end;
      }
    } else if (group.size() > 1 && is_about_one(ids.error())) {
      for (const auto& one : group) one->ids = ledger_.begin(one->interrupted);
    } else {
      for (const auto& one : group) one->ids = ids.error();
    }
  } catch (const std::exception& failure) {
    for (const auto& one : group) one->ids = Error{Errc::internal, failure.what()};
  }
}

} // namespace baluhost
