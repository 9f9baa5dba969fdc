#include "runtime/worker_pool.hpp"

#include <unistd.h>

#include <limits>
#include <utility>

namespace baluhost::http {

WorkerPool::WorkerPool(int threads, std::size_t capacity, std::function<void()> on_job,
                       int niceness)
    : capacity_(capacity),
      on_job_(std::move(on_job)),
      niceness_(niceness),
      places_(static_cast<std::size_t>(threads)) {
  sleepers_.reserve(places_.size());
  threads_.reserve(places_.size());
  for (Sleeper& place : places_) threads_.emplace_back([this, &place] { work(place); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  for (Sleeper& place : places_) place.wake.notify_one();
  for (std::thread& thread : threads_) thread.join();
}

bool WorkerPool::submit(Job& job) { return push(job, capacity_); }

void WorkerPool::submit_always(Job& job) { push(job, std::numeric_limits<std::size_t>::max()); }

bool WorkerPool::push(Job& job, std::size_t limit) noexcept {
  if (on_job_) on_job_();
  Sleeper* sleeper = nullptr;
  {
    const std::lock_guard lock{mutex_};
    if (queued_.load(std::memory_order_relaxed) >= limit) return false;
    job.next_ = nullptr;
    (last_ != nullptr ? last_->next_ : first_) = &job;
    last_ = &job;
    queued_.fetch_add(1, std::memory_order_relaxed);
    sleeper = call_sleeper();
  }
  if (sleeper != nullptr) sleeper->wake.notify_one();
  return true;
}

/// The one to notify, if any. The caller holds the lock.
WorkerPool::Sleeper* WorkerPool::call_sleeper() noexcept {
  if (calling_ || sleepers_.empty()) return nullptr;
  calling_ = true;
  Sleeper* const last = sleepers_.back();
  sleepers_.pop_back();
  last->called = true;
  return last;
}

void WorkerPool::work(Sleeper& self) {
  // On Linux a niceness is a thread's, not its process's.
  if (niceness_ != 0) (void)!::nice(niceness_);
  std::unique_lock lock{mutex_};
  for (;;) {
    while (first_ == nullptr) {
      if (stopping_) return;
      sleepers_.push_back(&self);
      self.wake.wait(lock, [&] { return self.called || stopping_; });
      if (!std::exchange(self.called, false))
        return; // at the end: no sleeper is called any more, and nothing queued
      calling_ = false;
    }
    Job* job = first_;
    first_ = job->next_;
    if (first_ == nullptr) last_ = nullptr;
    queued_.fetch_sub(1, std::memory_order_relaxed);
    Sleeper* const next = first_ != nullptr ? call_sleeper() : nullptr;
    lock.unlock();
    if (next != nullptr) next->wake.notify_one();
    job->run();
    lock.lock();
  }
}

} // namespace baluhost::http
