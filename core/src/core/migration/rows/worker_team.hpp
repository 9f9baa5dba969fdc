#pragma once

#include "baluhost/domain/result.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace baluhost::migration {

/// Runs pieces of work on several threads, each once those that it waits for are done; of those
/// that can run, the one that was added first. An error keeps what has not begun from running.
class WorkerTeam {
 public:
  using Clock = std::chrono::steady_clock;

  /// Adds a piece that waits for those in `after`. Returns its number. `group` is for `span`.
  std::size_t add(std::string group, std::vector<std::size_t> after,
                  std::function<Result<void>()> work);

  /// Runs all pieces on `workers` threads. Returns the first error; an exception is internal.
  /// `stopped` is called once if there is one, for pieces that wait for each other.
  Result<void> run(int workers, const std::function<void()>& stopped);

  /// Seconds from when the first of a group began until the last of it was done.
  [[nodiscard]] double span(std::string_view group) const;

 private:
  enum class State { waiting, running, done };
  struct Piece {
    std::string group;
    std::vector<std::size_t> after;
    std::function<Result<void>()> work;
    State state{State::waiting};
    Clock::time_point began{};
    Clock::time_point ended{};
  };

  void work(const std::function<void()>& stopped);
  std::optional<std::size_t> ready() const;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Piece> pieces_;
  std::size_t left_{0}; ///< not yet begun
  Result<void> outcome_;
};

} // namespace baluhost::migration
