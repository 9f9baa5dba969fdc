#include "fixtures/machine_fixture.hpp"

namespace baluhost::machine_test {
namespace {

TEST_CASE("a transfer that the database refuses does not stop the next start", "[fault-08]") {
  Machine machine;
  Server server(machine, "one");
  REQUIRE(server.lifecycle.started(OtherServers::none, "1"));
  std::vector<std::unique_ptr<Download::Record>> records;
  for (const std::string resource : {"/anna/a", "/anna/poison", "/anna/b"})
    records.push_back(server.download(resource));
  server.die();
  const auto picky = with_faults(*machine.inner);
  picky->refuse([](const NewAuditEvent& event) { return event.resource == "/anna/poison"; });
  AuditLog audit(*picky, machine.clock);
  Sealer sealer({*picky, *machine.digester, *machine.signer, *machine.anchors, machine.clock}, {});
  TransferJournal journal(*picky, machine.clock, InstanceId{"two"}, DownloadRecording::before);
  Lifecycle next(*picky, audit, sealer, *machine.signer, journal, machine.clock, InstanceId{"two"});
  REQUIRE(next.started(OtherServers::none, "1"));
  CHECK(machine.instances() == 1);
  const auto lines = machine.lines();
  const auto count = [&](std::string_view begin) {
    return std::ranges::count_if(lines,
                                 [&](const std::string& line) { return line.starts_with(begin); });
  };
  CHECK(count("download ") == 2);
  CHECK(count("event_refused "
              "{\"action\":\"download\",\"success\":false,\"resource\":\"/anna/poison\"") == 1);
  CHECK(count("recovery_completed ") == 1);
  CHECK(count("server_started ") == 2);
}

TEST_CASE("a first start and an orderly stop are two events and leave nothing to recover") {
  Machine machine;
  {
    Server server(machine, "one");
    REQUIRE(server.lifecycle.started(OtherServers::none, "1.2.3"));
    CHECK(machine.instances() == 1);
    server.download("/anna/a")->finish(10, true);
    server.journal.flush();
    machine.clock.advance(seconds{90});
    REQUIRE(server.lifecycle.stopped());
  }
  const auto lines = machine.lines();
  REQUIRE(lines.size() == 3);
  CHECK(lines[0] == R"(server_started {"version":"1.2.3","instance":"one"})");
  CHECK(lines[1].starts_with("download "));
  CHECK(lines[2] == R"(server_stopped {"uptime_seconds":90,"instance":"one"})");
  CHECK(machine.events()[0].type == EventType::system);
  CHECK(machine.instances() == 0);
  CHECK(machine.unsealed() == 0);

  Server second(machine, "two");
  REQUIRE(second.lifecycle.started(OtherServers::none, "1.2.3"));
  CHECK(machine.lines().back().starts_with("server_started"));
  CHECK(machine.lines().size() == 4);
  CHECK(machine.seals(true) == 0);
}

TEST_CASE(
    "what a crash interrupted becomes an event at the next start, and what it left unsealed is "
    "sealed as recovered") {
  Machine machine;
  auto crashed = std::make_unique<Server>(machine, "one");
  REQUIRE(crashed->lifecycle.started(OtherServers::none, "1"));
  std::vector<std::unique_ptr<Download::Record>> records;
  for (int i = 0; i < 1200; ++i) records.push_back(crashed->download("/anna/" + std::to_string(i)));
  crashed->die();
  const auto before = machine.newest();
  machine.clock.advance(seconds{5});

  Server next(machine, "two");
  REQUIRE(next.lifecycle.started(OtherServers::none, "1"));
  const auto events = machine.events(before);
  REQUIRE(events.size() == 1202);
  for (std::size_t i = 0; i < 1200; ++i) {
    CHECK(events[i].action == "download");
    CHECK_FALSE(events[i].success);
    CHECK(events[i].error_message == "interrupted");
    CHECK(events[i].details.ends_with(R"("complete":false})"));
    CHECK(events[i].timestamp == machine.clock.now());
  }
  CHECK(machine.lines(before)[1200] ==
        R"(recovery_completed {"interrupted_downloads":1200,"recovered_events":1,)"
        R"("instances":["one"]})");
  CHECK(events[1201].action == "server_started");
  CHECK(machine.instances() == 1);
  CHECK(machine.seals(true) == 1);
  REQUIRE(next.sealer.seal_now());
  CHECK(machine.unsealed() == 0);
}

TEST_CASE("what a crash interrupted of an account that is gone is not its successor's",
          "[fault-07]") {
  Machine machine;
  const auto add = [&](const char* name) {
    std::optional<User> user;
    REQUIRE(machine.inner->write([&](WriteTransaction& tx) -> Result<AuditEvents> {
      BALUHOST_TRY(user, tx.users().insert(NewUser{.username = Username::parse(name).value()}));
      return AuditEvents{{.action = Action::user_created}};
    }));
    return *user;
  };
  const auto nina = add("nina");
  const auto anna = add("anna");
  auto crashed = std::make_unique<Server>(machine, "one");
  REQUIRE(crashed->lifecycle.started(OtherServers::none, "1"));
  const auto hers = crashed->download("/nina/a", nina);
  const auto other = crashed->download("/anna/a", anna);
  crashed->die();
  REQUIRE(machine.inner->write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(tx.users().remove(nina.id));
    return AuditEvents{{.action = Action::user_deleted}};
  }));
  const auto successor = add("nina");
  machine.clock.advance(seconds{5});

