#pragma once

#include "baluhost/domain/function_ref.hpp"

#include <ctime>

#include <atomic>
#include <cstdint>

namespace baluhost {

/// How a thread that only computes lets others of its process run when they have work to do.
class YieldingThread {
 public:
  YieldingThread() = default;
  YieldingThread(const YieldingThread&) = delete;
  YieldingThread& operator=(const YieldingThread&) = delete;

  /// Of the thread itself, around all that it does. Without the means for it the thread merely
  /// competes.
  class Life {
   public:
    explicit Life(YieldingThread& thread) noexcept;
    ~Life();
    Life(const Life&) = delete;
    Life& operator=(const Life&) = delete;

   private:
    YieldingThread& thread_;
  };

  /// Computes, on the thread itself, and yields while others have work, yet not longer than is fair
  /// to who waits for the result.
  void compute(FunctionRef<void()> work);

  /// For all threads: others have work. False: known already a moment ago.
  static bool note_others() noexcept;

  /// After `note_others` was true. From any thread.
  void yield() noexcept;

 private:
  static void on_tick(int) noexcept;
  void tick() noexcept;
  void start_ticking() noexcept;
  void stop_ticking() noexcept;
  void set_timer(long nanoseconds) noexcept;

  timer_t timer_{};
  std::atomic<bool> has_timer_{false};
  std::atomic<bool> computing_{false}; ///< and willing to yield
  std::atomic<bool> ticking_{false};
  std::atomic<std::int64_t> began_{0};
};

} // namespace baluhost
