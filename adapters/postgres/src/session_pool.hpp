#pragma once

#include "baluhost/domain/result.hpp"
#include "baluhost/postgres/postgres_database.hpp"
#include "baluhost/sql_common/connection.hpp"
#include "baluhost/sql_common/transaction.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace baluhost::postgres {

struct Session {
  explicit Session(std::unique_ptr<sql::Connection> opened) : db(std::move(opened)), transaction(*db) {}
  std::unique_ptr<sql::Connection> db;
  sql::SqlTransaction transaction;
};

/// Sessions, opened as they are needed, and a watchdog over those in use: a server that stopped without a word is cut off after the
/// connection's patience, so that nobody waits for it for ever.
class SessionPool {
 public:
  using Clock = std::chrono::steady_clock;

  explicit SessionPool(const PostgresOptions& options);
  ~SessionPool();
  SessionPool(const SessionPool&) = delete;
  SessionPool& operator=(const SessionPool&) = delete;

  /// unavailable if none is free, or can be opened, until `deadline`.
  Result<std::unique_ptr<Session>> take(Clock::time_point deadline);
  /// Keeps the session for the next, or drops it if its connection is gone.
  void give_back(std::unique_ptr<Session> session);

 private:
  void watch();

  const PostgresOptions options_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::unique_ptr<Session>> free_;
  std::set<sql::Connection*> in_use_;
  int opened_{0};
  bool stopping_{false};
  std::thread watchdog_;
};

} // namespace baluhost::postgres
