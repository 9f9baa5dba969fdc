#include "baluhost/memory/faulty_database.hpp"
#include "fixtures/identity_fixture.hpp"

using namespace baluhost;
using namespace baluhost::test;

namespace {

Error stranger(Identity& world, const std::string& address) {
  return world.audit_log.failed_by_stranger(
      world.audit_log.draft(Action::invalid_token, client_at(address)),
      JsonObject{}.add("reason", "malformed"), Error{Errc::unauthenticated, "?"});
}

} // namespace

TEST_CASE("a draft says who, when, from where and with what") {
  Identity world;
  world.add("anna");
  const auto anna = world.principal("anna", "203.0.113.7");
  world.events();
  REQUIRE(world.audit_log.record(world.audit_log.draft(Action::logout, anna)));
  const auto event = world.event();
  CHECK(event.timestamp == world.clock.now());
  CHECK(event.user == "anna");
  CHECK(event.ip_address == "203.0.113.7");
  CHECK(event.user_agent == "test/1");
  CHECK(event.success);
  CHECK(event.details == "{}");
}

TEST_CASE("a proxy's address goes into the details when it is not the client's") {
  Identity world;
  Client client = client_at("203.0.113.7");
  client.peer_address = IpAddress::parse("10.0.0.1");
  const auto draft = world.audit_log.draft(Action::invalid_token, client);
  CHECK(draft.details == R"({"peer_address":"10.0.0.1"})");
  CHECK(with_details(draft, JsonObject{}.add("a", 1)).details ==
        R"({"peer_address":"10.0.0.1","a":1})");
  CHECK(with_details(draft, JsonObject{}).details == draft.details);
  client.peer_address = client.ip_address;
  CHECK(world.audit_log.draft(Action::invalid_token, client).details == "{}");
}

TEST_CASE("what a client sends is cut to the length of its column") {
  Identity world;
  const Client client{.user_agent = std::string(501, 'x')};
  const auto draft = world.audit_log.draft(Action::invalid_token, client);
  CHECK(draft.user_agent->size() == 500);
}

TEST_CASE("a failure is written once and comes back as recorded") {
  Identity world;
  auto error = world.audit_log.failed(world.audit_log.draft(Action::upload),
                                      Error{Errc::quota_exceeded, "full"});
  CHECK(error.code == Errc::quota_exceeded);
  CHECK(error.recorded);
  error = world.audit_log.failed(world.audit_log.draft(Action::upload), error);
  CHECK(error.code == Errc::quota_exceeded);
  CHECK(line(world.event()) == "FILE_ACCESS upload - - {} failed: quota_exceeded");
}

TEST_CASE("an event that the database refuses is recorded in another, and nothing else suffers",
          "[fault-08]") {
  Identity world;
  const auto inner = make_memory_database();
  const auto database = with_faults(*inner);
  AuditLog audit(*database, world.clock);
  database->refuse([](const NewAuditEvent& event) { return event.user_agent == "poison"; });
  const Client poisoned{.ip_address = IpAddress::parse("203.0.113.7"), .user_agent = "poison"};
  const auto error = audit.failed_by_stranger(audit.draft(Action::invalid_token, poisoned),
                                              JsonObject{}.add("reason", "malformed"),
                                              Error{Errc::unauthenticated, "?"});
  CHECK(error.code == Errc::unauthenticated);
  CHECK(error.recorded);
  CHECK(audit.healthy());
  CHECK(audit.write_failures() == 0);
  REQUIRE(audit.record(audit.draft(Action::logout)));
  std::vector<AuditEvent> events;
  REQUIRE(inner->read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(events, tx.audit().since(EventId{}, 10));
    return {};
  }));
  REQUIRE(events.size() == 2);
  CHECK(events[0].action == "event_refused");
  CHECK(events[0].error_message == "internal");
  CHECK(
      events[0].details ==
      R"({"action":"invalid_token","success":false,"error_message":"unauthenticated","ip_address":"203.0.113.7","user_agent":"poison","details":"{\"reason\":\"malformed\"}"})");
  CHECK(events[1].action == "logout");
  database->refuse([](const NewAuditEvent&) { return true; });
  CHECK(audit.record(audit.draft(Action::logout)).error().code == Errc::unavailable);
  CHECK_FALSE(audit.healthy());
}

