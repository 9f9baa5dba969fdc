#include "fixtures/files_fixture.hpp"

#include <set>
#include <thread>

namespace baluhost::files_test {
namespace {

/// A journal over a database that can be broken, without the services.
struct Journal {
  explicit Journal(DownloadRecording recording, std::size_t capacity = 4096) {
    start(recording, capacity);
  }
  void start(DownloadRecording recording, std::size_t capacity = 4096) {
    journal = std::make_unique<TransferJournal>(*database, clock, instance, recording, capacity);
  }

  Result<std::unique_ptr<Download::Record>> begin(const std::string& resource) {
    return journal->begin(
        {.timestamp = clock.now(), .action = Action::download, .resource = resource},
        Content{BlobId{"b"}, 10, {}, {}}, std::nullopt);
  }
  std::vector<AuditEvent> events() {
    std::vector<AuditEvent> found;
    REQUIRE(inner->read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(found, tx.audit().since(EventId{}, 100'000));
      return {};
    }));
    return found;
  }
  std::size_t transfers() { return open_transfers(*inner, instance).size(); }

  ManualClock clock;
  InstanceId instance{"one"};
  std::unique_ptr<Database> inner = make_memory_database();
  std::unique_ptr<FaultyDatabase> database = with_faults(*inner);
  std::unique_ptr<TransferJournal> journal;
};

TEST_CASE("every end of many threads is written once, through a queue of any size") {
  const auto recording = GENERATE(DownloadRecording::before, DownloadRecording::after);
  const std::size_t capacity = GENERATE(1, 7, 4096);
  Journal world(recording, capacity);
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        auto record = world.begin(std::to_string(t) + '/' + std::to_string(i));
        if (record) (*record)->finish(10, true);
      }
    });
  }
  for (auto& thread : threads) thread.join();
  world.journal->flush();
  std::set<std::string> resources;
  for (const auto& event : world.events()) resources.insert(*event.resource);
  CHECK(world.events().size() == 800);
  CHECK(resources.size() == 800);
  CHECK(world.transfers() == 0);
}

TEST_CASE("nothing is lost while the database fails, and the journal says that it is not well") {
  Journal world(DownloadRecording::before);
  std::vector<std::unique_ptr<Download::Record>> records;
  for (int i = 0; i < 50; ++i) records.push_back(world.begin(std::to_string(i)).value());
  world.database->fail_writes(1'000'000);
  for (auto& record : records) record->finish(10, true);
  while (world.journal->healthy()) std::this_thread::yield();
  const auto refused = world.begin("later");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::unavailable);
  CHECK(world.events().empty());

  world.database->fail_writes(0);
  world.journal->flush();
  CHECK(world.events().size() == 50);
  CHECK(world.journal->healthy());
  CHECK(world.begin("later"));
}

TEST_CASE("a batch whose answer was lost is not written twice") {
  Journal world(DownloadRecording::before);
  std::vector<std::unique_ptr<Download::Record>> records;
  for (int i = 0; i < 5; ++i) records.push_back(world.begin(std::to_string(i)).value());
  world.database->lose_answers(3);
  for (auto& record : records) record->finish(10, true);
  world.journal->flush();
  CHECK(world.events().size() == 5);
  CHECK(world.transfers() == 0);
}

