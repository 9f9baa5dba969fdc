#include "fixtures/identity_fixture.hpp"

using namespace baluhost;
using namespace baluhost::test;
using namespace std::chrono_literals;

namespace {

Result<TokenGrant> attempt(Identity& world, std::string_view name, const std::string& password,
                           const std::string& address = "192.0.2.1") {
  return world.auth.login(name, Secret{password}, client_at(address));
}

/// Fails at anna's password from fifty addresses.
void guess_from_everywhere(Identity& world) {
  for (int i = 0; i < 50; ++i)
    (void)attempt(world, "anna", "wrong", "198.51.100." + std::to_string(i));
}

} // namespace

TEST_CASE("a login returns a pair of tokens of one new session, and its event") {
  Identity world;
  const auto anna = world.add("anna");
  world.events();
  world.clock.step_to({1'800'000'000'123'456});
  const auto grant = world.login("ANNA");
  CHECK(grant.user.id == anna.id);
  CHECK(grant.access_expires_in == 900s);
  CHECK(grant.refresh_expires_in == 7 * 24h);
  const auto access = world.claims(grant.access);
  const auto refresh = world.claims(grant.refresh);
  CHECK(access.issued_at == Timestamp{1'800'000'000'000'000});
  CHECK(access.expires_at - access.issued_at == 900s);
  CHECK(refresh.expires_at - refresh.issued_at == 7 * 24h);
  CHECK(access.session == grant.session);
  CHECK(refresh.session == grant.session);
  CHECK(access.token_id != refresh.token_id);
  CHECK(access.token_id.size() == 32);
  CHECK(grant.session.value.size() == 32);

  const auto event = world.event();
  CHECK(line(event) == "SECURITY login_success anna - {\"session_id\":\"" + grant.session.value +
                           "\",\"factors\":[\"password\"]}");
  CHECK(event.ip_address == "192.0.2.1");
  CHECK(event.user_agent == "test/1");

  const auto me = world.check(grant);
  REQUIRE(me);
  CHECK(me->name() == "anna");
  CHECK(me->role() == Role::user);
  CHECK(me->session() == grant.session);
}

TEST_CASE("every login that fails costs one hash, says the same and is recorded") {
  Identity world;
  world.add("anna");
  world.add("off");
  REQUIRE(world.users.update(world.operator_, username("off"), {.enabled = false}));
  world.events();
  struct Row {
    std::string name;
    std::string password;
    std::string user;
  };
  const auto row = GENERATE(
      Row{"anna", "wrong", "anna"}, Row{"nobody", "wrong", "-"}, Row{"nobody", kPassword, "-"},
      Row{"a name that breaks the rules", kPassword, "-"}, Row{"", "", "-"},
      Row{"off", kPassword, "off"}, Row{"anna", std::string(2000, 'x'), "anna"},
      Row{"anna", "\xFF\xFE", "anna"}, Row{"anna", "", "anna"});
  INFO(row.name);
  const int reads = world.database.reads;
  const int verifications = world.hasher.verifications;
  const auto refused = attempt(world, row.name, row.password);
  CHECK(code(refused) == Errc::invalid_credentials);
  CHECK(refused.error().recorded);
  CHECK(refused.error().detail == "name and password do not fit");
  CHECK(world.hasher.verifications == verifications + 1);
  CHECK(world.database.reads == reads + 1);
  CHECK(line(world.event()) == "SECURITY login_failed " + row.user + " - " +
                                   JsonObject{}.add("attempted_username", row.name).str() +
                                   " failed: invalid_credentials");
}

TEST_CASE("an over-long attempted name is cut in the record") {
  Identity world;
  CHECK(code(attempt(world, std::string(5000, 'z'), "x")) == Errc::invalid_credentials);
  CHECK(world.event().details ==
        JsonObject{}.add("attempted_username", std::string(100, 'z')).str());
}

TEST_CASE("a password is compared in its normal form") {
  Identity world;
  REQUIRE(world.users.create(
      world.operator_, {.username = username("rene"), .password = Secret{"cafe\u0301 crème 99"}}));
  CHECK(attempt(world, "rene", "caf\u00e9 cr\u00e8me 99"));
}

TEST_CASE("too many failures are refused before anything is hashed") {
  Identity world;
  world.add("anna");
  for (int i = 0; i < 10; ++i)
    CHECK(code(attempt(world, "anna", "wrong", "198.51.100." + std::to_string(i))) ==
          Errc::invalid_credentials);
  world.events();
  const int verifications = world.hasher.verifications;
  const auto refused = attempt(world, "anna", kPassword, "198.51.100.77");
  CHECK(code(refused) == Errc::rate_limited);
  CHECK(refused.error().retry_after == 1s);
  CHECK(refused.error().recorded);
  CHECK(world.hasher.verifications == verifications);
  CHECK(line(world.event()) ==
        R"(SECURITY login_failed anna - {"attempted_username":"anna"} failed: rate_limited)");

  SECTION("and their events are limited") {
    for (int i = 0; i < 30; ++i)
      CHECK(code(attempt(world, "anna", "wrong", "198.51.100.77")) == Errc::rate_limited);
    CHECK(world.events().size() == 9);
  }
  SECTION("an unknown name is throttled alike") {
    for (int i = 0; i < 10; ++i)
      (void)attempt(world, "nobody", "wrong", "203.0.113." + std::to_string(i));
    CHECK(code(attempt(world, "nobody", "wrong", "203.0.113.99")) == Errc::rate_limited);
  }
  SECTION("the wait is over in time, and a success clears the account") {
    world.clock.advance(1s);
    CHECK(attempt(world, "anna", kPassword, "198.51.100.77"));
    CHECK(code(attempt(world, "anna", "wrong", "198.51.100.78")) == Errc::invalid_credentials);
    CHECK(code(attempt(world, "anna", "wrong", "198.51.100.78")) == Errc::invalid_credentials);
  }
  SECTION("an unlock lets the next attempt through") {
    REQUIRE(world.users.unlock(world.operator_, username("anna")));
    CHECK(attempt(world, "anna", kPassword, "198.51.100.77"));
  }
}

TEST_CASE(
    "at an address where others have to wait, a known account is told what an unknown name is told",
    "[fault-15]") {
  Identity world;
  world.add("anna");
  world.login("anna", "203.0.113.1");
  for (int i = 0; i < 15; ++i)
    (void)attempt(world, "nobody" + std::to_string(i), "wrong", "203.0.113.1");
  const auto unknown = attempt(world, "nobody-else", "wrong", "203.0.113.1");
  const auto known = attempt(world, "anna", "wrong", "203.0.113.1");
  const auto again = attempt(world, "nobody-else", "wrong", "203.0.113.1");
  CHECK(code(unknown) == Errc::rate_limited);
  CHECK(code(known) == Errc::rate_limited);
  CHECK(known.error().retry_after == unknown.error().retry_after);
  CHECK(again.error().retry_after == unknown.error().retry_after);
  CHECK(attempt(world, "anna", kPassword, "203.0.113.1"));
}

TEST_CASE("a refusal that hashed nothing can be held back for the time of a check", "[fault-15]") {
  Identity world;
  world.add("anna");
  CHECK(world.auth.check_time().count() == 0);
  world.hasher.before_answer = [&] { world.clock.advance(23ms); };
  CHECK(code(attempt(world, "nobody", "wrong")) == Errc::invalid_credentials);
  CHECK(world.auth.check_time() == 23ms);
  world.hasher.before_answer = [&] { world.clock.advance(31ms); };
  CHECK(code(attempt(world, "anna", "wrong")) == Errc::invalid_credentials);
  CHECK(world.auth.check_time() == 31ms);
}

TEST_CASE(
    "a failed login costs the same for every name, whatever settings the accounts' hashes were "
    "made with",
    "[fault-15][fault-44]") {
  Identity world;
  for (const auto* name : {"anna", "berta", "carla"}) world.add(name);
  int address = 0;
  const auto cost = [&](const std::string& name) {
    world.hasher.verified.clear();
    CHECK(code(attempt(world, name, "wrong", "198.51.100." + std::to_string(++address))) ==
          Errc::invalid_credentials);
    auto parameters = world.hasher.verified;
    std::ranges::sort(parameters);
    return parameters;
  };
  const std::vector<std::string> names{"anna",   "berta",       "carla",
                                       "nobody", "nobody-else", "a name that breaks the rules"};
  using Parameters = std::vector<std::string>;
  SECTION("before the settings change, and after it until somebody logs in") {
    for (const auto& name : names) CHECK(cost(name) == Parameters{"v1"});
    world.hasher.parameters = "v2";
    for (const auto& name : names) CHECK(cost(name) == Parameters{"v1"});
  }
  SECTION("while old and new ones are in use") {
    world.hasher.parameters = "v2";
    world.login("berta");
    world.hasher.parameters = "v0";
    world.login("carla");
    world.hasher.verified.clear();
    world.login("carla");
    CHECK(world.hasher.verified == Parameters{"v0"}); // what fits ends at once
    world.clock.advance(1min);
    for (const auto& name : names) CHECK(cost(name) == Parameters{"v0", "v1", "v2"});
  }
  SECTION("at once where settings are new among the accounts, and no longer when they are gone") {
    CHECK(cost("nobody") == Parameters{"v1"});
    world.hasher.parameters = "v2";
    for (const auto* name : {"anna", "berta", "carla"}) world.login(name);
    CHECK(cost("anna") == Parameters{"v1", "v2"});
    CHECK(cost("nobody") == Parameters{"v1", "v2"});
    world.clock.advance(1min);
    for (const auto& name : names) CHECK(cost(name) == Parameters{"v2"});
  }
}

TEST_CASE("without any account a failed login costs one hash of the present settings") {
  Identity world;
  CHECK(code(attempt(world, "nobody", "wrong")) == Errc::invalid_credentials);
  CHECK(world.hasher.verified == std::vector<std::string>{"v1"});
  world.hasher.fails = true;
  world.clock.advance(1min);
  CHECK(code(attempt(world, "nobody", "wrong")) == Errc::unavailable);
}

TEST_CASE("the owner still gets in from an address of the last thirty days") {
  Identity world;
  world.add("anna");
  world.login("anna", "203.0.113.1");
  guess_from_everywhere(world);
  CHECK(code(attempt(world, "anna", kPassword, "192.0.2.50")) == Errc::rate_limited);
  CHECK(attempt(world, "anna", kPassword, "203.0.113.1"));

  world.clock.advance(24h * 31);
  guess_from_everywhere(world);
  CHECK(code(attempt(world, "anna", kPassword, "203.0.113.1")) == Errc::rate_limited);
}

TEST_CASE("an IPv6 owner is known by the network, whose addresses change") {
  Identity world;
  world.add("anna");
  world.login("anna", "2001:db8:1:2::5");
  guess_from_everywhere(world);
  CHECK(code(attempt(world, "anna", kPassword, "2001:db8:1:3::5")) == Errc::rate_limited);
  CHECK(attempt(world, "anna", kPassword, "2001:db8:1:2:aaaa:bbbb:cccc:dddd"));
  CHECK(code(attempt(world, "berta", kPassword, "2001:db8:1:2::5")) == Errc::invalid_credentials);
}

TEST_CASE("a hash made with other parameters is renewed by the login") {
  Identity world;
  world.add("anna");
  world.hasher.parameters = "v2";
  const int hashes = world.hasher.hashes;
  world.login("anna");
  CHECK(world.hasher.hashes == hashes + 1);
  world.login("anna");
  CHECK(world.hasher.hashes == hashes + 1);

  SECTION("and the login goes on with the old one if that fails") {
    world.hasher.parameters = "v3";
    world.hasher.fails = true;
    world.login("anna");
  }
}

TEST_CASE("a login that another login's renewal overtakes is tried again") {
  Identity world;
  world.add("anna");
  world.hasher.parameters = "v2";
  world.hasher.before_answer = [&] { world.login("anna"); };
  CHECK(attempt(world, "anna", kPassword));
}

TEST_CASE("a login that a disabling or a new password overtakes fails") {
  Identity world;
  world.add("anna");
  UpdateUser change;
  SECTION("disabled") { change.enabled = false; }
  SECTION("new password") { change.password = Secret{"altogether different 5"}; }
  world.hasher.before_answer = [&] {
    REQUIRE(world.users.update(world.operator_, username("anna"), change));
  };
  CHECK(code(attempt(world, "anna", kPassword)) == Errc::invalid_credentials);
}

TEST_CASE("a login that cannot be recorded does not happen") {
  Identity world;
  world.add("anna");
  world.database.writes_fail = true;
  CHECK(code(attempt(world, "anna", kPassword)) == Errc::unavailable);
  CHECK(code(attempt(world, "anna", "wrong")) == Errc::unavailable);
  world.database.writes_fail = false;
  const auto anna = world.principal("anna");
  CHECK(world.sessions.list(anna, {}).value().items.size() == 1);
}

TEST_CASE("a login without a key to sign with fails and leaves no session") {
  Identity world;
  world.add("anna");
  world.tokens.keyless = true;
  world.events();
  CHECK(code(attempt(world, "anna", kPassword)) == Errc::unavailable);
  CHECK(line(world.event()) ==
        R"(SECURITY login_failed anna - {"attempted_username":"anna"} failed: unavailable)");
  world.tokens.keyless = false;
  CHECK(world.sessions.list(world.principal("anna"), {}).value().items.size() == 1);
}
