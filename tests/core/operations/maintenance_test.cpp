#include "fixtures/files_fixture.hpp"

#include "baluhost/core/operations/periodic_task.hpp"
#include "baluhost/core/operations/scrub.hpp"
#include "baluhost/core/operations/space_monitor.hpp"
#include "baluhost/core/operations/sweep.hpp"

#include <atomic>
#include <future>

namespace baluhost::files_test {
namespace {

using std::chrono::hours;

BlobId orphan(World& world, std::string_view content) {
  auto writer = world.blobs->create().value();
  REQUIRE(writer->write(content));
  return writer->publish()->blob;
}

TEST_CASE("the sweep takes doomed blobs and nothing else") {
  World world;
  const auto anna = world.enter("anna");
  for (int i = 0; i < 700; ++i) world.have(anna, "/anna/d/f" + std::to_string(i), "hello");
  world.have(anna, "/anna/keep", "hello");
  REQUIRE(world.files.remove(anna, path("/anna/d"), Recursive::yes, {}));
  const auto swept = sweep_doomed(*world.database, *world.blobs);
  REQUIRE(swept);
  CHECK(swept->blobs == 700);
  CHECK(swept->bytes == 3500);
  CHECK(world.blob_count() == 1);
  CHECK(world.doomed_count() == 0);
  CHECK(world.get(anna, "/anna/keep").value() == "hello");
  CHECK(sweep_doomed(*world.database, *world.blobs)->blobs == 0);
}

TEST_CASE("a blob that cannot be removed holds up no other, and is tried again") {
  World world;
  const auto anna = world.enter("anna");
  for (int i = 0; i < 700; ++i) world.have(anna, "/anna/d/f" + std::to_string(i), "hello");
  REQUIRE(world.files.remove(anna, path("/anna/d"), Recursive::yes, {}));
  HookedStore store(*world.blobs);
  int asked = 0;
  store.before_remove = [&](const BlobId&) { return ++asked > 2; };
  CHECK(sweep_doomed(*world.database, store).error().code == Errc::unavailable);
  CHECK(world.blob_count() == 2);
  CHECK(world.doomed_count() == 2);
  CHECK(sweep_doomed(*world.database, store)->blobs == 2);
  CHECK(world.doomed_count() == 0);
}

TEST_CASE("a sweep ends where no blob can be removed") {
  World world;
  const auto anna = world.enter("anna");
  for (int i = 0; i < 1200; ++i) world.have(anna, "/anna/d/f" + std::to_string(i), "hello");
  REQUIRE(world.files.remove(anna, path("/anna/d"), Recursive::yes, {}));
  HookedStore store(*world.blobs);
  store.before_remove = [](const BlobId&) { return false; };
  CHECK(sweep_doomed(*world.database, store).error().code == Errc::unavailable);
  CHECK(world.doomed_count() == 1200);
}

TEST_CASE("a sweep whose last step failed is done again") {
  World world;
  const auto anna = world.enter("anna");
  world.have(anna, "/anna/a", "hello");
  REQUIRE(world.files.remove(anna, path("/anna/a"), Recursive::no, {}));
  world.database->fail_writes(1);
  CHECK(sweep_doomed(*world.database, *world.blobs).error().code == Errc::unavailable);
  CHECK(world.doomed_count() == 1);
  CHECK(sweep_doomed(*world.database, *world.blobs));
  CHECK(world.doomed_count() == 0);
}

TEST_CASE(
    "old blobs without a file and staging files without an upload go, young ones and those in use "
    "stay") {
  World world;
  const auto anna = world.enter("anna");
  world.have(anna, "/anna/a", "hello");
  orphan(world, "old");
  world.clock.advance(hours{2});
  const auto young = orphan(world, "young");
  const auto upload = world.uploads.create(anna, {.target = path("/anna/b"), .length = 5});
  { auto chunk = world.uploads.append(anna, upload->id, 0, {}); }
  { auto staged = world.blobs->stage(UploadId{std::string(64, 'a')}, 0); }
  CHECK(world.blobs->list_staged()->size() == 2);

  std::int64_t seen = 0;
  const auto swept = sweep_orphans(*world.database, *world.blobs, world.clock.now() - hours{1},
                                   [&](std::int64_t count) { seen = count; });
  REQUIRE(swept);
  CHECK(swept->blobs == 1);
  CHECK(swept->bytes == 3);
  CHECK(seen == 3);
  CHECK(world.blobs->open(young));
  CHECK(world.get(anna, "/anna/a").value() == "hello");
  CHECK(world.blobs->list_staged().value() == std::vector<UploadId>{upload->id});
}

TEST_CASE(
    "a scrub finds damage, what is missing and orphans: it records each once and deletes nothing") {
  World world;
  const auto anna = world.enter("anna");
  const auto good = world.have(anna, "/anna/good", "sound");
  const auto bad = world.have(anna, "/anna/bad", "hello");
  REQUIRE(world.files.copy(anna, path("/anna/bad"), path("/anna/copy"), Overwrite::no));
  const auto gone = world.have(anna, "/anna/gone", "away");
  const auto stray = orphan(world, "stray");
  world.clock.advance(hours{2});
  REQUIRE(world.blobs->damage(bad.entry.content->blob, 2));
  REQUIRE(world.blobs->remove(gone.entry.content->blob));
  world.events();
  const auto run = [&] {
    return scrub(*world.database, *world.blobs, world.audit_log, *world.digester, world.clock,
                 &world.operator_, {});
  };

  const auto report = run();
  REQUIRE(report);
  CHECK(report->blobs == 3);
  CHECK(report->bytes == 10);
  REQUIRE(report->findings.size() == 3);
  const auto find = [&](ScrubKind kind) {
    return *std::find_if(report->findings.begin(), report->findings.end(),
                         [&](const auto& f) { return f.kind == kind; });
  };
  CHECK(find(ScrubKind::damaged).blob == bad.entry.content->blob);
  CHECK(find(ScrubKind::damaged).paths == std::vector<std::string>{"/anna/bad", "/anna/copy"});
  CHECK(find(ScrubKind::missing).blob == gone.entry.content->blob);
  CHECK(find(ScrubKind::orphan).blob == stray);

  auto events = world.events();
  REQUIRE(events.size() == 3);
  CHECK(events[0].action == "blob_damaged");
  CHECK(events[1].action == "blob_damaged");
  CHECK(events[2].action == "integrity_scrub");
  CHECK(events[2].type == EventType::disk_monitor);
  CHECK(events[2].user == "cli:root");
  CHECK(
      events[2].details ==
      R"({"blobs":3,"bytes":10,"damaged":1,"missing":1,"orphans":1,"duration_ms":0,"complete":true})");
  const auto& damaged = events[events[0].details.find("damaged") != std::string::npos ? 0 : 1];
  CHECK(damaged.details == R"({"finding":"damaged","detail":"the SHA-256 differs","blob":")" +
                               bad.entry.content->blob.value + R"(","file_size":5,"sha256":")" +
                               world.hex("hello") + R"(","paths":["/anna/bad","/anna/copy"]})");