TEST_CASE("a refusal for lack of rights is access_denied") {
  Identity world;
  world.add("anna");
  const auto anna = world.principal("anna");
  world.events();
  const auto error = world.audit_log.denied(anna, "/berta/x", Operation::upload, "write",
                                            Error{Errc::forbidden, ""});
  CHECK(error.recorded);
  CHECK(
      line(world.event()) ==
      R"(SECURITY access_denied anna /berta/x {"required_permission":"write","operation":"upload"} failed: forbidden)");
}

TEST_CASE("what cannot be recorded is unavailable") {
  Identity world;
  world.database.writes_fail = true;
  const auto error =
      world.audit_log.failed(world.audit_log.draft(Action::upload), Error{Errc::not_found, ""});
  CHECK(error.code == Errc::unavailable);
  CHECK(error.recorded); // whoever passes it on records it no second time
  CHECK(world.audit_log.failed(world.audit_log.draft(Action::upload), error).code ==
        Errc::unavailable);
  CHECK(world.audit_log.write_failures() == 1);
  CHECK_FALSE(world.audit_log.healthy());
  CHECK(stranger(world, "192.0.2.1").code == Errc::unavailable);

  SECTION("and waits until the database takes it, and the log is healthy again then") {
    CHECK(world.audit_log.write_waiting().error().code == Errc::unavailable);
    world.database.writes_fail = false;
    REQUIRE(world.audit_log.record(world.audit_log.draft(Action::upload)));
    CHECK_FALSE(world.audit_log.healthy());
    REQUIRE(world.audit_log.write_waiting());
    CHECK(world.audit_log.healthy());
    REQUIRE(world.audit_log.write_waiting());
    CHECK(world.events().size() == 3);
  }
}

TEST_CASE(
    "an operation that cannot be recorded makes the log unhealthy for a second only: whoever "
    "asks sees by himself whether the database answers") {
  Identity world;
  world.database.writes_fail = true;
  REQUIRE_FALSE(world.audit_log.record(world.audit_log.draft(Action::upload)));
  world.clock.advance(std::chrono::milliseconds{999});
  CHECK_FALSE(world.audit_log.healthy());
  world.clock.advance(std::chrono::milliseconds{1});
  CHECK(world.audit_log.healthy());
}