  Server next(machine, "two");
  REQUIRE(next.lifecycle.started(OtherServers::none, "1"));
  const auto own_events = [&](const User& user) {
    AuditFilter filter;
    filter.user = user.username.str();
    filter.account_since = user.events_after;
    return machine.count([&](ReadTransaction& tx) {
      return static_cast<std::size_t>(
          tx.audit().count(filter, SortOrder::ascending, std::nullopt).value());
    });
  };
  const auto all = machine.events();
  CHECK(std::ranges::count(all, "download", &AuditEvent::action) == 2);
  CHECK(own_events(successor) == 0);
  CHECK(own_events(anna) == 1);
}

TEST_CASE("a forged event is not sealed by the next start, which puts it on record", "[fault-05]") {
  Machine machine;
  {
    Server server(machine, "one");
    REQUIRE(server.lifecycle.started(OtherServers::none, "1"));
    REQUIRE(server.lifecycle.stopped());
  }
  const auto forged = machine.slip_in();
  machine.clock.advance(seconds{120});
  const auto finding = [&](const std::string& count) {
    return R"(recovery_completed {"interrupted_downloads":0,"recovered_events":)" + count +
           R"(,"findings_count":1,"findings":[{"kind":"event_unsealed","event":)" +
           std::to_string(forged.value) +
           R"(,"detail":"the event bears no tag: none of our programs wrote it"}]} failed: conflict)";
  };
  Server next(machine, "two");
  SECTION("once") {
    REQUIRE(next.lifecycle.started(OtherServers::none, "1"));
    CHECK(machine.lines(forged).at(0) == finding("0"));
    CHECK(next.lifecycle.take_findings().size() == 1);
    REQUIRE(next.lifecycle.stopped());
    const auto before = machine.newest();
    Server third(machine, "three");
    REQUIRE(third.lifecycle.started(OtherServers::none, "1"));
    CHECK(machine.lines(before) ==
          std::vector<std::string>{R"(server_started {"version":"1","instance":"three"})"});
    REQUIRE(third.sealer.seal_now());
    CHECK(machine.unsealed() == 1);
    CHECK(machine.seals(true) == 0);
  }
  SECTION("but for the start after an upgrade, when nothing had tags") {
    REQUIRE(next.lifecycle.started(OtherServers::none, "1", {.events = Untagged::accept}));
    CHECK(machine.lines(forged).at(0) ==
          R"(recovery_completed {"interrupted_downloads":0,"recovered_events":1})");
    CHECK(machine.seals(true) == 1);
  }
}

TEST_CASE(
    "of the servers on a database the oldest leads, and the next one once that stops or is silent "
    "for a minute") {
  Machine machine;
  Server first(machine, "one"), second(machine, "two");
  REQUIRE(first.lifecycle.started(OtherServers::may_run, "1"));
  machine.clock.advance(seconds{1});
  REQUIRE(second.lifecycle.started(OtherServers::may_run, "1"));
  const auto leaders = [&] {
    return std::pair{first.lifecycle.leads().value(), second.lifecycle.leads().value()};
  };
  CHECK(leaders() == std::pair{true, false});
  machine.clock.advance(seconds{58});
  REQUIRE(second.lifecycle.heartbeat());
  CHECK(leaders() == std::pair{true, false});
  machine.clock.advance(seconds{2});
  CHECK(second.lifecycle.leads().value());
  REQUIRE(first.lifecycle.heartbeat());
  CHECK(leaders() == std::pair{true, false});
  REQUIRE(first.lifecycle.stopped());
  CHECK(second.lifecycle.leads().value());

  Server third(machine, "a"), fourth(machine, "b"); // started in the same moment
  REQUIRE(second.lifecycle.stopped());
  REQUIRE(third.lifecycle.started(OtherServers::may_run, "1"));
  REQUIRE(fourth.lifecycle.started(OtherServers::may_run, "1"));
  CHECK(third.lifecycle.leads().value());
  CHECK_FALSE(fourth.lifecycle.leads().value());
}

