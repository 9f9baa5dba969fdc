#pragma once

#include "baluhost/domain/function_ref.hpp"
#include "baluhost/domain/result.hpp"
#include "baluhost/sql_common/connection.hpp"
#include "baluhost/sql_common/events.hpp"
#include "baluhost/sql_common/transaction.hpp"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <optional>
#include <span>

namespace baluhost::sql {

/// What a write does, on whatever thread and in whatever transaction; returns the events that go
/// into the trail with it.
using WriteWork = FunctionRef<Result<StagedEvents>(Connection&, SqlTransaction&)>;

/// Does `work` in the transaction that is open, and stages its events.
Result<StagedEvents> stage_write(Connection& db, SqlTransaction& transaction,
                                 FunctionRef<Result<AuditEvents>(WriteTransaction&)> work);
/// Does `work`, which has no events.
Result<StagedEvents> stage_bookkeeping(SqlTransaction& transaction,
                                       FunctionRef<Result<void>(Bookkeeping&)> work);

/// A write that waits until it is answered.
class QueuedWrite {
 public:
  explicit QueuedWrite(WriteWork what) : work(what) {}

  WriteWork work;
  bool is_alone{false}; ///< shares no transaction: it went wrong in one that others shared
  Result<void> result;  ///< so far
  StagedEvents events;  ///< of a result without an error

 private:
  friend class WriteQueue;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_answered_{false};
};

/// Writes that wait for one thread, which takes as many as there are into one transaction. Each is
/// answered once, after the common commit.
class WriteQueue {
 public:
  struct Limits {
    std::size_t waiting{};                ///< at most; more are refused at once
    std::chrono::milliseconds deadline{}; ///< for a write to begin
  };

  explicit WriteQueue(Limits limits) : limits_(limits) {}
  WriteQueue(const WriteQueue&) = delete;
  WriteQueue& operator=(const WriteQueue&) = delete;

  /// Waits for the answer to `write`. unavailable: too many wait, or it did not begin in time.
  Result<void> run(QueuedWrite& write);

  /// The thread that serves waits for no more once the queue is empty.
  void close();

  // For the thread that serves:

  /// Until one waits; false if none does and none will.
  bool wait();
  [[nodiscard]] bool is_empty();

  /// The next to begin; null if none waits.
  QueuedWrite* next();

  /// The next to join a transaction that others are in; null if none waits, or if the next shares
  /// none.
  QueuedWrite* next_to_join();

  /// They begin again, before all others.
  void put_back(std::span<QueuedWrite* const> writes);

  /// The write is gone when this returns.
  static void answer(QueuedWrite& write, Result<void> result);

 private:
  bool take_back(QueuedWrite& write);

  /// Of a queue that is not empty, under `mutex_`.
  QueuedWrite* pop();

  const Limits limits_;
  std::mutex mutex_;
  std::condition_variable has_work_;
  std::deque<QueuedWrite*> waiting_;
  bool is_closed_{false};
};

/// For whoever cannot be served now: unavailable, with a time to come again.
Error busy(std::string detail);

} // namespace baluhost::sql
