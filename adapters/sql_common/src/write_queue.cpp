#include "baluhost/sql_common/write_queue.hpp"

#include <utility>

namespace baluhost::sql {

Error busy(std::string detail) {
  return Error{.code = Errc::unavailable,
               .detail = std::move(detail),
               .retry_after = std::chrono::seconds{1}};
}

Result<StagedEvents> stage_write(Connection& db, SqlTransaction& transaction,
                                 FunctionRef<Result<AuditEvents>(WriteTransaction&)> work) {
  BALUHOST_TRY(const auto events, run_work(work, transaction.transaction()));
  return guarded(db, [&]() -> Result<StagedEvents> { return StagedEvents(events.list()); });
}

Result<StagedEvents> stage_bookkeeping(SqlTransaction& transaction,
                                       FunctionRef<Result<void>(Bookkeeping&)> work) {
  BALUHOST_CHECK(run_work(work, transaction.bookkeeping()));
  return StagedEvents{};
}

Result<void> WriteQueue::run(QueuedWrite& write) {
  const auto deadline = std::chrono::steady_clock::now() + limits_.deadline;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= limits_.waiting) return busy("too many writes wait");
    waiting_.push_back(&write);
  }
  has_work_.notify_one();
  std::unique_lock lock(write.mutex_);
  const auto is_answered = [&] { return write.is_answered_; };
  if (!write.changed_.wait_until(lock, deadline, is_answered)) {
    lock.unlock();
    if (take_back(write)) return busy("other writes take too long");
    lock.lock();
    write.changed_.wait(lock, is_answered); // it has begun, and will end
  }
  return std::move(write.result);
}

void WriteQueue::close() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  has_work_.notify_one();
}

bool WriteQueue::wait() {
  std::unique_lock lock(mutex_);
  has_work_.wait(lock, [&] { return is_closed_ || !waiting_.empty(); });
  return !waiting_.empty();
}

bool WriteQueue::is_empty() {
  const std::lock_guard lock(mutex_);
  return waiting_.empty();
}

QueuedWrite* WriteQueue::next() {
  const std::lock_guard lock(mutex_);
  return waiting_.empty() ? nullptr : pop();
}

QueuedWrite* WriteQueue::next_to_join() {
  const std::lock_guard lock(mutex_);
  return waiting_.empty() || waiting_.front()->is_alone ? nullptr : pop();
}

QueuedWrite* WriteQueue::pop() {
  QueuedWrite* write = waiting_.front();
  waiting_.pop_front();
  return write;
}

void WriteQueue::put_back(std::span<QueuedWrite* const> writes) {
  const std::lock_guard lock(mutex_);
  waiting_.insert(waiting_.begin(), writes.begin(), writes.end());
}

void WriteQueue::answer(QueuedWrite& write, Result<void> result) {
  const std::lock_guard lock(write.mutex_);
  write.result = std::move(result);
  write.is_answered_ = true;
  // Under the lock: the write is gone as soon as its owner sees that it is answered.
  write.changed_.notify_one();
}

bool WriteQueue::take_back(QueuedWrite& write) {
  const std::lock_guard lock(mutex_);
  return std::erase(waiting_, &write) > 0;
}

} // namespace baluhost::sql
