#include "transfers/transfer_begins.hpp"
#include "fixtures/open_transfers.hpp"

#include "baluhost/memory/faulty_database.hpp"
#include "baluhost/memory/manual_clock.hpp"
#include "baluhost/memory/memory_database.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <thread>
#include <vector>

// Downloads that begin together share a transaction; nobody may notice.

using namespace baluhost;

namespace {

constexpr int kThreads = 8;
constexpr int kEach = 200;

NewAuditEvent download_of(const std::string& resource) {
  return {.timestamp = Timestamp{1}, .action = Action::download, .resource = resource};
}

/// One that no transfer can be.
NewAuditEvent refused_one() {
  auto event = download_of("refused");
  event.action = Action::custom("acme.report_made", EventType::file_access);
  return event;
}

struct Begins {
  std::map<TransferId, std::string> resources() {
    std::map<TransferId, std::string> found;
    for (const auto& [id, event] : open_transfers(*inner, instance))
      found.emplace(id, event.resource.value());
    return found;
  }

  InstanceId instance{"one"};
  std::unique_ptr<Database> inner = make_memory_database();
  std::unique_ptr<FaultyDatabase> database = with_faults(*inner);
  ManualClock clock;
  TransferLedger ledger{*database, clock, instance};
  TransferBegins begins{ledger};
};

} // namespace

TEST_CASE("each of many threads gets the ids of its own downloads") {
  Begins world;
  std::vector<std::map<TransferId, std::string>> told(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        std::vector<NewAuditEvent> some;
        for (int k = 0; k < 1 + i % 3; ++k)
          some.push_back(
              download_of(std::to_string(t) + '/' + std::to_string(i) + '/' + std::to_string(k)));
        const auto ids = world.begins.begin(some);
        if (!ids || ids->size() != some.size()) continue;
        for (std::size_t k = 0; k < some.size(); ++k) told[t].emplace((*ids)[k], *some[k].resource);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::map<TransferId, std::string> all;
  for (auto& one : told) all.merge(one);
  CHECK(all.size() == kThreads * (kEach / 3 * 6 + 3));
  CHECK(all == world.resources());
}

TEST_CASE("a download that the database refuses takes no other with it") {
  Begins world;
  std::vector<int> begun(kThreads, 0);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i)
        if (world.begins.begin({t == 0 ? refused_one() : download_of("taken")})) ++begun[t];
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(begun[0] == 0);
  for (int t = 1; t < kThreads; ++t) CHECK(begun[t] == kEach);
  CHECK(world.resources().size() == (kThreads - 1) * kEach);
}

TEST_CASE("while the database does not answer nothing begins, and then all does") {
  Begins world;
  world.database->fail_writes(1);
  const auto failed = world.begins.begin({download_of("failed")});
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == Errc::unavailable);
  CHECK(world.begins.begin({download_of("begun")}).value().size() == 1);
  CHECK(world.resources().size() == 1);
}
