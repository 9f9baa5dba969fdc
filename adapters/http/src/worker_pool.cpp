#include "worker_pool.hpp"

#include <sys/resource.h>
#include <unistd.h>

namespace baluhost::http {

WorkerPool::WorkerPool(int threads, std::size_t capacity, int niceness) : capacity_(capacity) {
  threads_.reserve(static_cast<std::size_t>(threads));
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this, niceness] { work(niceness); });
}

WorkerPool::~WorkerPool() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool WorkerPool::submit(Job& job) {
  std::unique_lock lock{mutex_};
  if (queued_.load(std::memory_order_relaxed) >= capacity_) return false;
  push(job);
  const bool sleeper = idle_ > 0;
  lock.unlock();
  if (sleeper) wake_.notify_one();
  return true;
}

void WorkerPool::submit_always(Job& job) {
  {
    const std::lock_guard lock{mutex_};
    push(job);
  }
  wake_.notify_one();
}

void WorkerPool::push(Job& job) noexcept {
  job.next_ = nullptr;
  (last_ != nullptr ? last_->next_ : first_) = &job;
  last_ = &job;
  queued_.fetch_add(1, std::memory_order_relaxed);
}

void WorkerPool::work(int niceness) {
  // Linux keeps the priority per thread; without the right to change it, hashing merely competes.
  if (niceness != 0) (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), niceness);
  std::unique_lock lock{mutex_};
  for (;;) {
    while (first_ == nullptr) {
      if (stopping_) return;
      ++idle_;
      wake_.wait(lock);
      --idle_;
    }
    Job* job = first_;
    first_ = job->next_;
    if (first_ == nullptr) last_ = nullptr;
    queued_.fetch_sub(1, std::memory_order_relaxed);
    lock.unlock();
    job->run();
    lock.lock();
  }
}

} // namespace baluhost::http
