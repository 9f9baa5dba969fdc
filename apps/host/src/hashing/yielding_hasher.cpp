#include "yielding_hasher.hpp"

#include "baluhost/domain/function_ref.hpp"
#include "yielding_thread.hpp"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

// A thread that has lowered its priority may not raise it again, and one that holds what others
// wait for must not be the last to run. So the callers keep their priority, and threads that do
// nothing but hash have a low one.
namespace baluhost {
namespace {

class ThreadedHasher final : public YieldingHasher {
 public:
  ThreadedHasher(std::unique_ptr<PasswordHasher> hasher, unsigned threads)
      : hasher_(std::move(hasher)), yielding_(threads) {
    for (YieldingThread& self : yielding_) threads_.emplace_back([this, &self] { work(self); });
  }
  ~ThreadedHasher() override {
    {
      const std::lock_guard lock{mutex_};
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  ThreadedHasher(const ThreadedHasher&) = delete;
  ThreadedHasher& operator=(const ThreadedHasher&) = delete;

  Result<PasswordHash> hash(const Secret& password) override {
    return await<PasswordHash>([&] { return hasher_->hash(password); });
  }
  Result<bool> verify(const Secret& password, const PasswordHash& hash) override {
    return await<bool>([&] { return hasher_->verify(password, hash); });
  }
  bool needs_rehash(const PasswordHash& hash) const override { return hasher_->needs_rehash(hash); }

  void yield() noexcept override {
    if (!YieldingThread::note_others()) return;
    for (YieldingThread& thread : yielding_) thread.yield();
  }

 private:
  /// What a caller waits for; it lives on the caller's stack.
  struct Turn {
    explicit Turn(FunctionRef<void()> w) : work(w) {}
    FunctionRef<void()> work;
    std::condition_variable over;
    bool done{false};
    Turn* next{nullptr};
  };

  template <class T, class Work>
  Result<T> await(const Work& compute) {
    std::optional<Result<T>> result;
    const auto run = [&] {
      try {
        result.emplace(compute());
      } catch (const std::exception& exception) {
        result.emplace(Error{Errc::internal, exception.what()});
      }
    };
    Turn turn{run};
    std::unique_lock lock{mutex_};
    (last_ != nullptr ? last_->next : first_) = &turn;
    last_ = &turn;
    wake_.notify_one();
    turn.over.wait(lock, [&] { return turn.done; });
    return *std::move(result);
  }

  void work(YieldingThread& self) {
    const YieldingThread::Life life{self};
    std::unique_lock lock{mutex_};
    for (;;) {
      wake_.wait(lock, [this] { return first_ != nullptr || stopping_; });
      if (first_ == nullptr) return;
      Turn* turn = std::exchange(first_, first_->next);
      if (first_ == nullptr) last_ = nullptr;
      lock.unlock();
      self.compute(turn->work);
      lock.lock();
      turn->done = true;
      turn->over.notify_one();
    }
  }

  std::unique_ptr<PasswordHasher> hasher_;
  std::mutex mutex_;
  std::condition_variable wake_;
  Turn* first_{nullptr};
  Turn* last_{nullptr};
  bool stopping_{false};
  std::deque<YieldingThread> yielding_;
  std::vector<std::thread> threads_;
};

} // namespace

std::unique_ptr<YieldingHasher> on_yielding_threads(std::unique_ptr<PasswordHasher> hasher,
                                                    unsigned threads) {
  return std::make_unique<ThreadedHasher>(std::move(hasher), threads);
}

} // namespace baluhost
