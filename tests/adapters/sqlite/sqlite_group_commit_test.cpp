#include "baluhost/sqlite/sqlite_database.hpp"
#include "baluhost/test/temporary_directory.hpp"
#include "sql/group_commit_cases.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <future>
#include <mutex>
#include <thread>

namespace baluhost::test {
namespace {

/// Of a file of its own.
struct Held {
  TemporaryDirectory directory;
  std::string path{directory / "baluhost.db"};
  HeldWriter writer;

  explicit Held(std::size_t queue)
      : writer(SqliteOptions{.path = path}, queue, make_sqlite_database) {}
};

} // namespace

TEST_CASE("writes that wait share one commit") {
  Held held(20);
  test_shared_commit(held.writer);
}

TEST_CASE("a work that fails takes back itself and no other of its group") {
  Held held(4);
  test_failures_in_a_group(held.writer, [&] {
    std::vector<std::string> users;
    for (const auto& row :
         RawSqlite(held.path).rows("select username from users order by username"))
      users.push_back(row.front());
    return users;
  });
}

TEST_CASE("an event that the database refuses takes no other write of its group with it") {
  Held held(4);
  RawSqlite(held.path).rows(
      "create trigger no_logout before insert on audit_logs when new.action = 'logout'"
      " begin select raise(abort, 'on purpose'); end");
  test_refused_event_in_a_group(held.writer);
}

TEST_CASE("a full queue refuses at once, with a time to come back") {
  Held held(1);
  std::promise<void> started, release;
  std::thread first([&] {
    value(held.writer.database->write([&](WriteTransaction&) -> Result<AuditEvents> {
      started.set_value();
      release.get_future().wait();
      return AuditEvents{event_at(1)};
    }));
  });
  started.get_future().wait();
  std::atomic<bool> refused{false};
  std::vector<std::thread> others;
  for (int i = 0; i < 2; ++i) {
    others.emplace_back([&] {
      const auto result = record(*held.writer.database, event_at(2));
      if (!result) {
        CHECK(result.error().code == Errc::unavailable);
        CHECK(result.error().retry_after.count() > 0);
        refused = true;
      }
    });
  }
  while (!refused) std::this_thread::yield();
  release.set_value();
  first.join();
  for (auto& other : others) other.join();
  CHECK(trail(*held.writer.database).size() == 2);
}

TEST_CASE(
    "while another program writes, a write waits up to its deadline and is never told of a lock") {
  TemporaryDirectory directory;
  SqliteOptions options;
  options.path = directory / "baluhost.db";
  options.deadline = std::chrono::milliseconds{300};
  const auto database = value(make_sqlite_database(options));
  RawSqlite other(options.path);
  other.rows("begin immediate");
  const auto late = record(*database, event_at(1));
  REQUIRE_FALSE(late);
  CHECK(late.error().code == Errc::unavailable);
  CHECK(late.error().retry_after.count() > 0);
  CHECK(late.error().detail.find("locked") == std::string::npos);

  SECTION("and succeeds as soon as the lock is gone") {
    std::promise<void> asked;
    std::thread writer([&] {
      asked.set_value();
      value(record(*database, event_at(2)));
    });
    asked.get_future().wait();
    other.rows("rollback");
    writer.join();
    CHECK(trail(*database).size() == 1);
  }
}

TEST_CASE("two programs that write all the time both get on") {
  TemporaryDirectory directory;
  SqliteOptions options;
  options.path = directory / "baluhost.db";
  const auto busy = value(make_sqlite_database(options));
  const auto other = value(make_sqlite_database(options));
  std::atomic<bool> stop{false};
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    writers.emplace_back([&] {
      while (!stop) value(record(*busy, event_at(1, Action::logout)));
    });
  }
  for (int i = 0; i < 30; ++i) value(record(*other, event_at(2)));
  stop = true;
  for (auto& writer : writers) writer.join();
  CHECK(count(*other, Action::login_success) == 30);
}

