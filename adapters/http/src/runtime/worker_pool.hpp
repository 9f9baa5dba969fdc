#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace baluhost::http {

/// Threads for what blocks, with a queue that refuses rather than grows. Jobs are linked into the
/// queue as they are: no allocation. Safe from many threads.
///
/// At most one thread is being woken at a time, the last that fell asleep, whose caches are the
/// warmest; once awake it wakes the next if jobs still wait. So a burst costs its senders one
/// wake-up, not one for each job, and still no job waits for one that blocks.
class WorkerPool {
 public:
  class Job {
   public:
    virtual ~Job() = default;

    /// May destroy the job.
    virtual void run() noexcept = 0;

   private:
    friend class WorkerPool;
    Job* next_{nullptr};
  };

  /// `on_job`, if any, is called before each job is queued. `niceness` (nice(2)) is added to that
  /// of the threads.
  WorkerPool(int threads, std::size_t capacity, std::function<void()> on_job = {},
             int niceness = 0);

  /// Runs what is queued, then ends.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// The job runs once, later, on one of the threads. False: the queue is full, and it will not.
  [[nodiscard]] bool submit(Job& job);

  /// As `submit`, past the limit: for what must be done because its first half was.
  void submit_always(Job& job);

  [[nodiscard]] std::int64_t queued() const noexcept {
    return static_cast<std::int64_t>(queued_.load(std::memory_order_relaxed));
  }

 private:
  struct Sleeper {
    std::condition_variable wake;
    bool called{false};
  };

  bool push(Job& job, std::size_t limit) noexcept;
  [[nodiscard]] Sleeper* call_sleeper() noexcept;
  void work(Sleeper& self);

  const std::size_t capacity_;
  const std::function<void()> on_job_;
  const int niceness_;
  std::mutex mutex_;
  Job* first_{nullptr};
  Job* last_{nullptr};
  std::atomic<std::size_t> queued_{0};

  /// One for each thread.
  std::vector<Sleeper> places_;
  std::vector<Sleeper*> sleepers_;

  /// One was called and is not awake yet.
  bool calling_{false};
  bool stopping_{false};
  std::vector<std::thread> threads_;
};

} // namespace baluhost::http
