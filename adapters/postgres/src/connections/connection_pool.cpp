#include "connections/connection_pool.hpp"

#include "connections/native.hpp"
#include "connections/server_check.hpp"
#include "dialect.hpp"

#include "baluhost/sql_common/write_queue.hpp"

#include <algorithm>
#include <system_error>
#include <thread>

namespace baluhost::postgres {
namespace {

using std::chrono::milliseconds;

/// The answer of a live server to a statement comes within its own time limit; beyond that and
/// this, it is taken for dead.
constexpr milliseconds kGrace{2000};

Error silence() { return sql::busy("the database does not answer"); }

} // namespace

ConnectionPool::ConnectionPool(const PostgresOptions& options) : options_(options) {}

ConnectionPool::~ConnectionPool() {
  std::unique_lock lock(state_.mutex);
  state_.changed.wait(lock, [&] { return state_.openings.empty(); });
}

Result<std::unique_ptr<PooledConnection>> ConnectionPool::take(Clock::time_point deadline) {
  std::unique_lock lock(state_.mutex);
  std::shared_ptr<Opening> opening;
  for (bool is_late = false;;) {
    if (opening && opening->refusal) return *opening->refusal;
    auto connection = opening ? std::move(opening->connection) : nullptr;
    if (!connection && !state_.silent && !state_.free.empty()) {
      connection = std::move(state_.free.back());
      state_.free.pop_back();
    }
    if (connection) {
      if (opening) opening->is_awaited = false;
      state_.in_use.insert(connection->db.get());
      return connection;
    }
    if (state_.silent || is_late) break;
    if (!opening && state_.opened < std::max(options_.pool_size, 1)) opening = start_opening();
    if (opening && opening->refusal) continue;
    is_late = state_.changed.wait_until(lock, deadline) == std::cv_status::timeout;
  }
  if (opening) opening->is_awaited = false;
  if (state_.silent || opening) return silence();
  return Error{.code = Errc::unavailable,
               .detail = "every connection of the database is in use",
               .retry_after = std::chrono::seconds{1}};
}

Result<std::unique_ptr<PooledConnection>> ConnectionPool::begin(const char* how,
                                                                const char* number) {
  const auto deadline = Clock::now() + options_.deadline;
  for (;;) {
    BALUHOST_TRY(auto connection, take(deadline));
    auto& db = *connection->db;
    db.trouble = {};
    db.held = {};
    db.patience = patience();
    connection->begin(how, number);
    const auto& process = connection->process;
    if (!process.is_pooled) return connection;
    db.patience = options_.deadline;
    const auto begun = sql::guarded(db, [&]() -> Result<void> {
      if (script_value(db, kProcessQuery) == process.id) return {};
      db.trouble.stale = true;
      return lost_process(Errc::unavailable);
    });
    db.patience = patience();
    if (begun) return connection;
    const bool may_try_again = db.trouble.lost && Clock::now() < deadline;
    give_back(std::move(connection));
    if (!may_try_again) return begun.error();
  }
}

milliseconds ConnectionPool::patience() const noexcept {
  return options_.statement_timeout + kGrace;
}

std::shared_ptr<Opening> ConnectionPool::start_opening() {
  auto opening = std::make_shared<Opening>();
  opening->since = Clock::now();
  try {
    std::thread([this, opening] { open(opening); }).detach();
  } catch (const std::system_error& error) {
    opening->refusal = sql::busy(error.what());
    return opening;
  }
  ++state_.opened;
  state_.openings.insert(opening);
  return opening;
}

void ConnectionPool::open(const std::shared_ptr<Opening>& opening) {
  std::unique_ptr<PooledConnection> connection;
  Error refusal;
  try {
    connection = std::make_unique<PooledConnection>(open_connection(options_));
    connection->db->remembered = remembered_;
  } catch (const soci::soci_error& error) {
    refusal = *postgres_dialect().translate(error).error;
  } catch (const std::exception& error) {
    refusal = Error{Errc::internal, error.what()};
  }
  const std::lock_guard lock(state_.mutex);
  state_.openings.erase(opening);
  if (!connection) {
    --state_.opened;
    opening->refusal = std::move(refusal);
  } else if (opening->is_awaited) {
    opening->connection = std::move(connection);
  } else {
    state_.free.push_back(std::move(connection));
  }
  state_.changed.notify_all(); // under the lock: the pool may go as soon as it is free
}

void ConnectionPool::give_back(std::unique_ptr<PooledConnection> connection) {
  // A pooler has others who wait for the process.
  if (connection->process.is_pooled) settle(*connection->db);
  const bool is_usable = is_alive(*connection->db) && !connection->db->trouble.stale;
  // Its statements are not taken back: behind a pooler that could be another's process.
  if (!is_usable) cut(*connection->db);
  {
    const std::lock_guard lock(state_.mutex);
    state_.in_use.erase(connection->db.get());
    if (is_usable) {
      state_.free.push_back(std::move(connection));
    } else {
      --state_.opened;
    }
  }
  state_.changed.notify_all();
}

} // namespace baluhost::postgres
