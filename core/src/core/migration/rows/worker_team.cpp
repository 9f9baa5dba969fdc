#include "migration/rows/worker_team.hpp"

#include <algorithm>
#include <thread>

namespace baluhost::migration {
namespace {

Result<void> guarded(const std::function<Result<void>()>& work) {
  try {
    return work();
  } catch (const std::exception& caught) {
    return Error{Errc::internal, caught.what()};
  }
}

} // namespace

std::size_t WorkerTeam::add(std::string group, std::vector<std::size_t> after,
                            std::function<Result<void>()> work) {
  pieces_.push_back({std::move(group), std::move(after), std::move(work)});
  ++left_;
  return pieces_.size() - 1;
}

std::optional<std::size_t> WorkerTeam::ready() const {
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const auto is_done = [&](std::size_t other) { return pieces_[other].state == State::done; };
    if (pieces_[i].state == State::waiting && std::ranges::all_of(pieces_[i].after, is_done))
      return i;
  }
  return std::nullopt;
}

void WorkerTeam::work(const std::function<void()>& stopped) {
  std::unique_lock lock{mutex_};
  for (;;) {
    std::optional<std::size_t> next;
    changed_.wait(lock, [&] { return left_ == 0 || !outcome_ || (next = ready()); });
    if (left_ == 0 || !outcome_) return;
    Piece& piece = pieces_[*next];
    piece.state = State::running;
    piece.began = Clock::now();
    --left_;
    lock.unlock();
    auto done = guarded(piece.work);
    lock.lock();
    piece.ended = Clock::now();
    piece.state = State::done;
    if (!done && outcome_) {
      outcome_ = std::move(done);
      stopped();
    }
    changed_.notify_all();
  }
}

Result<void> WorkerTeam::run(int workers, const std::function<void()>& stopped) {
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < workers; ++i) threads.emplace_back([&] { work(stopped); });
  }
  return std::move(outcome_);
}

double WorkerTeam::span(std::string_view group) const {
  std::optional<Clock::time_point> began;
  Clock::time_point ended{};
  for (const Piece& piece : pieces_) {
    if (piece.group != group || piece.state != State::done) continue;
    began = began ? std::min(*began, piece.began) : piece.began;
    ended = std::max(ended, piece.ended);
  }
  return began ? std::chrono::duration<double>(ended - *began).count() : 0;
}

} // namespace baluhost::migration