TEST_CASE(
    "servers that share a database recover each other once silent for a minute, and only then") {
  Machine machine;
  Server alive(machine, "one");
  auto dying = std::make_unique<Server>(machine, "two");
  REQUIRE(alive.lifecycle.started(OtherServers::may_run, "1"));
  REQUIRE(dying->lifecycle.started(OtherServers::may_run, "1"));
  const auto record = dying->download("/anna/a");
  REQUIRE(dying->sealer.seal_now());
  dying->die();
  const auto before = machine.newest();
  for (int i = 0; i < 5; ++i) {
    machine.clock.advance(seconds{10});
    REQUIRE(alive.lifecycle.heartbeat());
  }
  CHECK(machine.lines(before).empty());
  CHECK(machine.instances() == 2);
  machine.clock.advance(seconds{10});
  REQUIRE(alive.lifecycle.heartbeat());
  const auto lines = machine.lines(before);
  REQUIRE(lines.size() == 2);
  CHECK(lines[0].ends_with("failed: interrupted"));
  CHECK(lines[1].starts_with(R"(recovery_completed {"interrupted_downloads":1,)"));
  CHECK(machine.instances() == 1);
  REQUIRE(alive.lifecycle.heartbeat());
  CHECK(machine.lines(before).size() == 2);
}

TEST_CASE(
    "events that a program leaves unsealed are sealed by who is alive, those without a tag never",
    "[fault-05]") {
  Machine machine;
  Server alive(machine, "one");
  auto dying = std::make_unique<Server>(machine, "two");
  REQUIRE(alive.lifecycle.started(OtherServers::may_run, "1"));
  REQUIRE(dying->lifecycle.started(OtherServers::may_run, "1"));
  REQUIRE(alive.sealer.seal_now());
  REQUIRE(dying->sealer.seal_now());
  machine.clock.advance(seconds{9});
  SECTION("a server's, or a tool's") {
    REQUIRE(dying->audit_log.record(dying->audit_log.draft(Action::logout)));
    dying->die();
    machine.clock.advance(seconds{29});
    REQUIRE(alive.lifecycle.heartbeat());
    CHECK(machine.unsealed() == 1);
    machine.clock.advance(seconds{16});
    REQUIRE(alive.lifecycle.heartbeat());
    CHECK(machine.lines().back() ==
          R"(recovery_completed {"interrupted_downloads":0,"recovered_events":1})");
    REQUIRE(alive.sealer.seal_now());
    CHECK(machine.unsealed() == 0);
  }
  SECTION("or of no program") {
    machine.slip_in();
    for (int i = 0; i < 30; ++i) {
      machine.clock.advance(seconds{10});
      REQUIRE(dying->lifecycle.heartbeat());
      REQUIRE(alive.lifecycle.heartbeat());
    }
    CHECK(machine.unsealed() == 1);
    const auto lines = machine.lines();
    CHECK(std::ranges::count_if(lines, [](const std::string& line) {
            return line.find("event_unsealed") != std::string::npos;
          }) >= 1);
  }
}

TEST_CASE("a stop ends what its journal could not") {
  Machine machine;
  Server server(machine, "one");
  REQUIRE(server.lifecycle.started(OtherServers::none, "1"));
  const auto record = server.download("/anna/a");
  REQUIRE(server.lifecycle.stopped());
  const auto lines = machine.lines();
  REQUIRE(lines.size() == 3);
  CHECK(lines[1].ends_with("failed: interrupted"));
  CHECK(lines[2] ==
        R"(server_stopped {"uptime_seconds":0,"interrupted_downloads":1,"instance":"one"})");
}

} // namespace
} // namespace baluhost::machine_test