TEST_CASE(
    "if the common commit fails, none of its group is told that anything was done, and nothing "
    "was") {
  Held held(3);
  value(record(*held.writer.database, event_at(1)));
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit old{};
  ::getrlimit(RLIMIT_FSIZE, &old);
  // From here on the disk seems full: no file may grow.
  const auto fill_the_disk = [&] {
    const rlimit small{4096, old.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  };
  const auto results = held.writer.together(
      {adds_user("anna"), adds_user("carl"), adds_user("bert")}, fill_the_disk);
  ::setrlimit(RLIMIT_FSIZE, &old);
  for (const auto& result : {held.writer.first_result, results[0], results[1], results[2]}) {
    REQUIRE_FALSE(result);
    CHECK(result.error().code == Errc::unavailable);
  }
  CHECK(trail(*held.writer.database).size() == 1);
  RawSqlite raw(held.path);
  CHECK(raw.one("select count(*) from users") == "0");
  value(record(*held.writer.database, event_at(6)));
  CHECK(trail(*held.writer.database).size() == 2);
}

TEST_CASE("what was acknowledged survives a kill at any moment") {
  TemporaryDirectory directory;
  SqliteOptions options;
  options.path = directory / "baluhost.db";
  int pipe_ends[2];
  REQUIRE(::pipe(pipe_ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    auto opened = make_sqlite_database(options);
    if (!opened) ::_exit(1);
    const auto& database = *opened;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (std::int64_t i = 0;; ++i) {
          const std::int64_t number = t * 1'000'000 + i;
          if (record(*database, event_at(number)) &&
              ::write(pipe_ends[1], &number, sizeof number) < 0)
            ::_exit(1);
        }
      });
    }
    for (auto& thread : threads) thread.join();
  }
  ::close(pipe_ends[1]);
  std::vector<std::int64_t> acknowledged;
  std::int64_t number = 0;
  while (::read(pipe_ends[0], &number, sizeof number) == sizeof number) {
    acknowledged.push_back(number);
    if (acknowledged.size() == 200) ::kill(child, SIGKILL);
  }
  ::close(pipe_ends[0]);
  ::waitpid(child, nullptr, 0);
  REQUIRE(acknowledged.size() >= 200);

  const auto database = value(make_sqlite_database(options));
  std::map<std::int64_t, int> stored;
  for (const auto& event : trail(*database)) ++stored[event.timestamp.microseconds];
  for (const auto each : acknowledged) CHECK(stored[each] == 1);
  RawSqlite raw(options.path);
  CHECK(raw.one("pragma integrity_check") == "ok");
  CHECK(raw.one("select sum(events) from audit_daily") ==
        raw.one("select count(*) from audit_logs"));
}

TEST_CASE("listeners are told of events as the rows hold them, cut to the columns") {
  TemporaryDirectory directory;
  SqliteOptions options;
  options.path = directory / "baluhost.db";
  const auto database = value(make_sqlite_database(options));
  std::vector<AuditEvent> told;
  database->on_commit([&](std::span<const AuditEvent> events) {
    told.insert(told.end(), events.begin(), events.end());
  });
  auto event = event_at(1, Action::upload);
  event.user = std::string(150, 'u');
  for (int i = 0; i < 1100; ++i)
    *(event.resource ? &*event.resource : &event.resource.emplace()) += "\xC3\xA4";
  event.ip_address = std::string(60, '1');
  event.user_agent = std::string("bad \xFF and \0 nul ", 16) + std::string(600, 'a');
  event.details = R"({"b":1,  "a":"\u0000"})";
  value(record(*database, event));
  REQUIRE(told.size() == 1);
  CHECK(told == trail(*database));
  CHECK(told.front().user->size() == 100);
  CHECK(told.front().resource->size() == 2000);
  CHECK(told.front().ip_address->size() == 45);
  CHECK(told.front().details == event.details);
}

} // namespace baluhost::test
