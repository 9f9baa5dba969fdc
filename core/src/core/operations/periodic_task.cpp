#include "baluhost/core/operations/periodic_task.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace baluhost {

struct PeriodicTask::State {
  std::mutex mutex;
  std::condition_variable wake;
  bool stopping{false};
  std::thread thread;

  bool wait(std::chrono::milliseconds interval) {
    std::unique_lock lock(mutex);
    return !wake.wait_for(lock, interval, [&] { return stopping; });
  }
};

namespace {

Result<void> guarded(const std::function<Result<void>()>& task) {
  try {
    return task();
  } catch (const std::exception& e) {
    return Error{Errc::internal, std::string{"a periodic task threw: "} + e.what()};
  }
}

} // namespace

PeriodicTask::PeriodicTask(std::chrono::milliseconds interval, std::function<Result<void>()> task,
                           std::function<void(const Error&)> on_error)
    : state_(std::make_unique<State>()) {
  state_->thread = std::thread(
      [state = state_.get(), interval, task = std::move(task), on_error = std::move(on_error)] {
        do {
          if (const auto done = guarded(task); !done && on_error) on_error(done.error());
        } while (state->wait(interval));
      });
}

PeriodicTask::~PeriodicTask() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_all();
  state_->thread.join();
}

} // namespace baluhost
