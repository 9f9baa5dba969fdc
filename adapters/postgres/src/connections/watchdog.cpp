#include "connections/watchdog.hpp"

#include <algorithm>
#include <system_error>

namespace baluhost::postgres {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWatchInterval{100};
/// A statement that takes longer makes the watchdog probe whether anybody is there.
constexpr milliseconds kDoubt{250};
/// For the answer to that. With the doubt and the interval well below the 2 s within which whoever
/// waits must know.
constexpr milliseconds kProbePatience{1000};
/// A program that is done sooner needs no probe, unless somebody waits.
constexpr milliseconds kProbeFrom{1000};
constexpr milliseconds kProbeAgain{5000};
/// The same while somebody waits.
constexpr milliseconds kProbeSoon{500};

} // namespace

Watchdog::Watchdog(const PostgresOptions& options, PoolState& state)
    : state_(state),
      probe_(options),
      probe_from_(Clock::now() + kProbeFrom),
      thread_([this] { watch(); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(state_.mutex);
    stopping_ = true;
    state_.changed.notify_all();
  }
  thread_.join();
}

void Watchdog::watch() {
  std::unique_lock lock(state_.mutex);
  while (!state_.changed.wait_for(lock, kWatchInterval, [&] { return stopping_; })) look(lock);
}

void Watchdog::look(std::unique_lock<std::mutex>& lock) {
  const auto now = Clock::now();
  for (const auto& connection : state_.free) settle(*connection->db);
  cut_overdue(now);
  if (state_.silent) cut_begun_before(now);
  if (is_opening_probe(now)) return;
  const bool is_in_doubt = has_waited_since(now - kDoubt);
  if (!probe_.is_open()) {
    const auto due = is_in_doubt ? probe_opens_since_ + kProbeSoon : probe_from_;
    if (state_.silent || now >= due) open_probe(now);
  } else if (is_in_doubt) {
    lock.unlock();
    const auto answer = probe_.probe(kProbePatience);
    lock.lock();
    if (answer == ServerProbe::Answer::none) {
      set_silent(true);
      cut_begun_before(now);
    }
  }
}

void Watchdog::cut_overdue(Clock::time_point now) const {
  for (sql::Connection* connection : state_.in_use) {
    const auto overdue_at = connection->overdue_at.load();
    if (overdue_at != 0 && overdue_at < now.time_since_epoch().count()) cut(*connection);
  }
}

void Watchdog::cut_begun_before(Clock::time_point moment) const {
  const auto ticks = moment.time_since_epoch().count();
  for (sql::Connection* connection : state_.in_use) {
    const auto began_at = connection->began_at.load();
    if (began_at != 0 && began_at <= ticks) cut(*connection);
  }
}

bool Watchdog::has_waited_since(Clock::time_point moment) const {
  const auto ticks = moment.time_since_epoch().count();
  return std::ranges::any_of(state_.openings,
                             [&](const auto& opening) { return opening->since <= moment; }) ||
         std::ranges::any_of(state_.in_use, [&](const sql::Connection* connection) {
           const auto began_at = connection->began_at.load();
           return began_at != 0 && began_at <= ticks;
         });
}

/// Whether it is still under way; where it came to its end, or takes as long as an answer may, that
/// tells whether anybody is there.
bool Watchdog::is_opening_probe(Clock::time_point now) {
  if (!probe_opens_.valid()) return false;
  if (probe_opens_.wait_for(milliseconds{0}) != std::future_status::ready) {
    const auto patient_since = now - kProbePatience;
    if (probe_opens_since_ <= patient_since && has_waited_since(patient_since)) {
      set_silent(true);
      cut_begun_before(now);
    }
    return true;
  }
  set_silent(!probe_opens_.get() && (state_.silent || has_waited_since(probe_opens_since_)));
  if (!state_.silent && !probe_.is_open()) probe_from_ = now + kProbeAgain;
  return false;
}

void Watchdog::open_probe(Clock::time_point now) {
  probe_opens_since_ = now;
  try {
    probe_opens_ = std::async(std::launch::async, [this] { return probe_.open(); });
  } catch (const std::system_error&) {
    probe_from_ = now + kProbeAgain; // no thread for it: until then a silent server is found by
                                     // everybody's own patience
    state_.silent = false;
  }
}

void Watchdog::set_silent(bool is_silent) {
  state_.silent = is_silent;
  state_.changed.notify_all();
}

} // namespace baluhost::postgres
