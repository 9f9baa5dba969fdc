#include "baluhost/testing/world.hpp"

#include <catch2/catch.hpp>

using namespace baluhost;
using namespace baluhost::testing;
using namespace std::chrono_literals;

namespace {

template <class T>
Errc code(const Result<T>& result) {
  REQUIRE_FALSE(result);
  return result.error().code;
}

} // namespace

TEST_CASE("a world for tests is one line, and what happens in it is on record and sealed") {
  World world;
  const auto anna = world.enter("anna");
  REQUIRE(world.put(anna, "/anna/deep/note", "hello"));
  CHECK(world.get(anna, "/anna/deep/note").value() == "hello");
  const auto events = world.events();
  REQUIRE(events.size() >= 4);
  CHECK(events[0].action == "user_created");
  CHECK(events[1].action == "login_success");
  CHECK(events.back().action == "download");
  CHECK(world.events().empty());
  REQUIRE(world.sealer.seal_now());
  CHECK(world.sealer.unsealed() == 0);
  const auto bert = world.enter("bert");
  CHECK(code(world.get(bert, "/anna/deep/note")) == Errc::not_found);
  CHECK(world.enter("anna").user() == anna.user());
  CHECK(world.put(world.admin(), "/anna/by-admin", "x"));
}

TEST_CASE("two worlds of one seed are alike, and of two seeds they are not") {
  const auto id = [](std::uint64_t seed) {
    World world{{.seed = seed}};
    return world.enter("anna").session()->value;
  };
  CHECK(id(1) == id(1));
  CHECK(id(1) != id(2));
}

TEST_CASE("a planned fault hits the calls that it names, and they are counted") {
  World world;
  const auto anna = world.enter("anna");
  REQUIRE(world.put(anna, "/anna/note", "hello"));
  const int before = world.faults.calls(Call::blob_open);
  world.faults.plan(Call::blob_open, {.at = 2, .count = 2, .code = Errc::unavailable});
  CHECK(world.get(anna, "/anna/note"));
  CHECK(code(world.get(anna, "/anna/note")) == Errc::unavailable);
  CHECK(code(world.get(anna, "/anna/note")) == Errc::unavailable);
  CHECK(world.get(anna, "/anna/note"));
  CHECK(world.faults.calls(Call::blob_open) == before + 4);
  world.faults.plan(Call::blob_open, {.count = 1000});
  world.faults.clear();
  CHECK(world.get(anna, "/anna/note"));
}

TEST_CASE("a slow call lets time pass on the clock of the world alone") {
  World world;
  const auto before = world.clock.now();
  world.faults.plan(Call::hash, {.delay = 90s});
  CHECK(code(world.add("anna")) == Errc::unavailable);
  CHECK(world.clock.now() - before == 90s);
}

