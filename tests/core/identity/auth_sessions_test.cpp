#include "fixtures/identity_fixture.hpp"

using namespace baluhost;
using namespace baluhost::test;
using namespace std::chrono_literals;

namespace {

/// anna, who is logged in twice; what that recorded is read.
struct TwoLogins : Identity {
  TwoLogins() { events(); }
  User added{add("anna")};
  TokenGrant here{login("anna")};
  TokenGrant there{login("anna")};
  Principal anna{check(here).value()};
};

} // namespace

TEST_CASE("logout ends this session at once and no other") {
  TwoLogins world;
  REQUIRE(world.sessions.logout(world.anna));
  CHECK(line(world.event()) == "SECURITY logout anna " + world.here.session.value + " {}");
  CHECK(code(world.check(world.here)) == Errc::token_revoked);
  CHECK(line(world.event()) ==
        R"(SECURITY invalid_token anna - {"reason":"revoked"} failed: token_revoked)");
  CHECK(code(world.refresh(world.here)) == Errc::token_revoked);
  CHECK(world.check(world.there));

  world.events();
  CHECK(code(world.sessions.logout(world.anna)) == Errc::token_revoked);
  CHECK(line(world.event()) ==
        "SECURITY logout anna " + world.here.session.value + " {} failed: token_revoked");
}

TEST_CASE("a user who is disabled has no live session, however that came about") {
  Identity world;
  const auto anna = world.add("anna");
  const auto here = world.login("anna");
  REQUIRE(world.database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    UserChanges changes;
    changes.enabled = false;
    BALUHOST_CHECK(tx.users().update(anna.id, changes, world.clock.now()));
    return AuditEvents{world.audit_log.draft(Action::user_disabled)};
  }));
  CHECK(code(world.check(here)) == Errc::token_revoked);
  CHECK(code(world.refresh(here)) == Errc::token_revoked);
}

TEST_CASE("logout-all ends all sessions of the caller and none of others") {
  TwoLogins world;
  world.add("berta");
  const auto berta = world.login("berta");
  world.events();
  REQUIRE(world.sessions.logout_all(world.anna));
  CHECK(line(world.event()) == R"(SECURITY logout_all anna - {"sessions":2})");
  CHECK(code(world.check(world.here)) == Errc::token_revoked);
  CHECK(code(world.check(world.there)) == Errc::token_revoked);
  CHECK(world.check(berta));
}

TEST_CASE("me is the user as the database has it now") {
  Identity world;
  world.add("anna");
  const auto anna = world.principal("anna");
  REQUIRE(world.users.update(world.operator_, username("anna"),
                             {.quota_bytes = std::optional<std::int64_t>{100}}));
  CHECK(world.users.me(anna).value().quota_bytes == 100);
  CHECK(code(world.users.me(world.operator_)) == Errc::not_found);
}

TEST_CASE("a new password ends every other session") {
  TwoLogins world;
  REQUIRE(
      world.auth.change_password(world.anna, Secret{kPassword}, Secret{"altogether different 5"}));
  CHECK(line(world.event()) == "SECURITY password_changed anna anna {}");
  CHECK(world.check(world.here));
  CHECK(code(world.check(world.there)) == Errc::token_revoked);
  CHECK(code(world.auth.login("anna", Secret{kPassword}, client_at("192.0.2.1"))) ==
        Errc::invalid_credentials);
  CHECK(world.auth.login("anna", Secret{"altogether different 5"}, client_at("192.0.2.1")));
}