TEST_CASE("a failure that waited is recorded once, with the time of writing and when it happened",
          "[fault-11-2]") {
  Identity world;
  const auto inner = make_memory_database();
  const auto database = with_faults(*inner);
  AuditLog audit(*database, world.clock);
  const auto fail = [&](const std::string& resource) {
    auto event = audit.draft(Action::upload);
    event.resource = resource;
    return audit.failed(std::move(event), Error{Errc::not_found, ""}).code;
  };
  const auto events = [&] {
    std::vector<AuditEvent> all;
    REQUIRE(inner->read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(all, tx.audit().since(EventId{}, 2000));
      return {};
    }));
    return all;
  };
  const auto happened = world.clock.now();
  SECTION("after the database was away, in order") {
    database->fail_writes(3);
    CHECK(fail("/a/1") == Errc::unavailable);
    CHECK(fail("/a/2") == Errc::unavailable);
    world.clock.advance(std::chrono::minutes{5});
    CHECK_FALSE(audit.write_waiting());
    REQUIRE(audit.write_waiting());
    const auto written = events();
    REQUIRE(written.size() == 2);
    CHECK(written[0].resource == "/a/1");
    CHECK(written[1].resource == "/a/2");
    CHECK(written[0].timestamp == world.clock.now());
    CHECK(written[0].error_message == "not_found");
    CHECK(written[0].details == R"({"occurred_at":")" + happened.to_rfc3339() + "\"}");
  }
  SECTION("though the answer to its first commit was lost") {
    database->lose_answers(1);
    CHECK(fail("/a/1") == Errc::unavailable);
    world.clock.advance(std::chrono::minutes{5});
    REQUIRE(audit.write_waiting());
    CHECK(events().size() == 1);
  }
  SECTION("though the answer to a later commit was lost, and a try before the next one failed") {
    database->fail_writes(1);
    CHECK(fail("/a/1") == Errc::unavailable);
    world.clock.advance(std::chrono::minutes{5});
    database->lose_answers(1);
    CHECK_FALSE(audit.write_waiting());
    world.clock.advance(std::chrono::minutes{5});
    database->fail_writes(1);
    CHECK_FALSE(audit.write_waiting());
    REQUIRE(audit.write_waiting());
    CHECK(events().size() == 1);
  }
  SECTION("one that the database will not take is recorded in another, and holds up none") {
    database->fail_writes(3);
    for (const char* name : {"/a/1", "/a/poison", "/a/3"}) CHECK(fail(name) == Errc::unavailable);
    database->refuse([](const NewAuditEvent& event) { return event.resource == "/a/poison"; });
    REQUIRE(audit.write_waiting());
    const auto written = events();
    REQUIRE(written.size() == 3);
    CHECK(written[1].action == "event_refused");
    CHECK(written[1].details.find("/a/poison") != std::string::npos);
    CHECK(written[2].resource == "/a/3");
  }
  SECTION("a thousand wait, and the next failure after them says how many did not fit") {
    database->fail_writes(1100);
    world.add("anna");
    const auto anna = world.principal("anna");
    for (int i = 0; i < 1100; ++i)
      CHECK(
          audit.denied(anna, "/x", Operation::download, "read", Error{Errc::not_found, ""}).code ==
          Errc::unavailable);
    REQUIRE(audit.write_waiting());
    CHECK(events().size() == 1000);
    CHECK(audit.healthy());
    CHECK(
        audit.denied(anna, "/x", Operation::download, "read", Error{Errc::not_found, ""}).recorded);
    CHECK(events().back().details.find("\"suppressed\":100}") != std::string::npos);
  }
}

TEST_CASE(
    "refused requests of one account take so much of the record, and its next one counts those "
    "left out",
    "[fault-11b]") {
  Identity world;
  world.add("anna");
  world.add("berta");
  const auto anna = world.principal("anna");
  const auto berta = world.principal("berta");
  world.events();
  const auto refuse = [&](const Principal& who, const std::string& resource) {
    const auto error = world.audit_log.denied(who, resource, Operation::download, "read",
                                              Error{Errc::not_found, ""});
    CHECK(error.code == Errc::not_found);
    CHECK(error.recorded);
  };
  const std::string longest = "/" + std::string(999, 'x');
  for (int i = 0; i < 2000; ++i) refuse(anna, longest);
  const auto written = world.events().size();
  CHECK(written > 200);
  CHECK(written * longest.size() < 1'100'000);

  refuse(berta, "/anna/f");
  CHECK(world.events().size() == 1);
  REQUIRE(world.audit_log.record(world.audit_log.draft(Action::download, anna)));
  CHECK(world.events().size() == 1);

  world.clock.advance(std::chrono::seconds{1});
  refuse(anna, longest);
  CHECK(world.event().details.find("\"suppressed\":" + std::to_string(2000 - written) + "}") !=
        std::string::npos);
  for (int i = 0; i < 5; ++i) refuse(anna, longest);
  CHECK(world.events().size() < 5);
  world.clock.advance(std::chrono::hours{1});
  refuse(anna, longest);
  CHECK(world.events().back().details.find("\"suppressed\"") != std::string::npos);
}

