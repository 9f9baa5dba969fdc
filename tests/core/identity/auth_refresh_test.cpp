#include "fixtures/identity_fixture.hpp"

#include <mutex>
#include <thread>

using namespace baluhost;
using namespace baluhost::test;
using namespace std::chrono_literals;

TEST_CASE("a refresh returns the next pair of the same session and ends the old one") {
  Identity world;
  world.add("anna");
  const auto first = world.login("anna");
  world.events();
  world.clock.advance(600s);
  const auto second = world.refresh(first);
  REQUIRE(second);
  CHECK(second->session == first.session);
  CHECK(second->user.username.str() == "anna");
  CHECK(second->access_expires_in == 900s);
  CHECK(second->refresh_expires_in == 7 * 24h - 600s);
  CHECK(line(world.event()) ==
        "SECURITY token_refresh anna " + first.session.value + R"( {"token_type":"refresh"})");
  CHECK(world.check(*second));
  CHECK(world.check(first)); // its access token goes on until it expires

  const auto sessions = world.sessions.list(*world.check(*second), {});
  REQUIRE(sessions.value().items.size() == 1);
  CHECK(sessions.value().items.front().last_used_at == world.clock.now());
}

TEST_CASE("rotation does not prolong a session") {
  Identity world;
  world.add("anna");
  auto grant = world.login("anna");
  const auto end = world.claims(grant.refresh).expires_at;
  for (int day = 1; day < 7; ++day) {
    world.clock.advance(24h);
    auto next = world.refresh(grant);
    REQUIRE(next);
    grant = std::move(*next);
    CHECK(world.claims(grant.refresh).expires_at == end);
  }
  world.clock.advance(24h - 60s);
  auto last = world.refresh(grant);
  REQUIRE(last);
  CHECK(last->access_expires_in == 60s);
  CHECK(world.claims(last->access).expires_at == end);
  world.clock.advance(60s);
  world.events();
  CHECK(code(world.refresh(*last)) == Errc::token_expired);
  CHECK(line(world.event()) ==
        R"(SECURITY invalid_token - - {"reason":"expired"} failed: token_expired)");
  CHECK(code(world.check(*last)) == Errc::token_expired);
}

TEST_CASE("a spent token shown again within the grace is refused and no more") {
  Identity world;
  world.add("anna");
  const auto first = world.login("anna");
  const auto second = world.refresh(first);
  REQUIRE(second);
  world.events();
  world.clock.advance(10s);
  CHECK(code(world.refresh(first)) == Errc::token_revoked);
  CHECK(line(world.event()) == "SECURITY token_refresh anna " + first.session.value +
                                   R"( {"token_type":"refresh"} failed: token_revoked)");
  CHECK(world.check(*second));
  CHECK(world.refresh(*second));
}

TEST_CASE("a spent token shown again later ends its session with all tokens") {
  Identity world;
  world.add("anna");
  const auto first = world.login("anna");
  const auto other = world.login("anna");
  const auto second = world.refresh(first);
  REQUIRE(second);
  REQUIRE(world.check(*second));
  world.events();
  world.clock.advance(10s + 1us);
  const auto reuse = world.refresh(first, "198.51.100.9");
  CHECK(code(reuse) == Errc::token_revoked);
  CHECK(reuse.error().recorded);
  const auto event = world.event();
  CHECK(line(event) == "SECURITY refresh_reuse_detected anna " + first.session.value +
                           R"( {"revoked_sessions":1} failed: token_revoked)");
  CHECK(event.ip_address == "198.51.100.9");

  CHECK(code(world.check(*second)) == Errc::token_revoked);
  CHECK(code(world.check(first)) == Errc::token_revoked);
  CHECK(code(world.refresh(*second)) == Errc::token_revoked);
  CHECK(world.check(other));

  SECTION("and is detected once") {
    world.events();
    CHECK(code(world.refresh(first)) == Errc::token_revoked);
    CHECK(world.event().action == "token_refresh");
  }
}

TEST_CASE("what is no refresh token of ours is refused with its reason") {
  Identity world;
  world.add("anna");
  const auto grant = world.login("anna");
  world.events();
  const auto refused = [&](std::string_view token) {
    return code(world.auth.refresh(token, client_at("192.0.2.1")));
  };
  CHECK(refused("") == Errc::unauthenticated);
  CHECK(refused("garbage") == Errc::unauthenticated);
  CHECK(refused(grant.access.text.reveal()) == Errc::unauthenticated);
  CHECK(code(world.auth.authenticate(grant.refresh.text.reveal(), client_at("192.0.2.1"))) ==
        Errc::unauthenticated);
  CHECK(lines(world.events()) ==
        std::vector<std::string>{
            R"(SECURITY invalid_token - - {"reason":"missing"} failed: unauthenticated)",
            R"(SECURITY invalid_token - - {"reason":"malformed"} failed: unauthenticated)",
            R"(SECURITY invalid_token - - {"reason":"wrong_type"} failed: unauthenticated)",
            R"(SECURITY invalid_token - - {"reason":"wrong_type"} failed: unauthenticated)"});
}

TEST_CASE("a token that is well signed but of no session, of another's or never given is refused") {
  Identity world;
  world.add("anna");
  const auto berta = world.add("berta");
  const auto grant = world.login("anna");
  auto claims = world.claims(grant.refresh);
  SECTION("no session") { claims.session = SessionId{std::string(32, '0')}; }
  SECTION("another subject") { claims.subject = berta.id; }
  SECTION("another token of the session") { claims.token_id = std::string(32, '0'); }
  const auto forged = world.tokens.sign_refresh(claims);
  CHECK(code(world.auth.refresh(forged->text.reveal(), client_at("192.0.2.1"))) ==
        Errc::token_revoked);
  CHECK(world.refresh(grant));
}

TEST_CASE("a refresh without a key to sign with, or that cannot be recorded, consumes nothing") {
  Identity world;
  world.add("anna");
  const auto grant = world.login("anna");
  auto& broken = GENERATE(false, true) ? world.tokens.keyless : world.database.writes_fail;
  broken = true;
  CHECK(code(world.refresh(grant)) == Errc::unavailable);
  broken = false;
  CHECK(world.refresh(grant));
}

TEST_CASE("of parallel uses of one token exactly one wins, in 200 rounds of 50") {
  Identity world;
  world.add("anna");
  auto grant = world.login("anna");
  for (int round = 0; round < 200; ++round) {
    std::atomic<int> ready{0};
    std::atomic<int> winners{0};
    std::atomic<int> refused{0};
    std::mutex mutex;
    std::optional<TokenGrant> next;
    std::vector<std::thread> clients;
    for (int i = 0; i < 50; ++i) {
      clients.emplace_back([&] {
        ++ready;
        while (ready < 50) std::this_thread::yield();
        auto result = world.refresh(grant);
        if (!result) {
          refused += result.error().code == Errc::token_revoked ? 1 : 0;
          return;
        }
        ++winners;
        const std::lock_guard lock(mutex);
        next = std::move(*result);
      });
    }
    for (auto& client : clients) client.join();
    REQUIRE(winners == 1);
    REQUIRE(refused == 49);
    grant = std::move(*next);
    REQUIRE(world.check(grant));
  }
}