TEST_CASE("an end that the database refuses is set apart, and the others go on", "[fault-08]") {
  const auto recording = GENERATE(DownloadRecording::before, DownloadRecording::after);
  const std::set<int> poisoned =
      GENERATE(std::set<int>{0}, std::set<int>{99}, std::set<int>{3, 4, 50});
  Journal world(recording);
  std::vector<std::unique_ptr<Download::Record>> records;
  const auto resource = [&](int i) {
    return (poisoned.contains(i) ? "/anna/\xE2\x98\x83\xF0\x9F\x98\x80" : "/anna/") +
           std::to_string(i);
  };
  for (int i = 0; i < 100; ++i) records.push_back(world.begin(resource(i)).value());
  world.database->refuse([](const NewAuditEvent& event) {
    return event.resource && event.resource->find('\xE2') != std::string::npos;
  });
  for (auto& record : records) record->finish(10, true);
  world.journal->flush();
  CHECK(world.journal->healthy());
  CHECK(world.transfers() == 0);
  const auto events = world.events();
  REQUIRE(events.size() == 100);
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto& event = events[i];
    INFO(event.details);
    if (!poisoned.contains(static_cast<int>(i))) {
      CHECK(event.action == "download");
      CHECK(event.resource == resource(static_cast<int>(i)));
      continue;
    }
    CHECK(event.action == "event_refused");
    CHECK(event.type == EventType::system);
    CHECK_FALSE(event.success);
    CHECK_FALSE(event.resource);
    CHECK(event.details.starts_with(
        R"({"action":"download","success":true,"resource":"/anna/\u2603\ud83d\ude00)" +
        std::to_string(i) + R"(","details":"{\"file_size\":10,)"));
  }
}

TEST_CASE(
    "a database that refuses every event loses none, and the journal says that it is not well",
    "[fault-08]") {
  Journal world(DownloadRecording::after);
  auto first = world.begin("/anna/a").value();
  auto second = world.begin("/anna/b").value();
  world.database->refuse([](const NewAuditEvent&) { return true; });
  first->finish(10, true);
  second->finish(10, true);
  while (world.journal->healthy()) std::this_thread::yield();
  world.database->refuse({});
  world.journal->flush();
  REQUIRE(world.events().size() == 2);
  for (const auto& event : world.events()) CHECK(event.action == "download");
}

TEST_CASE("a full queue slows its producers down") {
  Journal world(DownloadRecording::after, 2);
  std::vector<std::unique_ptr<Download::Record>> records;
  for (int i = 0; i < 20; ++i) records.push_back(world.begin(std::to_string(i)).value());
  world.database->fail_writes(1'000'000);
  std::atomic<int> finished{0};
  std::thread producer([&] {
    for (auto& record : records) {
      record->finish(10, true);
      ++finished;
    }
  });
  while (world.journal->healthy()) std::this_thread::yield();
  CHECK(finished < 20);
  world.database->fail_writes(0);
  producer.join();
  world.journal->flush();
  CHECK(world.events().size() == 20);
}

TEST_CASE("the end of the journal writes what is queued") {
  Journal world(DownloadRecording::after);
  for (int i = 0; i < 500; ++i) world.begin(std::to_string(i)).value()->finish(10, i % 2 == 0);
  world.journal.reset();
  CHECK(world.events().size() == 500);
}

TEST_CASE(
    "a journal whose database stays away ends all the same, and says what it could not write") {
  Journal world(DownloadRecording::before);
  auto record = world.begin("/anna/a").value();
  world.database->fail_writes(1'000'000);
  record->finish(10, true);
  const auto asked = std::chrono::steady_clock::now();
  const auto closed = world.journal->close();
  CHECK(std::chrono::steady_clock::now() - asked < std::chrono::seconds{30});
  REQUIRE_FALSE(closed);
  CHECK(closed.error().code == Errc::unavailable);
  CHECK(world.transfers() == 1); // for the next start
  world.journal.reset();
}

TEST_CASE("the row that is there before the first byte is the event of an interrupted download") {
  Journal world(DownloadRecording::before);
  const auto record = world.begin("/anna/a");
  REQUIRE(record);
  const auto rows = open_transfers(*world.inner, world.instance);
  REQUIRE(rows.size() == 1);
  const auto& event = rows.begin()->second;
  CHECK_FALSE(event.success);
  CHECK(event.error_message == "interrupted");
  CHECK(event.resource == "/anna/a");
  CHECK(event.details ==
        R"({"file_size":10,"sha256":")" + std::string(64, '0') + R"(","complete":false})");
}

} // namespace
} // namespace baluhost::files_test
