#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>

// Preloaded into a program it sets the program's wall clock: by BALUHOST_TEST_CLOCK_SHIFT seconds.
// Clocks that only go on are left alone.

namespace {

time_t shift() {
  static const time_t seconds = [] {
    const char* text = std::getenv("BALUHOST_TEST_CLOCK_SHIFT");
    return text ? static_cast<time_t>(std::atoll(text)) : time_t{0};
  }();
  return seconds;
}

} // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
  const auto result = static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
  if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
    time->tv_sec += shift();
  return result;
}

extern "C" int gettimeofday(timeval* time, void*) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  *time = {now.tv_sec, static_cast<suseconds_t>(now.tv_nsec / 1000)};
  return 0;
}

extern "C" time_t time(time_t* result) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (result) *result = now.tv_sec;
  return now.tv_sec;
}