  CHECK(run()->findings.size() == 3);
  CHECK(world.event().action == "integrity_scrub");
  CHECK(world.blobs->open(bad.entry.content->blob));

  REQUIRE(world.blobs->damage(bad.entry.content->blob, 2)); // turned around twice it is whole again
  CHECK(run()->findings.size() == 2);
  world.events();
  REQUIRE(world.blobs->damage(bad.entry.content->blob, 2));
  CHECK(run()->findings.size() == 3);
  CHECK(world.events().size() == 2);
}

TEST_CASE("a blob that cannot be read is damaged") {
  World world;
  const auto anna = world.enter("anna");
  world.have(anna, "/anna/a", "hello");
  world.blobs->fail_read(1);
  const auto report = scrub(*world.database, *world.blobs, world.audit_log, *world.digester,
                            world.clock, nullptr, {});
  REQUIRE(report->findings.size() == 1);
  CHECK(report->findings[0].kind == ScrubKind::damaged);
}

TEST_CASE("a scrub keeps its rate and stops when it is told to") {
  World world;
  const auto anna = world.enter("anna");
  for (int i = 0; i < 4; ++i)
    world.have(anna, "/anna/f" + std::to_string(i), std::string(1000, static_cast<char>('a' + i)));
  const auto run = [&](const ScrubOptions& options) {
    const auto begin = std::chrono::steady_clock::now();
    const auto report = scrub(*world.database, *world.blobs, world.audit_log, *world.digester,
                              world.clock, nullptr, options);
    REQUIRE(report);
    return std::pair{report->blobs, std::chrono::steady_clock::now() - begin};
  };
  const auto [blobs, time] = run({.bytes_per_second = 100'000, .progress = {}});
  CHECK(blobs == 4);
  CHECK(time >= std::chrono::milliseconds{40});
  world.events();

  const auto [stopped_blobs, stopped_time] =
      run({.bytes_per_second = 1,
           .progress = [](std::int64_t, std::int64_t bytes) { return bytes < 1000; }});
  CHECK(stopped_blobs == 0);
  CHECK(stopped_time < std::chrono::seconds{30});
  CHECK(world.event().details.ends_with(R"("complete":false})"));
}

TEST_CASE("each crossing of the floor of space is recorded once") {
  World world;
  HookedStore store(*world.blobs);
  SpaceMonitor monitor(store, *world.database, world.audit_log, 900);
  REQUIRE(monitor.check());
  CHECK_FALSE(monitor.low());
  CHECK(world.events().empty());

  store.space_now.free_bytes = 899;
  REQUIRE(monitor.look());
  CHECK(monitor.low());
  CHECK(world.events().empty());
  REQUIRE(monitor.check());
  REQUIRE(monitor.check());
  CHECK(monitor.low());
  const auto low = world.event();
  CHECK(low.type == EventType::disk_monitor);
  CHECK(low.action == "disk_space_low");
  CHECK(low.details ==
        R"({"free_bytes":899,"total_bytes":5000,"free_inodes":50000,"min_free_bytes":900})");

  store.space_now.free_bytes = 900;
  REQUIRE(monitor.check());
  CHECK_FALSE(monitor.low());
  CHECK(world.event().action == "disk_space_recovered");

  store.space_now.free_inodes = 10;
  world.database->fail_writes(1);
  CHECK(monitor.check().error().code == Errc::unavailable);
  CHECK(monitor.low());
  REQUIRE(monitor.check());
  CHECK(world.event().action == "disk_space_low");
}

TEST_CASE("a crossing that could not be recorded is recorded as soon as it can be, as it was",
          "[fault-18]") {
  World world;
  HookedStore store(*world.blobs);
  SpaceMonitor monitor(store, *world.database, world.audit_log, 900);
  store.space_now.free_bytes = 7;
  world.database->fail_writes(1);
  CHECK_FALSE(monitor.check());
  const auto then = world.clock.now();
  world.clock.advance(std::chrono::seconds{60});
  store.space_now.free_bytes = 1000;
  REQUIRE(monitor.check());
  const auto events = world.events();
  REQUIRE(events.size() == 2);
  CHECK(events[0].action == "disk_space_low");
  CHECK(events[0].timestamp == then);
  CHECK(events[0].details.find("\"free_bytes\":7,") != std::string::npos);
  CHECK(events[1].action == "disk_space_recovered");
}

TEST_CASE("a periodic task runs again and again, survives failures and stops at once") {
  std::atomic<int> runs{0};
  std::atomic<int> errors{0};
  std::promise<void> third;
  {
    PeriodicTask task(
        std::chrono::milliseconds{1},
        [&]() -> Result<void> {
          if (++runs == 3) third.set_value();
          if (runs == 1) throw std::runtime_error("a bad day");
          return Error{Errc::unavailable};
        },
        [&](const Error&) { ++errors; });
    third.get_future().wait();
  }
  CHECK(runs >= 3);
  CHECK(errors >= 2);

  const auto begin = std::chrono::steady_clock::now();
  {
    PeriodicTask task(hours{24}, []() -> Result<void> { return {}; }, {});
  }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{5});
}

} // namespace
} // namespace baluhost::files_test
