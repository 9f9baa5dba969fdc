#pragma once

#include "support.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

namespace baluhost::contract::database_suite {

/// Keeps what a listener was told, which may be a moment after the write returned.
class Told {
 public:
  static std::shared_ptr<Told> by(Database& database) {
    auto told = std::make_shared<Told>();
    database.on_commit([told](std::span<const AuditEvent> events) {
      const std::lock_guard lock(told->mutex_);
      told->events_.insert(told->events_.end(), events.begin(), events.end());
      told->changed_.notify_all();
    });
    return told;
  }
  /// What was told once it is `count` events or more, or ten seconds are over.
  std::vector<AuditEvent> wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds{10}, [&] { return events_.size() >= count; });
    return events_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<AuditEvent> events_;
};

inline bool has_user(Database& database, std::string_view name) {
  const auto wanted = username(name);
  return see(database, [&](ReadTransaction& tx) { return tx.users().find(wanted); }).has_value();
}

inline std::vector<AuditEvent> all_events(Database& database) {
  return see(database, [](ReadTransaction& tx) { return tx.audit().since(EventId{0}, 10'000); });
}

inline std::int64_t identity_version(Database& database) {
  return see(database, [](ReadTransaction& tx) { return tx.identity_version(); });
}

void transactions(Database& database);
void bookkeeping(Database& database);
void isolation(Database& database);
void listeners(Database& database);
void nested(Database& database);
void identity(Database& database);

} // namespace baluhost::contract::database_suite
