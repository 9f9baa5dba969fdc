#pragma once

#include "sql/sql_fixture.hpp"

#include <atomic>
#include <functional>
#include <future>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

// Writes that share a transaction, of any database that has one thread for them.
namespace baluhost::test {

/// A database whose writer can be held inside a work while others queue.
struct HeldWriter {
  std::mutex mutex;
  std::vector<std::size_t> groups;
  std::unique_ptr<Database> database;
  Result<void> first_result;

  /// `queue` writes at most may wait. `open` makes the database of options that a kind has.
  template <class Options, class Open>
  HeldWriter(Options options, std::size_t queue, const Open& open) {
    options.max_queue = queue;
    options.deadline = std::chrono::minutes{1};
    options.on_group = [this](std::size_t size) {
      const std::lock_guard lock(mutex);
      groups.push_back(size);
    };
    database = value(open(options));
  }

  /// Runs `works` in one group after a first write. There are as many places in the queue as
  /// works, so once one more was refused, all of them are waiting.
  std::vector<Result<void>> together(
      const std::vector<std::function<Result<AuditEvents>(WriteTransaction&)>>& works,
      const std::function<void()>& in_the_first = [] {}) {
    std::promise<void> started, release;
    bool has_started = false;
    std::thread first([&] {
      first_result = database->write([&](WriteTransaction&) -> Result<AuditEvents> {
        if (!std::exchange(has_started, true)) { // it runs again where its group is undone
          started.set_value();
          release.get_future().wait();
          in_the_first();
        }
        return AuditEvents{event_at(1)};
      });
    });
    started.get_future().wait();
    std::vector<Result<void>> results(works.size());
    std::vector<std::thread> threads;
    std::atomic<bool> was_refused{false};
    const auto write = [&](std::size_t i) {
      for (;;) {
        results[i] = database->write([&](WriteTransaction& tx) { return works[i](tx); });
        const bool is_full = !results[i] && results[i].error().code == Errc::unavailable &&
                             results[i].error().detail == "too many writes wait";
        if (!is_full) return;
        was_refused = true;
        std::this_thread::yield();
      }
    };
    for (std::size_t i = 0; i < works.size(); ++i) threads.emplace_back(write, i);
    // The one too many.
    std::thread extra([&] {
      while (!was_refused) {
        if (!record(*database, event_at(2))) was_refused = true;
      }
    });
    while (!was_refused) std::this_thread::yield();
    release.set_value();
    first.join();
    for (auto& thread : threads) thread.join();
    extra.join();
    return results;
  }
};

inline std::function<Result<AuditEvents>(WriteTransaction&)> adds_user(const std::string& name) {
  return [name](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_TRY(const auto user, tx.users().insert(user_named(name)));
    return AuditEvents{event_at(3, Action::user_created, user.username.str())};
  };
}

inline std::size_t count(Database& database, Action action) {
  std::size_t found = 0;
  for (const auto& event : trail(database)) found += event.action == to_string(action);
  return found;
}

/// Of 20 writes that wait.
inline void test_shared_commit(HeldWriter& held) {
  const std::vector works(20, std::function<Result<AuditEvents>(WriteTransaction&)>(
                                  [](WriteTransaction&) -> Result<AuditEvents> {
                                    return AuditEvents{event_at(3, Action::logout)};
                                  }));
  for (const auto& result : held.together(works)) value(result);
  // The first write, and all that came while it ran.
  REQUIRE_FALSE(held.groups.empty());
  CHECK(held.groups.front() >= 20);
  CHECK(count(*held.database, Action::logout) == 20);
}

/// Of four writes that wait. `users` returns the names that are stored.
inline void test_failures_in_a_group(HeldWriter& held,
                                     const std::function<std::vector<std::string>()>& users) {
  const auto fails_late = [](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(tx.users().insert(user_named("carl")));
    return Error{Errc::conflict, "on purpose"};
  };
  const auto throws = [](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(tx.users().insert(user_named("dora")));
    throw std::runtime_error("on purpose");
  };
  const auto results = held.together({adds_user("anna"), fails_late, throws, adds_user("bert")});
  value(results[0]);
  value(results[3]);
  REQUIRE_FALSE(results[1]);
  CHECK(results[1].error().code == Errc::conflict);
  REQUIRE_FALSE(results[2]);
  CHECK(results[2].error().code == Errc::internal);
  CHECK(users() == std::vector<std::string>{"anna", "bert"});
  CHECK(count(*held.database, Action::user_created) == 2);
}

/// Of four writes that wait, where the database refuses an event of `Action::logout`.
inline void test_refused_event_in_a_group(HeldWriter& held) {
  const auto logs_out = [](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(tx.users().insert(user_named("carl")));
    return AuditEvents{event_at(4, Action::logout)};
  };
  const auto too_late = [](WriteTransaction&) -> Result<AuditEvents> {
    return Error{Errc::not_found, "on purpose"};
  };
  const auto results = held.together({adds_user("anna"), logs_out, too_late, adds_user("bert")});
  value(held.first_result);
  value(results[0]);
  value(results[3]);
  REQUIRE_FALSE(results[1]);
  CHECK(results[1].error().code == Errc::internal);
  REQUIRE_FALSE(results[2]);
  CHECK(results[2].error().code == Errc::not_found);
  value(held.database->read([](ReadTransaction& tx) -> Result<void> {
    CHECK(value(tx.users().find(value(Username::parse("anna")))));
    CHECK(value(tx.users().find(value(Username::parse("bert")))));
    CHECK_FALSE(value(tx.users().find(value(Username::parse("carl")))));
    return {};
  }));
  CHECK(count(*held.database, Action::user_created) == 2);
  CHECK(count(*held.database, Action::logout) == 0);
}

} // namespace baluhost::test