TEST_CASE("thousands of ordinary refusals of one account are each recorded", "[fault-11b]") {
  Identity world;
  world.add("anna");
  const auto anna = world.principal("anna");
  world.events();
  for (int i = 0; i < 2000; ++i) {
    (void)world.audit_log.denied(anna, "/berta/photos/2026/" + std::to_string(i),
                                 Operation::download, "read", Error{Errc::not_found, ""});
  }
  CHECK(world.events().size() == 2000);
}

TEST_CASE("what the programs of the machine do is not limited", "[fault-11b]") {
  Identity world;
  auto event = world.audit_log.draft(Action::upload);
  event.user = "cli:root";
  event.resource = std::string(1000, 'x');
  for (int i = 0; i < 1000; ++i)
    (void)world.audit_log.failed(event, Error{Errc::already_exists, ""});
  CHECK(world.events().size() == 1000);
}

TEST_CASE(
    "strangers get ten events per address and minute, and the next one counts those left out") {
  Identity world;
  for (int i = 0; i < 25; ++i) CHECK(stranger(world, "192.0.2.1").recorded);
  auto events = world.events();
  REQUIRE(events.size() == 10);
  CHECK(events.back().details == R"({"reason":"malformed"})");

  CHECK(stranger(world, "192.0.2.2").recorded);
  CHECK(world.events().size() == 1);

  world.clock.advance(std::chrono::seconds{59});
  stranger(world, "192.0.2.1");
  CHECK(world.events().empty());
  world.clock.advance(std::chrono::seconds{1});
  stranger(world, "192.0.2.1");
  CHECK(world.event().details == R"({"reason":"malformed","suppressed":16})");
  stranger(world, "192.0.2.1");
  CHECK(world.event().details == R"({"reason":"malformed"})");
}

TEST_CASE("no minute holds more than ten events of one address, wherever it begins") {
  Identity world;
  std::vector<Timestamp> written;
  for (int second = 0; second < 300; second += 3) {
    stranger(world, "192.0.2.1");
    for (const auto& event : world.events()) written.push_back(event.timestamp);
    world.clock.advance(std::chrono::seconds{3});
  }
  for (std::size_t i = 10; i < written.size(); ++i)
    CHECK(written[i] - written[i - 10] >= std::chrono::minutes{1});
  CHECK(written.size() >= 50);
}

TEST_CASE("all addresses of an IPv6 network of 64 bits are one stranger") {
  Identity world;
  for (int i = 1; i <= 20; ++i) stranger(world, "2001:db8:0:7::" + std::to_string(i));
  CHECK(world.events().size() == 10);
  stranger(world, "2001:db8:0:8::1");
  CHECK(world.events().size() == 1);
}

TEST_CASE("events that were left out are not lost with a failed write or a forgotten address") {
  Identity world;
  for (int i = 0; i < 13; ++i) stranger(world, "192.0.2.1");
  world.clock.advance(std::chrono::minutes{2});
  SECTION("a failed write") {
    world.database.writes_fail = true;
    CHECK(stranger(world, "192.0.2.1").code == Errc::unavailable);
    world.database.writes_fail = false;
    REQUIRE(world.audit_log.write_waiting());
  }
  SECTION("a forgotten address") {
    for (int i = 0; i < 10'000; ++i) {
      stranger(world, "10." + std::to_string(i / 65536) + "." + std::to_string(i / 256 % 256) +
                          "." + std::to_string(i % 256));
    }
    stranger(world, "198.51.100.1");
  }
  world.events();
  for (int i = 0; i < 1; ++i) stranger(world, "192.0.2.1");
  std::int64_t suppressed = 0;
  REQUIRE(world.database.read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(const auto all, tx.audit().since(EventId{}, 100'000));
    for (const auto& event : all) {
      if (const auto at = event.details.find("\"suppressed\":"); at != std::string::npos) {
        suppressed += std::stoll(event.details.substr(at + 13));
      }
    }
    return {};
  }));
  CHECK(suppressed == 3);
}
