#include "yielding_thread.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdint>

// A low priority alone does not let others in: Linux decides again who runs at its tick, every 4 ms
// with 250 Hz, and a request wakes half a dozen threads one after the other. Two things help, both
// without a privilege. The long slice that these threads ask for (Linux 6.12) makes everybody
// else's shorter, and who has a shorter one may interrupt. But not while the scheduler thinks that
// he has had his share, be it by a microsecond, and then nobody looks again before the tick. So as
// long as others have work, a timer makes these threads yield. Its signals cost a tenth of the
// speed, so it runs no longer than that; and so that a busy server still lets people in, a
// computation yields for a limited time only.
namespace baluhost {
namespace {

constexpr int kNiceness = 10;
constexpr std::uint64_t kSlice = 10'000'000; ///< ns; others ask for 3 ms or so
constexpr long kTick = 250'000;              ///< ns
constexpr std::int64_t kOthersFor = 50'000'000;
constexpr std::int64_t kYieldsFor = 100'000'000;

std::atomic<std::int64_t> others_seen{0};
thread_local YieldingThread* self = nullptr;

/// To 4 ms or so, and cheap.
std::int64_t now() noexcept {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
  return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

bool others_have_work() noexcept {
  return now() - others_seen.load(std::memory_order_relaxed) < kOthersFor;
}

int yield_signal() noexcept { return SIGRTMIN; }

/// The kernel's `struct sched_attr`, which the C library does not have.
struct SchedulingAttributes {
  std::uint32_t size{sizeof(SchedulingAttributes)};
  std::uint32_t policy{SCHED_OTHER};
  std::uint64_t flags{0};
  std::int32_t nice{kNiceness};
  std::uint32_t priority{0};
  std::uint64_t runtime{kSlice};
  std::uint64_t deadline{0};
  std::uint64_t period{0};
};

void lower_priority() noexcept {
  SchedulingAttributes attributes;
  if (::syscall(SYS_sched_setattr, 0, &attributes, 0) != 0)
    (void)::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
}

} // namespace

YieldingThread::Life::Life(YieldingThread& thread) noexcept : thread_(thread) {
  lower_priority();
  self = &thread;
  struct sigaction action {};
  action.sa_handler = on_tick;
  action.sa_flags = SA_RESTART;
  sigevent event{};
  event.sigev_notify = SIGEV_THREAD_ID;
  event.sigev_signo = yield_signal();
  event._sigev_un._tid = ::gettid();
  if (::sigaction(yield_signal(), &action, nullptr) != 0) return;
  if (::timer_create(CLOCK_MONOTONIC, &event, &thread.timer_) == 0) thread.has_timer_ = true;
}

YieldingThread::Life::~Life() {
  if (thread_.has_timer_.exchange(false)) (void)::timer_delete(thread_.timer_);
  self = nullptr;
}

void YieldingThread::compute(FunctionRef<void()> work) {
  began_.store(now(), std::memory_order_relaxed);
  computing_ = true;
  if (others_have_work()) start_ticking();
  work();
  computing_ = false;
  stop_ticking();
}

bool YieldingThread::note_others() noexcept {
  const auto time = now();
  if (others_seen.load(std::memory_order_relaxed) == time) return false;
  others_seen.store(time, std::memory_order_relaxed);
  return true;
}

void YieldingThread::yield() noexcept {
  if (computing_) start_ticking();
}

void YieldingThread::on_tick(int) noexcept {
  const int kept = errno;
  if (self != nullptr) self->tick();
  errno = kept;
}

void YieldingThread::tick() noexcept {
  const bool patient = now() - began_.load(std::memory_order_relaxed) < kYieldsFor;
  if (!patient) computing_ = false;
  if (computing_ && others_have_work()) {
    ::sched_yield();
  } else {
    ticking_ = false;
    set_timer(0); // whatever was noted: who started and who stopped may have overtaken each other
  }
}

void YieldingThread::start_ticking() noexcept {
  if (has_timer_ && !ticking_.exchange(true)) set_timer(kTick);
}

void YieldingThread::stop_ticking() noexcept {
  if (ticking_.exchange(false)) set_timer(0);
}

void YieldingThread::set_timer(long nanoseconds) noexcept {
  itimerspec time{};
  time.it_value.tv_nsec = time.it_interval.tv_nsec = nanoseconds;
  (void)::timer_settime(timer_, 0, &time, nullptr);
}

} // namespace baluhost
