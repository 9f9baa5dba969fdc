#pragma once

#include "connections/pool_state.hpp"
#include "connections/server_probe.hpp"

#include <chrono>
#include <future>
#include <mutex>
#include <thread>

namespace baluhost::postgres {

/// Finds out that the server is gone, on a thread of its own. Where a statement takes its time it
/// queries the server on a connection of its own: one that does not answer there either is gone,
/// all who wait for it are cut off, and it is silent until it speaks again. Where it answers, a
/// statement may take as long as the connection's patience.
class Watchdog {
 public:
  /// Both must outlive it.
  Watchdog(const PostgresOptions& options, PoolState& state);
  ~Watchdog();

 private:
  using Clock = std::chrono::steady_clock;

  void watch();
  void look(std::unique_lock<std::mutex>& lock);
  void cut_overdue(Clock::time_point now) const;
  void cut_begun_before(Clock::time_point moment) const;
  [[nodiscard]] bool has_waited_since(Clock::time_point moment) const;
  [[nodiscard]] bool is_opening_probe(Clock::time_point now);
  void open_probe(Clock::time_point now);
  void set_silent(bool is_silent);

  PoolState& state_;
  bool stopping_{false}; ///< guarded by the state's mutex
  ServerProbe probe_;
  std::future<bool> probe_opens_;
  Clock::time_point probe_opens_since_;
  Clock::time_point probe_from_;
  std::thread thread_;
};

} // namespace baluhost::postgres
