#include "connections/connection_pool.hpp"

#include "connections/native.hpp"
#include "connections/server_check.hpp"
#include "dialect.hpp"

#include "baluhost/sql_common/write_queue.hpp"

#include <algorithm>
#include <future>
#include <system_error>

namespace baluhost::postgres {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kWatchInterval{100};
/// A statement that takes longer makes the watchdog ask whether anybody is there.
constexpr milliseconds kDoubt{250};
/// For the answer to that. With the doubt and the interval well below the 2 s within which whoever
/// waits must know.
constexpr milliseconds kProbePatience{1000};
/// A program that is done sooner needs no probe.
constexpr milliseconds kProbeFrom{1000};
constexpr milliseconds kProbeAgain{5000};

/// The answer of a live server to a statement comes within its own time limit; beyond that and
/// this, it is taken for dead.
constexpr milliseconds kGrace{2000};

Error silence() { return sql::busy("the database does not answer"); }

} // namespace

ConnectionPool::ConnectionPool(const PostgresOptions& options)
    : options_(options), probe_(options_), watchdog_([this] { watch(); }) {}

ConnectionPool::~ConnectionPool() {
  {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return openings_.empty(); });
  }
  watchdog_.join();
}

Result<std::unique_ptr<PooledConnection>> ConnectionPool::take(Clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  std::shared_ptr<Opening> opening;
  for (bool is_late = false;;) {
    if (opening && opening->refusal) return *opening->refusal;
    auto connection = opening ? std::move(opening->connection) : nullptr;
    if (!connection && !silent_ && !free_.empty()) {
      connection = std::move(free_.back());
      free_.pop_back();
    }
    if (connection) {
      if (opening) opening->is_awaited = false;
      in_use_.insert(connection->db.get());
      return connection;
    }
    if (silent_ || is_late) break;
    if (!opening && opened_ < std::max(options_.pool_size, 1)) opening = start_opening();
    if (opening && opening->refusal) continue;
    is_late = changed_.wait_until(lock, deadline) == std::cv_status::timeout;
  }
  if (opening) opening->is_awaited = false;
  if (silent_ || opening) return silence();
  return Error{Errc::unavailable,
               "every connection of the database is in use",
               {},
               std::chrono::seconds{1},
               false};
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
      return lost_session(Errc::unavailable);
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

std::shared_ptr<ConnectionPool::Opening> ConnectionPool::start_opening() {
  auto opening = std::make_shared<Opening>();
  opening->since = Clock::now();
  try {
    std::thread([this, opening] { open(opening); }).detach();
  } catch (const std::system_error& error) {
    opening->refusal = sql::busy(error.what());
    return opening;
  }
  ++opened_;
  openings_.insert(opening);
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
  const std::lock_guard lock(mutex_);
  openings_.erase(opening);
  if (!connection) {
    --opened_;
    opening->refusal = std::move(refusal);
  } else if (opening->is_awaited) {
    opening->connection = std::move(connection);
  } else {
    free_.push_back(std::move(connection));
  }
  changed_.notify_all(); // under the lock: the pool may go as soon as it is free
}

void ConnectionPool::give_back(std::unique_ptr<PooledConnection> connection) {
  // A pooler has others who wait for the session.
  if (connection->process.is_pooled) settle(*connection->db);
  const bool is_usable = is_alive(*connection->db) && !connection->db->trouble.stale;
  // Its statements are not taken back: behind a pooler that could be another's session.
  if (!is_usable) cut(*connection->db);
  {
    const std::lock_guard lock(mutex_);
    in_use_.erase(connection->db.get());
    if (is_usable) {
      free_.push_back(std::move(connection));
    } else {
      --opened_;
    }
  }
  changed_.notify_all();
}

bool ConnectionPool::has_waited_since(Clock::time_point moment) const {
  const auto ticks = moment.time_since_epoch().count();
  return std::ranges::any_of(openings_,
                             [&](const auto& opening) { return opening->since <= moment; }) ||
         std::ranges::any_of(in_use_, [&](const sql::Connection* connection) {
           const auto began_at = connection->began_at.load();
           return began_at != 0 && began_at <= ticks;
         });
}

void ConnectionPool::cut_begun_before(Clock::time_point moment) const {
  const auto ticks = moment.time_since_epoch().count();
  for (sql::Connection* connection : in_use_) {
    const auto began_at = connection->began_at.load();
    if (began_at != 0 && began_at <= ticks) cut(*connection);
  }
}

void ConnectionPool::watch() {
  std::future<bool> probe_opens;
  Clock::time_point probe_opens_since;
  auto probe_from = made_at_ + kProbeFrom;
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kWatchInterval, [&] { return stopping_; })) {
    const auto now = Clock::now();
    for (const auto& connection : free_) settle(*connection->db);
    for (sql::Connection* connection : in_use_) {
      const auto overdue_at = connection->overdue_at.load();
      if (overdue_at != 0 && overdue_at < now.time_since_epoch().count()) cut(*connection);
    }
    if (silent_) cut_begun_before(now);
    if (probe_opens.valid()) {
      if (probe_opens.wait_for(milliseconds{0}) != std::future_status::ready) continue;
      set_silent(!probe_opens.get() && (silent_ || has_waited_since(probe_opens_since)));
      if (!silent_ && !probe_.has_session()) probe_from = now + kProbeAgain;
    }
    if (!probe_.has_session()) {
      if (!silent_ && now < probe_from) continue;
      probe_opens_since = now;
      try {
        probe_opens = std::async(std::launch::async, [this] { return probe_.open(); });
      } catch (const std::system_error&) {
        probe_from = now + kProbeAgain; // no thread for it: until then a silent server is found by
                                        // everybody's own patience
        silent_ = false;
      }
    } else if (has_waited_since(now - kDoubt)) {
      lock.unlock();
      const auto answer = probe_.ask(kProbePatience);
      lock.lock();
      if (answer == ServerProbe::Answer::none) {
        set_silent(true);
        cut_begun_before(now);
      }
    }
  }
}

void ConnectionPool::set_silent(bool is_silent) {
  silent_ = is_silent;
  changed_.notify_all();
}

} // namespace baluhost::postgres
