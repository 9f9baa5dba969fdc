#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/postgres/postgres_database.hpp"
#include "baluhost/sql_common/connection.hpp"
#include "baluhost/sql_common/transaction.hpp"
#include "connections/native.hpp"
#include "connections/server_probe.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
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
  std::size_t answered{};     ///< by the session, before the present transaction
};

/// Connections, opened as they are needed, and a watchdog over those in use, so that nobody waits
/// for ever. Where a statement takes its time it queries the server on a connection of its own: one
/// that does not answer there either is gone, all who wait for it are cut off, and who comes is
/// refused at once until it speaks again. Where it answers, a statement may take as long as the
/// connection's patience.
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
  /// may have given the session away.
  Result<std::unique_ptr<PooledConnection>> begin(const char* how, const char* number = nullptr);
  /// Keeps the connection for the next, or drops it if its connection is gone.
  void give_back(std::unique_ptr<PooledConnection> connection);
  /// For the answer to one statement: beyond it the server is taken for dead.
  [[nodiscard]] std::chrono::milliseconds patience() const noexcept;

 private:
  /// A connection that a thread of its own opens, since libpq cannot be interrupted there. Whoever
  /// asked may have left meanwhile.
  struct Opening {
    Clock::time_point since;
    bool is_awaited{true};
    std::unique_ptr<PooledConnection> connection;
    std::optional<Error> refusal;
  };

  std::shared_ptr<Opening> start_opening();
  void open(const std::shared_ptr<Opening>& opening);
  void watch();
  [[nodiscard]] bool has_waited_since(Clock::time_point moment) const;
  void set_silent(bool is_silent);
  void cut_begun_before(Clock::time_point moment) const;

  const PostgresOptions options_;
  const std::shared_ptr<sql::RememberedLists> remembered_{sql::make_remembered_lists()};
  const Clock::time_point made_at_{Clock::now()};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<PooledConnection>> free_;
  std::set<sql::Connection*> in_use_;
  std::set<std::shared_ptr<Opening>> openings_;
  int opened_{0};
  bool silent_{false}; ///< the server does not answer
  bool stopping_{false};
  ServerProbe probe_;
  std::thread watchdog_;
};

} // namespace baluhost::postgres
