#include "fixtures/identity_fixture.hpp"

using namespace baluhost;
using namespace baluhost::test;
using namespace std::chrono_literals;

TEST_CASE("who is vouched for acts like who has logged in, and the event says by what method") {
  Identity world;
  const auto account = world.add("anna", Role::auditor);
  world.events();
  const auto anna = world.auth.act_as(username("anna"), client_at("192.0.2.9"), "sso").value();
  CHECK(anna.name() == "anna");
  CHECK(anna.user() == account.id);
  CHECK(anna.role() == Role::auditor);
  CHECK(anna.client().ip_address == IpAddress::parse("192.0.2.9"));
  REQUIRE(anna.session());
  const auto event = world.event();
  CHECK(line(event) == R"(SECURITY login_success anna - {"session_id":")" + anna.session()->value +
                           R"(","method":"sso"})");
  CHECK(event.ip_address == "192.0.2.9");
  CHECK(world.users.me(anna).value().id == account.id);
  CHECK(world.auth.look_again(anna));
  CHECK(world.sessions.list(anna, {}).value().items.size() == 1);
}

TEST_CASE("a session that was vouched for ends where it is revoked, or its account disabled") {
  Identity world;
  world.add("anna");
  const auto act = [&] {
    return world.auth.act_as(username("anna"), client_at("192.0.2.9"), "mtls").value();
  };
  const auto first = act();
  const auto second = act();
  CHECK(first.session() != second.session());
  REQUIRE(world.sessions.logout(first));
  CHECK(code(world.auth.look_again(first)) == Errc::token_revoked);
  CHECK(world.auth.look_again(second));
  REQUIRE(world.users.update(world.operator_, username("anna"), {.enabled = false}));
  CHECK(code(world.auth.look_again(second)) == Errc::token_revoked);
}

TEST_CASE("a disabled account and a name without one are vouched for in vain, and on record") {
  Identity world;
  world.add("anna");
  REQUIRE(world.users.update(world.operator_, username("anna"), {.enabled = false}));
  world.events();
  const auto client = client_at("192.0.2.9");
  CHECK(code(world.auth.act_as(username("anna"), client, "sso")) == Errc::invalid_credentials);
  CHECK(line(world.event()) ==
        R"(SECURITY login_failed anna - {"attempted_username":"anna","method":"sso"})"
        " failed: invalid_credentials");
  CHECK(code(world.auth.act_as(username("nemo"), client, "sso")) == Errc::invalid_credentials);
  CHECK(line(world.event()) ==
        R"(SECURITY login_failed - - {"attempted_username":"nemo","method":"sso"})"
        " failed: invalid_credentials");
}

TEST_CASE("what cannot be recorded vouches for nobody, and a long method is cut") {
  Identity world;
  world.add("anna");
  world.events();
  world.database.writes_fail = true;
  CHECK(code(world.auth.act_as(username("anna"), {}, "sso")) == Errc::unavailable);
  world.database.writes_fail = false;
  CHECK(world.events().empty());
  REQUIRE(world.auth.act_as(username("anna"), {}, std::string(1000, 'm')));
  CHECK(world.event().details.ends_with(R"("method":")" + std::string(50, 'm') + R"("})"));
}
