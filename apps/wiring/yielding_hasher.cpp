#include "yielding_hasher.hpp"

#include "baluhost/domain/function_ref.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

// A thread that has lowered its priority may not raise it again, and one that holds what others wait for must not be the last to run. So the callers
// keep their priority, and threads that do nothing but hash have a low one.
namespace baluhost {
namespace {

constexpr int kNiceness = 10;

class YieldingHasher final : public PasswordHasher {
 public:
  YieldingHasher(std::unique_ptr<PasswordHasher> hasher, unsigned threads) : hasher_(std::move(hasher)) {
    for (unsigned i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
  }
  ~YieldingHasher() override {
    {
      const std::lock_guard lock{mutex_};
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  YieldingHasher(const YieldingHasher&) = delete;
  YieldingHasher& operator=(const YieldingHasher&) = delete;

  Result<PasswordHash> hash(const Secret& password) override {
    return await<PasswordHash>([&] { return hasher_->hash(password); });
  }
  Result<bool> verify(const Secret& password, const PasswordHash& hash) override {
    return await<bool>([&] { return hasher_->verify(password, hash); });
  }
  bool needs_rehash(const PasswordHash& hash) const override { return hasher_->needs_rehash(hash); }

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

  void work() {
    // Linux keeps the priority per thread; without the right to lower it, hashing merely competes.
    (void)setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNiceness);
    std::unique_lock lock{mutex_};
    for (;;) {
      wake_.wait(lock, [this] { return first_ != nullptr || stopping_; });
      if (first_ == nullptr) return;
      Turn* turn = std::exchange(first_, first_->next);
      if (first_ == nullptr) last_ = nullptr;
      lock.unlock();
      turn->work();
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
  std::vector<std::thread> threads_;
};

} // namespace

std::unique_ptr<PasswordHasher> on_yielding_threads(std::unique_ptr<PasswordHasher> hasher, unsigned threads) {
  return std::make_unique<YieldingHasher>(std::move(hasher), threads);
}

} // namespace baluhost
