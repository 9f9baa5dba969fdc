#include "session_pool.hpp"

#include "dialect.hpp"
#include "native.hpp"

#include <algorithm>

namespace baluhost::postgres {
namespace {

constexpr std::chrono::milliseconds kWatchInterval{200};

} // namespace

SessionPool::SessionPool(const PostgresOptions& options) : options_(options), watchdog_([this] { watch(); }) {}

SessionPool::~SessionPool() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  watchdog_.join();
}

Result<std::unique_ptr<Session>> SessionPool::take(Clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  const auto is_possible = [&] { return !free_.empty() || opened_ < std::max(options_.pool_size, 1); };
  if (!changed_.wait_until(lock, deadline, is_possible)) {
    return Error{Errc::unavailable, "every session of the database is in use", {}, std::chrono::seconds{1}, false};
  }
  if (!free_.empty()) {
    auto session = std::move(free_.back());
    free_.pop_back();
    in_use_.insert(session->db.get());
    return session;
  }
  ++opened_;
  lock.unlock();
  Error refusal;
  try {
    auto session = std::make_unique<Session>(open_connection(options_));
    lock.lock();
    in_use_.insert(session->db.get());
    return session;
  } catch (const soci::soci_error& error) {
    refusal = *postgres_dialect().translate(error).error;
  } catch (const std::exception& error) {
    refusal = Error{Errc::internal, error.what(), {}, {}, false};
  }
  lock.lock();
  --opened_;
  changed_.notify_all();
  return refusal;
}

void SessionPool::give_back(std::unique_ptr<Session> session) {
  const bool is_usable = is_alive(*session->db);
  {
    const std::lock_guard lock(mutex_);
    in_use_.erase(session->db.get());
    if (is_usable) {
      free_.push_back(std::move(session));
    } else {
      --opened_;
    }
  }
  changed_.notify_all();
}

void SessionPool::watch() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kWatchInterval, [&] { return stopping_; })) {
    const auto now = Clock::now().time_since_epoch().count();
    for (sql::Connection* connection : in_use_) {
      const auto overdue_at = connection->overdue_at.load();
      if (overdue_at != 0 && overdue_at < now) cut(*connection);
    }
  }
}

} // namespace baluhost::postgres
