#pragma once

#include "baluhost/postgres/postgres_database.hpp"
#include "connections/pool_state.hpp"
#include "connections/watchdog.hpp"

#include <chrono>
#include <memory>

namespace baluhost::postgres {

/// Lends connections, opened as they are needed, so that nobody waits for ever: who comes is
/// refused at its deadline, and at once while the server is silent.
class ConnectionPool {
 public:
  using Clock = std::chrono::steady_clock;

  explicit ConnectionPool(const PostgresOptions& options);
  ~ConnectionPool();
  ConnectionPool(const ConnectionPool&) = delete;
  ConnectionPool& operator=(const ConnectionPool&) = delete;

  /// unavailable if none is free, or can be opened, until `deadline`; at once while the server is
  /// silent.
  Result<std::unique_ptr<PooledConnection>> take(Clock::time_point deadline);

  /// The same, with a transaction that begins with its first statement, on one way to the server;
  /// `number` as of `PooledConnection::begin`. Where a pooler stands between it begins at once: it
  /// may have given the process away.
  Result<std::unique_ptr<PooledConnection>> begin(const char* how, const char* number = nullptr);

  /// Keeps the connection for the next, or drops it if its connection is gone.
  void give_back(std::unique_ptr<PooledConnection> connection);

  /// For the answer to one statement: beyond it the server is taken for dead.
  [[nodiscard]] std::chrono::milliseconds patience() const noexcept;

 private:
  std::shared_ptr<Opening> start_opening();
  void open(const std::shared_ptr<Opening>& opening);

  const PostgresOptions options_;
  const std::shared_ptr<sql::RememberedLists> remembered_{sql::make_remembered_lists()};
  PoolState state_;
  Watchdog watchdog_{options_, state_};
};

} // namespace baluhost::postgres