TEST_CASE("a password change that fails changes nothing and says why") {
  Identity world;
  world.add("anna");
  const auto anna = world.principal("anna");
  const auto other = world.login("anna");
  world.events();
  SECTION("the current one is wrong") {
    CHECK(
        code(world.auth.change_password(anna, Secret{"wrong"}, Secret{"altogether different 5"})) ==
        Errc::invalid_credentials);
    CHECK(line(world.event()) ==
          "SECURITY password_change_failed anna anna {} failed: invalid_credentials");
  }
  SECTION("the new one breaks the rules") {
    const auto refused = world.auth.change_password(anna, Secret{kPassword}, Secret{"short"});
    CHECK(code(refused) == Errc::invalid_request);
    REQUIRE(refused.error().fields.size() == 1);
    CHECK(refused.error().fields.front().pointer == "/new_password");
    CHECK(line(world.event()) ==
          "SECURITY password_change_failed anna anna {} failed: invalid_request");
  }
  SECTION("too many guesses") {
    for (int i = 0; i < 10; ++i)
      (void)world.auth.change_password(anna, Secret{"wrong"}, Secret{"altogether different 5"});
    world.events();
    const int verifications = world.hasher.verifications;
    const auto refused =
        world.auth.change_password(anna, Secret{kPassword}, Secret{"altogether different 5"});
    CHECK(code(refused) == Errc::rate_limited);
    CHECK(refused.error().retry_after == 1s);
    CHECK(world.hasher.verifications == verifications);
    CHECK(line(world.event()) ==
          "SECURITY password_change_failed anna anna {} failed: rate_limited");
    world.clock.advance(1s);
  }
  SECTION("it cannot be recorded") {
    world.database.writes_fail = true;
    CHECK(code(world.auth.change_password(anna, Secret{kPassword},
                                          Secret{"altogether different 5"})) == Errc::unavailable);
    world.database.writes_fail = false;
  }
  CHECK(world.check(other));
  CHECK(world.auth.login("anna", Secret{kPassword}, client_at("192.0.2.1")));
}

TEST_CASE("failures elsewhere do not keep the owner of a session from changing the password") {
  Identity world;
  world.add("anna");
  const auto anna = world.principal("anna", "203.0.113.1");
  for (int i = 0; i < 50; ++i)
    (void)world.auth.login("anna", Secret{"wrong"}, client_at("198.51.100." + std::to_string(i)));
  CHECK(world.auth.change_password(anna, Secret{kPassword}, Secret{"altogether different 5"}));
}

TEST_CASE("sessions are listed newest first, in pages, without those that are over") {
  Identity world;
  world.add("anna");
  std::vector<TokenGrant> grants;
  for (int i = 0; i < 5; ++i) {
    grants.push_back(world.login("anna"));
    world.clock.advance(1s);
  }
  const auto anna = world.check(grants[0]).value();
  REQUIRE(world.sessions.revoke(anna, grants[3].session));
  std::vector<SessionId> seen;
  PageRequest request{.limit = 3};
  for (;;) {
    const auto page = world.sessions.list(anna, request);
    REQUIRE(page);
    for (const auto& session : page->items) seen.push_back(session.id);
    request.cursor = page->next_cursor;
    if (!request.cursor) break;
    CHECK(page->items.size() == 3);
  }
  CHECK(seen == std::vector<SessionId>{grants[4].session, grants[2].session, grants[1].session,
                                       grants[0].session});
  CHECK(code(world.sessions.list(anna, {.cursor = "bad"})) == Errc::invalid_request);
  world.add("berta");
  const auto foreign = world.sessions.list(anna, {.limit = 1}).value().next_cursor;
  CHECK(code(world.sessions.list(world.principal("berta"), {.cursor = foreign})) ==
        Errc::invalid_request);
}

