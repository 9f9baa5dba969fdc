#include "fixtures/identity_fixture.hpp"

#include <thread>

using namespace baluhost;
using namespace baluhost::test;

namespace {

bool revoked(IdentityCache& cache, const SessionId& id) {
  const auto state = cache.find(id);
  REQUIRE(state);
  REQUIRE(*state);
  return (*state)->session.revoked_at.has_value();
}

Result<void> revoke_elsewhere(Identity& world, const SessionId& id) {
  return world.database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(tx.sessions().revoke(id, world.clock.now()));
    return AuditEvents{world.audit_log.draft(Action::session_revoked)};
  });
}

} // namespace

TEST_CASE("a session is read once, and then from memory") {
  Identity world;
  world.add("anna");
  const auto grant = world.login("anna");
  REQUIRE(world.check(grant));
  const int before = world.database.reads;
  for (int i = 0; i < 100; ++i) REQUIRE(world.check(grant));
  CHECK(world.database.reads == before);
  world.identities.forget();
  REQUIRE(world.check(grant));
  CHECK(world.database.reads == before + 1);
}

TEST_CASE("sessions that are not there take no memory") {
  Identity world;
  for (int i = 0; i < 2; ++i) {
    const int before = world.database.reads;
    CHECK_FALSE(world.identities.find(SessionId{std::string(32, '0')}).value());
    CHECK(world.database.reads == before + 1);
  }
}

TEST_CASE("a poll sees what other programs changed, and only then forgets") {
  Identity world;
  world.add("anna");
  const auto session = world.login("anna").session;
  REQUIRE(world.identities.poll());
  CHECK_FALSE(revoked(world.identities, session));
  int before = world.database.reads;
  REQUIRE(world.identities.poll());
  CHECK_FALSE(revoked(world.identities, session));
  CHECK(world.database.reads == before + 1);

  REQUIRE(revoke_elsewhere(world, session));
  CHECK_FALSE(revoked(world.identities, session));
  REQUIRE(world.identities.poll());
  CHECK(revoked(world.identities, session));
}

TEST_CASE("logins and refreshes, here or elsewhere, leave what is remembered") {
  Identity world;
  world.add("anna");
  auto grant = world.login("anna");
  REQUIRE(world.identities.poll());
  REQUIRE(world.check(grant));
  for (int i = 0; i < 10; ++i) {
    world.login("anna");
    grant = world.refresh(grant).value();
    REQUIRE(world.identities.poll());
    const int before = world.database.reads;
    REQUIRE(world.check(grant));
    CHECK(world.database.reads == before);
  }
}

TEST_CASE("without an answer to its poll the cache trusts nothing") {
  Identity world;
  world.add("anna");
  const auto grant = world.login("anna");
  REQUIRE(world.check(grant));
  world.database.reads_fail = true;
  REQUIRE(world.check(grant));
  CHECK(code(world.identities.poll()) == Errc::unavailable);
  CHECK(code(world.check(grant)) == Errc::unavailable);
}

TEST_CASE("a load that a change overtakes is not remembered") {
  Identity world;
  world.add("anna");
  const auto session = world.login("anna").session;
  IdentityCache cache{world.database};
  world.database.after_read = [&] {
    REQUIRE(revoke_elsewhere(world, session));
    cache.forget();
  };
  CHECK_FALSE(revoked(cache, session)); // asked before the change was answered
  CHECK(revoked(cache, session));
}

TEST_CASE("the cache holds no more than it may") {
  Identity world;
  world.add("anna");
  std::vector<SessionId> sessions;
  for (int i = 0; i < 5; ++i) sessions.push_back(world.login("anna").session);
  IdentityCache cache{world.database, 2};
  for (const auto& id : sessions) REQUIRE(cache.find(id));
  const int before = world.database.reads;
  for (const auto& id : sessions) REQUIRE(cache.find(id));
  CHECK(world.database.reads >= before + 3);
}

TEST_CASE("a change is seen by every request that begins after it, whatever loads are under way") {
  Identity world;
  world.add("anna");
  for (int round = 0; round < 50; ++round) {
    const auto session = world.login("anna").session;
    std::atomic<bool> changed{false};
    std::atomic<int> stale{0};
    std::atomic<bool> stop{false};
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) {
      readers.emplace_back([&] {
        while (!stop) {
          const bool after = changed;
          const auto state = world.identities.find(session);
          if (after && !(*state)->session.revoked_at) ++stale;
        }
      });
    }
    std::thread poller([&] {
      while (!stop) (void)world.identities.poll();
    });
    REQUIRE(revoke_elsewhere(world, session));
    world.identities.forget();
    changed = true;
    for (int i = 0; i < 20; ++i) (void)world.identities.find(session);
    stop = true;
    for (auto& reader : readers) reader.join();
    poller.join();
    CHECK(stale == 0);
  }
}
