#include "baluhost/filesystem/record_floor.hpp"
#include "baluhost/memory/manual_clock.hpp"
#include "baluhost/memory/memory_database.hpp"
#include "baluhost/test/forwarding_database.hpp"
#include "baluhost/test/small_disk.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <string>

using namespace baluhost;
using namespace std::chrono_literals;

namespace {

/// Has no room while its disk has no byte left.
class TightDatabase final : public test::ForwardingDatabase {
 public:
  explicit TightDatabase(std::string directory)
      : ForwardingDatabase(make_memory_database()), directory_(std::move(directory)) {}

  Result<void> write(FunctionRef<Result<AuditEvents>(WriteTransaction&)> work) override {
    return inner().write([&](WriteTransaction& tx) -> Result<AuditEvents> {
      BALUHOST_TRY(auto events, work(tx));
      BALUHOST_CHECK(room());
      return events;
    });
  }
  Result<void> bookkeep(FunctionRef<Result<void>(Bookkeeping&)> work) override {
    BALUHOST_CHECK(room());
    return inner().bookkeep(work);
  }
  Result<DatabaseStatus> status() override {
    BALUHOST_TRY(auto status, inner().status());
    status.reusable_bytes = reusable_bytes;
    return status;
  }

  static inline std::int64_t reusable_bytes = 0;
  static inline bool broken = false;

 private:
  [[nodiscard]] Result<void> room() const {
    if (broken) return Error{Errc::insufficient_storage, "told to have no room"};
    if (std::filesystem::space(directory_).available > 0) return {};
    return Error{Errc::insufficient_storage, "full"};
  }
  std::string directory_;
};

struct World {
  explicit World(std::int64_t min_free = 0) {
    TightDatabase::reusable_bytes = 0;
    TightDatabase::broken = false;
    database =
        with_record_floor(std::make_unique<TightDatabase>(disk.path()), {reserve, min_free}, clock);
  }

  Result<void> write(Action action, const char* user = "anna") {
    return database->write([&](WriteTransaction&) -> Result<AuditEvents> {
      return AuditEvents{NewAuditEvent{.timestamp = {}, .action = action, .user = user}};
    });
  }
  [[nodiscard]] bool full(const Result<void>& result) const {
    return !result && result.error().code == Errc::insufficient_storage;
  }
  void fill(std::int64_t leave = 0) {
    const auto free = static_cast<std::int64_t>(std::filesystem::space(disk.path()).available);
    std::ofstream{disk.path() + "/filler" + std::to_string(++fillers)}
        << std::string(static_cast<std::size_t>(free - leave), 'x');
    clock.advance(100ms); // the life of an answer
  }
  void make_room() {
    for (; fillers > 0; --fillers)
      std::filesystem::remove(disk.path() + "/filler" + std::to_string(fillers));
  }

  test::SmallDisk disk{"size=8m"};
  std::shared_ptr<SpaceReserve> reserve = std::make_shared<SpaceReserve>(disk.path() + "/reserve");
  ManualClock clock;
  std::unique_ptr<RecordFloor> database;
  int fillers{0};
};

} // namespace

TEST_CASE("a reserve is an eighth of a small disk, and its removal gives bytes and inodes back",
          "[fault-19]") {
  World world;
  if (!world.disk.mounted()) return;
  const auto before = world.reserve->space().value();
  REQUIRE(world.reserve->keep(0));
  const auto kept = world.reserve->space().value();
  CHECK(world.reserve->held() == before.total_bytes / 8);
  CHECK(before.free_bytes - kept.free_bytes >= world.reserve->held());
  while (world.reserve->release()) {
  }
  CHECK(world.reserve->space().value().free_bytes == before.free_bytes);
  CHECK(world.reserve->space().value().free_inodes == before.free_inodes);
  CHECK(world.reserve->held() == 0);
}

TEST_CASE("a reserve is not made of the last space", "[fault-19]") {
  World world;
  if (!world.disk.mounted()) return;
  world.fill(600 << 10);
  REQUIRE(world.reserve->keep(100 << 10));
  CHECK(world.reserve->held() == 256 << 10);
}

TEST_CASE(
    "with no byte left what frees space is written from the reserve, and what only adds is not",
    "[fault-09b]") {
  World world;
  if (!world.disk.mounted()) return;
  REQUIRE(world.database->keep_reserve());
  CHECK(world.write(Action::create_directory));
  world.fill();
  CHECK(world.full(world.write(Action::create_directory)));
  CHECK(world.reserve->held() == 1 << 20);
  CHECK(world.write(Action::remove));
  CHECK(world.reserve->held() == 3 << 18);
  CHECK(world.write(Action::login_success));
  CHECK(world.database->bookkeep([](Bookkeeping&) -> Result<void> { return {}; }));
  CHECK(world.reserve->held() == 3 << 18);
  CHECK(world.full(world.write(Action::create_directory)));
  CHECK(world.full(world.database->admit(SpaceUse::grows)));
  CHECK(world.database->admit(SpaceUse::reads));

  SECTION("downloads go on until half of it is used") {
    world.fill();
    CHECK(world.write(Action::remove));
    world.fill();
    CHECK(world.write(Action::remove));
    world.fill();
    CHECK(world.full(world.database->admit(SpaceUse::reads)));
    CHECK(world.write(Action::remove));
    world.fill();
    CHECK(world.full(world.write(Action::remove))); // now there is really nothing left
  }
  SECTION("with space again all goes on at once, and the reserve is made anew") {
    world.make_room();
    CHECK(world.write(Action::create_directory));
    CHECK(world.database->admit(SpaceUse::grows));
    REQUIRE(world.database->keep_reserve());
    CHECK(world.reserve->held() == 1 << 20);
  }
  SECTION("what rows have left in the database counts") {
    TightDatabase::reusable_bytes = 1 << 20;
    CHECK(world.write(Action::create_directory));
  }
}

TEST_CASE("below the floor what only adds is refused while there are bytes left", "[fault-09b]") {
  World world(256 << 10);
  if (!world.disk.mounted()) return;
  REQUIRE(world.database->keep_reserve());
  world.fill(200 << 10);
  CHECK(world.full(world.write(Action::access_denied)));
  CHECK(world.write(Action::user_disabled));
  CHECK(world.reserve->held() == 1 << 20);
}

TEST_CASE("where space is short nobody uses it up by signing in", "[fault-09b]") {
  World world(256 << 10);
  if (!world.disk.mounted()) return;
  REQUIRE(world.database->keep_reserve());
  for (int i = 0; i < 100; ++i) CHECK(world.write(Action::login_success));
  world.fill(200 << 10);
  for (int i = 0; i < 60; ++i) CHECK(world.write(Action::token_refresh));
  CHECK(world.full(world.write(Action::login_success)));
  CHECK(world.write(Action::login_success, "admin"));
  CHECK(world.write(Action::logout));
  world.clock.advance(1min);
  CHECK(world.write(Action::login_success));
}

TEST_CASE("of a database on another machine what frees space goes first after a refusal",
          "[fault-09b]") {
  World world;
  if (!world.disk.mounted()) return;
  world.database =
      with_record_floor(std::make_unique<TightDatabase>(world.disk.path()), {}, world.clock);
  TightDatabase::broken = true;
  CHECK(world.full(world.write(Action::create_directory)));
  TightDatabase::broken = false;
  CHECK(world.full(world.write(Action::create_directory)));
  CHECK(world.write(Action::remove));
  world.clock.advance(1s);
  CHECK(world.write(Action::create_directory));
}