TEST_CASE("one's own session can be ended, another's does not exist") {
  Identity world;
  world.add("anna");
  world.add("berta");
  const auto other = world.login("anna");
  const auto anna = world.principal("anna");
  const auto berta = world.principal("berta");
  world.events();

  CHECK(code(world.sessions.revoke(berta, other.session)) == Errc::not_found);
  CHECK(line(world.event()) ==
        "SECURITY access_denied berta /api/v1/auth/sessions/" + other.session.value +
            R"( {"required_permission":"admin","operation":"session_revoked"} failed: not_found)");
  CHECK(world.check(other));

  REQUIRE(world.sessions.revoke(anna, other.session));
  CHECK(line(world.event()) == "SECURITY session_revoked anna " + other.session.value + " {}");
  CHECK(code(world.check(other)) == Errc::token_revoked);
  world.events();

  CHECK(code(world.sessions.revoke(anna, other.session)) == Errc::not_found);
  CHECK(line(world.event()) ==
        "SECURITY session_revoked anna " + other.session.value + " {} failed: not_found");
  CHECK(code(world.sessions.revoke(anna, SessionId{"' or 1=1"})) == Errc::not_found);
}

TEST_CASE("an administrator sees and ends others' sessions: nobody else does") {
  Identity world;
  world.add("root", Role::admin);
  world.add("anna");
  world.add("audrey", Role::auditor);
  const auto root = world.principal("root");
  const auto first = world.login("anna");
  const auto second = world.login("anna");
  const auto anna = world.check(first).value();
  const auto audrey = world.principal("audrey");
  world.events();

  CHECK(world.sessions.list_of(root, username("anna"), {}).value().items.size() == 2);
  CHECK(code(world.sessions.list_of(root, username("nobody"), {})) == Errc::not_found);
  CHECK(world.events().empty());
  CHECK(code(world.sessions.list_of(audrey, username("anna"), {})) == Errc::not_found);
  CHECK(line(world.event()) ==
        R"(SECURITY access_denied audrey /api/v1/users/anna/sessions )"
        R"({"required_permission":"admin","operation":"list_sessions"} failed: not_found)");
  CHECK(code(world.sessions.revoke_all_of(anna, username("anna"))) == Errc::forbidden);
  CHECK(code(world.sessions.revoke_any(anna, second.session)) == Errc::forbidden);
  CHECK(world.check(second));
  world.events();

  REQUIRE(world.sessions.revoke_any(root, second.session));
  CHECK(line(world.event()) == "SECURITY session_revoked root " + second.session.value + " {}");
  CHECK(code(world.check(second)) == Errc::token_revoked);
  world.events();

  const auto third = world.login("anna");
  world.events();
  CHECK(world.sessions.revoke_all_of(root, username("anna")).value() == 2);
  auto events = world.events();
  REQUIRE(events.size() == 3);
  for (const auto& event : {events[0], events[1]}) {
    CHECK(event.action == "session_revoked");
    CHECK((event.resource == first.session.value || event.resource == third.session.value));
  }
  CHECK(line(events[2]) == R"(SECURITY logout_all root - {"username":"anna","sessions":2})");
  CHECK(code(world.check(first)) == Errc::token_revoked);
  CHECK(world.sessions.revoke_all_of(root, username("anna")).value() == 0);
  world.events();
  CHECK(code(world.sessions.revoke_all_of(root, username("nobody"))) == Errc::not_found);
  CHECK(line(world.event()) ==
        R"(SECURITY logout_all root - {"username":"nobody"} failed: not_found)");
}

TEST_CASE("an answer that goes on is told that its token is over, and nothing is recorded") {
  Identity world;
  world.add("anna");
  const auto grant = world.login("anna");
  const auto again = [&] {
    return world.auth.authenticate_again(grant.access.text.reveal(), client_at("192.0.2.1"));
  };
  REQUIRE(again());
  CHECK(again()->name() == "anna");
  SECTION("expired") {
    world.clock.advance(std::chrono::seconds{900});
    world.events();
    CHECK(code(again()) == Errc::token_expired);
  }
  SECTION("revoked") {
    REQUIRE(world.sessions.logout(*world.check(grant)));
    world.events();
    CHECK(code(again()) == Errc::token_revoked);
  }
  CHECK(world.events().empty());
  CHECK_FALSE(world.check(grant));
  CHECK(world.event().action == "invalid_token");
}
