#pragma once

#include "runtime/asio.hpp"
#include "runtime/server_state.hpp"
#include "runtime/worker_pool.hpp"

#include <boost/asio/post.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <utility>

namespace baluhost::http {

/// `if_room`: a full queue refuses. `always`: the request has begun, so its next step is not
/// refused. One that was only admitted has not: its handler is a step that needs room.
enum class Hop { if_room, always };

/// Runs `work` on a thread of `pool` while the coroutine waits, and comes back to the loop. False:
/// the queue is full, and `work` did not run. `work` must not throw.
template <class Work>
Task<bool> on_pool(IoLoop& loop, WorkerPool& pool, Hop hop, Work& work) {
  const auto initiate = [&](auto handler) {
    using Continuation = decltype(handler);
    struct Step final : WorkerPool::Job {
      Step(asio::io_context& c, Work& w, Continuation h)
          : context(c), todo(w), back(std::move(h)) {}
      void run() noexcept override {
        todo();
        const std::unique_ptr<Step> self{this};
        asio::post(context, [done = std::move(back)]() mutable { std::move(done)(true); });
      }
      asio::io_context& context;
      Work& todo;
      Continuation back;
    };
    auto step = std::make_unique<Step>(loop.context, work, std::move(handler));
    if (hop == Hop::always) {
      pool.submit_always(*step.release());
    } else if (pool.submit(*step)) {
      (void)step.release();
    } else {
      asio::post(loop.context,
                 [done = std::move(step->back)]() mutable { std::move(done)(false); });
    }
  };
  co_return co_await asio::async_initiate<const asio::use_awaitable_t<Executor>, void(bool)>(
      initiate, asio::use_awaitable_t<Executor>{});
}

/// A place for a query of `account`; none where its others take longer than `patience`, or too many
/// wait. `waiting` is what ends the wait early, as long as it lasts.
inline Task<QueryPlaces::Place> wait_for_place(ServerState& server, IoLoop& loop, Timer*& waiting,
                                               std::int64_t account,
                                               std::chrono::seconds patience) {
  const auto timer = std::make_shared<Timer>(loop.context);
  const auto waiter = std::make_shared<QueryPlaces::Waiter>(
      [&context = loop.context, timer] { asio::post(context, [timer] { timer->cancel(); }); });
  timer->expires_after(patience);
  const auto entered = server.query_places.enter(account, waiter);
  if (entered == QueryPlaces::Entered::refused) co_return QueryPlaces::Place{};
  if (entered == QueryPlaces::Entered::waits) {
    waiting = timer.get();
    (void)co_await timer->async_wait(as_result);
    waiting = nullptr;
  }
  co_return server.query_places.collect(account, waiter);
}

} // namespace baluhost::http
