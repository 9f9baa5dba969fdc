// The threads that hash passwords let all others go first.

#include "hashing/yielding_hasher.hpp"

#include <sys/resource.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <functional>
#include <thread>

using namespace baluhost;

namespace {

using Clock = std::chrono::steady_clock;

/// Runs `work` where a real one would compute.
class HasherOf final : public PasswordHasher {
 public:
  explicit HasherOf(std::function<void()> work) : work_(std::move(work)) {}
  Result<PasswordHash> hash(const Secret& password) override {
    work_();
    return PasswordHash{Secret{std::string{password.reveal()}}};
  }
  Result<bool> verify(const Secret& password, const PasswordHash& hash) override {
    work_();
    return password.reveal() == hash.phc.reveal();
  }
  bool needs_rehash(const PasswordHash&) const override { return false; }

 private:
  std::function<void()> work_;
};

/// Whether a sleep of so many milliseconds was cut short, as the making of a thread yield does.
bool is_interrupted(long milliseconds) {
  const timespec time{milliseconds / 1000, milliseconds % 1000 * 1'000'000};
  return ::nanosleep(&time, nullptr) != 0 && errno == EINTR;
}

int niceness() { return ::getpriority(PRIO_PROCESS, static_cast<id_t>(::gettid())); }

/// Others have work all the time, as long as this lives.
class Others {
 public:
  explicit Others(YieldingHasher& hasher)
      : thread_([this, &hasher] {
          while (!stop_) {
            hasher.yield();
            std::this_thread::sleep_for(std::chrono::milliseconds{2});
          }
        }) {}
  ~Others() {
    stop_ = true;
    thread_.join();
  }
  Others(const Others&) = delete;
  Others& operator=(const Others&) = delete;

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

} // namespace

TEST_CASE("Hashing threads have a low priority, their callers keep theirs", "[hashing]") {
  const int mine = niceness();
  int theirs = mine;
  const auto hasher =
      on_yielding_threads(std::make_unique<HasherOf>([&] { theirs = niceness(); }), 1);
  CHECK(hasher->hash(Secret{"a"}).has_value());
  CHECK(theirs == std::max(mine, 10));
  CHECK(niceness() == mine);
}

TEST_CASE(
    "A hashing thread is made to yield while others have work, and left alone when they have none",
    "[hashing]") {
  bool interrupted = false;
  long patience = 100;
  const auto hasher = on_yielding_threads(
      std::make_unique<HasherOf>([&] { interrupted = is_interrupted(patience); }), 1);
  const PasswordHash kept{Secret{"a"}};
  CHECK(hasher->verify(Secret{"a"}, kept).value());
  CHECK_FALSE(interrupted);
  patience = 20'000;
  {
    const Others others{*hasher};
    CHECK(hasher->verify(Secret{"a"}, kept).value()); // whether they came before it began or later
    CHECK(interrupted);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds{60});
  patience = 100;
  CHECK_FALSE(hasher->verify(Secret{"b"}, kept).value());
  CHECK_FALSE(interrupted);
}

TEST_CASE("A hash that began while nobody else had work yields once somebody has", "[hashing]") {
  std::atomic<bool> begun{false};
  bool interrupted = false;
  const auto hasher = on_yielding_threads(std::make_unique<HasherOf>([&] {
                                            begun = true;
                                            interrupted = is_interrupted(20'000);
                                          }),
                                          1);
  std::thread caller{[&] { (void)hasher->hash(Secret{"a"}); }};
  while (!begun) std::this_thread::yield();
  {
    const Others others{*hasher};
    caller.join();
  }
  CHECK(interrupted);
}

TEST_CASE("However busy the others are, a hash yields for a limited time", "[hashing]") {
  Clock::duration until_left_alone{};
  const auto hasher = on_yielding_threads(std::make_unique<HasherOf>([&] {
                                            const auto start = Clock::now();
                                            while (is_interrupted(200))
                                              until_left_alone = Clock::now() - start;
                                          }),
                                          1);
  const Others others{*hasher};
  CHECK(hasher->hash(Secret{"a"}).has_value());
  CHECK(until_left_alone > std::chrono::milliseconds{80});
}
