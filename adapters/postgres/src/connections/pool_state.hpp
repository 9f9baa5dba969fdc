#pragma once

#include "baluhost/sql_common/transaction.hpp"
#include "connections/native.hpp"
#include "connections/pipeline.hpp"
#include "connections/server_check.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace baluhost::postgres {

struct PooledConnection {
  explicit PooledConnection(OpenedConnection opened)
      : db(std::move(opened.db)), process(std::move(opened.process)), transaction(*db) {}

  /// Puts off what begins a transaction, and what asks for its number, if anything does.
  void begin(const char* how, const char* number) {
    auto& pipeline = pipeline_of(*db);
    answered = pipeline.answered();
    transaction_id.clear();
    pipeline.put_off(how);
    if (number != nullptr) pipeline.put_off(number, &transaction_id);
  }
  /// Whether it was lost before anything of the present transaction was answered.
  [[nodiscard]] bool was_gone() const {
    return db->trouble.lost && pipeline_of(*db).answered() == answered;
  }

  std::unique_ptr<sql::Connection> db;
  ServerProcess process;
  sql::SqlTransaction transaction;
  std::string transaction_id; ///< of the write that is open, or was last
  std::size_t answered{};     ///< by the server, before the present transaction
};

/// A connection that a thread of its own opens, since libpq cannot be interrupted there. Whoever
/// asked may have left meanwhile.
struct Opening {
  std::chrono::steady_clock::time_point since;
  bool is_awaited{true};
  std::unique_ptr<PooledConnection> connection;
  std::optional<Error> refusal;
};

/// The connections of a pool. `ConnectionPool` lends them, `Watchdog` cuts off those that hang; all
/// is guarded by `mutex`, and `changed` tells of every change.
struct PoolState {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::unique_ptr<PooledConnection>> free;
  std::set<sql::Connection*> in_use;
  std::set<std::shared_ptr<Opening>> openings;
  int opened{0};
  bool silent{false}; ///< the server does not answer
};

} // namespace baluhost::postgres
