#pragma once

#include "baluhost/domain/result.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace baluhost::migrate {

/// Work that is done by several at a time, each piece once those that it waits for are done; the
/// first that was named first. An error stops what has not begun.
class Crew {
 public:
  using Clock = std::chrono::steady_clock;

  /// `group` is for `span`; `after` are pieces that were added before. Gives the piece's number.
  std::size_t add(std::string group, std::vector<std::size_t> after,
                  std::function<Result<void>()> work);
  /// Does all of it by `workers` at once, and gives the first error. `stopped` is called once if
  /// there is one, for those that wait for each other.
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

} // namespace baluhost::migrate