TEST_CASE("every port of a world fails when it is told to") {
  World world;
  const auto anna = world.enter("anna");
  const auto plan = [&](Call call) { world.faults.plan(call, {.code = Errc::conflict}); };
  std::string buffer(3, '\0');
  const UploadId upload{std::string(64, 'a')};

  plan(Call::database_read);
  CHECK(code(world.database.read([](ReadTransaction&) { return Result<void>{}; })) ==
        Errc::conflict);
  const auto no_books = [](Bookkeeping&) { return Result<void>{}; };
  plan(Call::database_bookkeep);
  CHECK(code(world.database.bookkeep(no_books)) == Errc::conflict);
  plan(Call::database_status);
  CHECK(code(world.database.status()) == Errc::conflict);
  plan(Call::database_admit);
  CHECK(code(world.database.admit(SpaceUse::grows)) == Errc::conflict);
  const auto record = [&] { return world.audit_log.record(world.audit_log.draft(Action::copy)); };
  for (const auto call : {Call::database_write, Call::database_commit, Call::database_answer}) {
    world.events();
    plan(call);
    CHECK(code(record()) == Errc::unavailable); // as the log calls what it cannot write
    CHECK(world.events().size() == (call == Call::database_answer ? 1 : 0));
  }

  plan(Call::blob_create);
  CHECK(code(world.blobs.create()) == Errc::conflict);
  const auto writer = world.blobs.create().value();
  plan(Call::blob_write);
  CHECK(code(writer->write("x")) == Errc::conflict);
  CHECK(code(writer->publish()) == Errc::unavailable);
  plan(Call::blob_publish);
  CHECK(code(world.blobs.create().value()->publish()) == Errc::conflict);
  const auto blob = world.blobs.create().value()->publish().value().blob;
  const auto reader = world.blobs.open(blob).value();
  plan(Call::blob_read);
  CHECK(code(reader->read_at(0, buffer)) == Errc::conflict);
  plan(Call::blob_remove);
  CHECK(code(world.blobs.remove(blob)) == Errc::conflict);
  plan(Call::blob_list);
  CHECK(code(world.blobs.list(std::nullopt, 1)) == Errc::conflict);
  plan(Call::blob_restage);
  CHECK(code(world.blobs.restage(blob, upload)) == Errc::conflict);
  plan(Call::blob_space);
  CHECK(code(world.blobs.space()) == Errc::conflict);
  plan(Call::blob_stage);
  CHECK(code(world.blobs.stage(upload, 0)) == Errc::conflict);
  const auto staged = world.blobs.stage(upload, 0).value();
  plan(Call::blob_sync);
  CHECK(code(staged->sync()) == Errc::conflict);
  plan(Call::blob_truncate);
  CHECK(code(staged->truncate(0)) == Errc::conflict);
  plan(Call::blob_write);
  CHECK(code(staged->write("x")) == Errc::conflict);
  CHECK(code(staged->write("x")) == Errc::unavailable);
  REQUIRE(staged->truncate(0));
  CHECK(staged->write("x"));
  plan(Call::blob_discard);
  CHECK(code(world.blobs.discard_staged(upload)) == Errc::conflict);

  plan(Call::hash);
  CHECK(code(world.hasher.hash(Secret{"x"})) == Errc::conflict);
  plan(Call::hash_verify);
  CHECK(code(world.hasher.verify(Secret{"x"}, {})) == Errc::conflict);
  plan(Call::random_bytes);
  CHECK(code(world.random.bytes(1)) == Errc::conflict);
  plan(Call::token_sign);
  CHECK(code(world.tokens.sign_access({})) == Errc::conflict);
  plan(Call::token_verify);
  CHECK(code(world.tokens.verify_refresh("", {})) == Errc::conflict);
  plan(Call::seal_sign);
  CHECK(code(world.signer.sign("")) == Errc::conflict);
  plan(Call::seal_mac);
  CHECK(code(world.signer.mac("")) == Errc::conflict);
  plan(Call::anchor_append);
  CHECK(code(world.anchors.append({})) == Errc::conflict);
  plan(Call::anchor_newest);
  CHECK(code(world.anchors.newest()) == Errc::conflict);
  plan(Call::seed_seal);
  CHECK(code(world.seeds.seal(Secret{"seed"}, UserId{1})) == Errc::conflict);
  plan(Call::seed_open);
  CHECK(code(world.seeds.open({}, UserId{1})) == Errc::conflict);
  plan(Call::seed_newest_key);
  CHECK(code(world.seeds.newest_key()) == Errc::conflict);
}

TEST_CASE("a world has as much room as it is told, and takes no transaction in another") {
  World world{{.capacity_bytes = 10}};
  const auto anna = world.enter("anna");
  CHECK(code(world.put(anna, "/anna/a", std::string(11, 'x'))) == Errc::insufficient_storage);
  CHECK(world.put(anna, "/anna/a", std::string(10, 'x')));
  const auto nested = world.database.write([&](WriteTransaction&) -> Result<AuditEvents> {
    const auto inner = world.database.read([](ReadTransaction&) { return Result<void>{}; });
    CHECK(code(inner) == Errc::internal);
    return world.audit_log.draft(Action::copy);
  });
  CHECK(nested);
}

TEST_CASE(
    "a change that nobody could tell the outcome of is in doubt, and never called failed alone",
    "[fault-08]") {
  World world;
  world.events();
  world.faults.plan(Call::database_answer, {});
  const auto made = world.add("anna");
  REQUIRE_FALSE(made);
  CHECK(made.error().in_doubt);
  const auto events = world.events();
  REQUIRE(events.size() == 2);
  CHECK(events[0].action == "user_created");
  CHECK(events[0].success);
  CHECK(events[1].action == "user_created");
  CHECK_FALSE(events[1].success);
  CHECK(events[1].error_message == "unavailable");
  CHECK(events[1].details.find(R"("in_doubt":true)") != std::string::npos);

  // Also where the record of the failure has to wait.
  world.faults.plan(Call::database_answer, {});
  world.faults.plan(Call::database_write, {.at = 2});
  const auto unrecorded = world.add("carl");
  REQUIRE_FALSE(unrecorded);
  CHECK(unrecorded.error().in_doubt);
  world.events();

  world.faults.plan(Call::database_commit, {});
  REQUIRE_FALSE(world.add("bert"));
  const auto failed = world.events();
  REQUIRE(failed.size() == 1);
  CHECK(failed[0].details.find("in_doubt") == std::string::npos);
}
