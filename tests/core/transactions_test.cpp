#include "baluhost/ports/transactions.hpp"

#include "baluhost/memory/faulty_database.hpp"
#include "baluhost/memory/memory_database.hpp"
#include "baluhost/test/forwarding_database.hpp"

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <utility>

namespace {

using namespace baluhost;

/// Runs each work twice, as a database does after a conflict; of the first run nothing is kept.
class TwiceDatabase final : public test::ForwardingDatabase {
 public:
  using test::ForwardingDatabase::ForwardingDatabase;

  Result<void> read(FunctionRef<Result<void>(ReadTransaction&)> work) override {
    return inner().read([&](ReadTransaction& tx) -> Result<void> {
      static_cast<void>(work(tx));
      return work(tx);
    });
  }
  Result<void> write(FunctionRef<Result<AuditEvents>(WriteTransaction&)> work) override {
    const auto undone = inner().write([&](WriteTransaction& tx) -> Result<AuditEvents> {
      static_cast<void>(work(tx));
      return Error{Errc::conflict, "to be run again"};
    });
    REQUIRE_FALSE(undone);
    return inner().write(work);
  }
  Result<void> bookkeep(FunctionRef<Result<void>(Bookkeeping&)> work) override {
    const auto undone = inner().bookkeep([&](Bookkeeping& tx) -> Result<void> {
      static_cast<void>(work(tx));
      return Error{Errc::conflict, "to be run again"};
    });
    REQUIRE_FALSE(undone);
    return inner().bookkeep(work);
  }
  void on_commit(CommitListener) override {}
  void tag_events(std::shared_ptr<EventTagger>) override {}
};

struct World {
  std::unique_ptr<Database> memory = make_memory_database();
  std::unique_ptr<FaultyDatabase> faulty = with_faults(*memory);
  TwiceDatabase twice{*memory};

  [[nodiscard]] std::size_t events() {
    return query(*memory,
                 [](ReadTransaction& tx) {
                   return tx.audit().query({}, SortOrder::ascending, std::nullopt, 100);
                 })
        .value()
        .size();
  }
};

NewAuditEvent event() { return {.timestamp = {}, .action = Action::server_started}; }
Error refused() { return Error{Errc::already_exists, "refused"}; }

/// Counts the runs of a work, and fails those before `fails_before`.
struct Runs {
  int count{0};
  int fails_before{0};
  Result<std::string> next() {
    if (++count < fails_before) return refused();
    return "run " + std::to_string(count);
  }
};

} // namespace

TEST_CASE("a transaction returns what its last run returned") {
  World world;
  Runs runs;
  SECTION("a query") {
    CHECK(query(world.twice, [&](ReadTransaction&) { return runs.next(); }).value() == "run 2");
  }
  SECTION("bookkeeping") {
    CHECK(bookkeep(world.twice, [&](Bookkeeping&) { return runs.next(); }).value() == "run 2");
  }
  SECTION("a change, which is on record once") {
    const auto value = record(world.twice, [&](WriteTransaction&) -> Result<Recorded<std::string>> {
      BALUHOST_TRY(auto text, runs.next());
      return recorded(std::move(text), event());
    });
    CHECK(value.value() == "run 2");
    CHECK(world.events() == 1);
  }
  SECTION("also where the first run failed") {
    runs.fails_before = 2;
    CHECK(query(world.twice, [&](ReadTransaction&) { return runs.next(); }).value() == "run 2");
  }
  CHECK(runs.count == 2);
}

TEST_CASE("a transaction's work fails with its own error, and leaves no value of an earlier run") {
  World world;
  int runs = 0;
  const auto second_fails = [&]() -> Result<std::string> {
    if (++runs == 2) return refused();
    return std::string{"stale"};
  };
  const auto fails = [](const auto& result) {
    return !result && result.error().code == Errc::already_exists &&
           result.error().detail == "refused";
  };
  CHECK(fails(query(world.twice, [&](ReadTransaction&) { return second_fails(); })));
  runs = 0;
  CHECK(fails(bookkeep(world.twice, [&](Bookkeeping&) { return second_fails(); })));
  runs = 0;
  CHECK(fails(record(world.twice, [&](WriteTransaction&) -> Result<Recorded<std::string>> {
    BALUHOST_TRY(auto text, second_fails());
    return recorded(std::move(text), event());
  })));
  CHECK(world.events() == 0);
}

TEST_CASE("a transaction that the database fails has the database's error and no value") {
  World world;
  const auto change = [](WriteTransaction&) -> Result<Recorded<int>> {
    return recorded(1, event());
  };
  const auto is_unavailable = [](const auto& result) {
    return !result && result.error().code == Errc::unavailable;
  };
  world.faulty->fail_reads(1);
  CHECK(is_unavailable(query(*world.faulty, [](ReadTransaction&) { return Result<int>{1}; })));
  world.faulty->fail_commits(1);
  CHECK(is_unavailable(record(*world.faulty, change)));
  world.faulty->fail_commits(1);
  CHECK(is_unavailable(bookkeep(*world.faulty, [](Bookkeeping&) { return Result<int>{1}; })));
  CHECK(world.events() == 0);
  world.faulty->lose_answers(1);
  CHECK(is_unavailable(record(*world.faulty, change)));
  CHECK(world.events() == 1);
  CHECK(record(*world.faulty, change).value() == 1);
}

TEST_CASE("an attempt tells what its last run saw, however it ended") {
  World world;
  struct Seen {
    int calls{0};
    bool is_second{false};
  };
  int runs = 0;
  const auto look = [&](Seen& seen) {
    ++seen.calls;
    seen.is_second = ++runs == 2;
  };
  SECTION("with a value") {
    const auto done = attempt<Seen>(
        world.twice, [&](WriteTransaction&, Seen& seen) -> Result<Recorded<std::string>> {
          look(seen);
          return recorded(std::string{"made"}, event());
        });
    CHECK(done.result.value() == "made");
    CHECK(done.seen.calls == 1);
    CHECK(done.seen.is_second);
    CHECK(world.events() == 1);
  }
  SECTION("with events alone") {
    const auto done =
        attempt<Seen>(world.twice, [&](WriteTransaction&, Seen& seen) -> Result<AuditEvents> {
          look(seen);
          return AuditEvents{event()};
        });
    CHECK(done.result);
    CHECK(done.seen.calls == 1);
    CHECK(done.seen.is_second);
    CHECK(world.events() == 1);
  }
  SECTION("with an error") {
    const auto done =
        attempt<Seen>(world.twice, [&](WriteTransaction&, Seen& seen) -> Result<Recorded<int>> {
          look(seen);
          return refused();
        });
    CHECK(done.result.error().code == Errc::already_exists);
    CHECK(done.seen.calls == 1);
    CHECK(done.seen.is_second);
  }
  SECTION("without a run, nothing") {
    world.faulty->fail_writes(1);
    const auto done =
        attempt<Seen>(*world.faulty, [&](WriteTransaction&, Seen& seen) -> Result<AuditEvents> {
          look(seen);
          return AuditEvents{event()};
        });
    CHECK(done.result.error().code == Errc::unavailable);
    CHECK(done.seen.calls == 0);
  }
}
