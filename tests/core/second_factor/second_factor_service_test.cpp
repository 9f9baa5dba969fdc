#include "second_factor/factor_fixture.hpp"

#include <algorithm>
#include <set>

using namespace baluhost;
using namespace baluhost::test;
using namespace std::chrono_literals;

namespace {

std::string text(const Secret& secret) { return std::string{secret.reveal()}; }

Result<void> enable(Identity& world, const Principal& who) {
  BALUHOST_TRY(const auto seed, world.second_factors.begin(who, Secret{kPassword}));
  BALUHOST_CHECK(world.second_factors.confirm(who, Secret{code_of_seed(world, seed)}));
  world.clock.advance(60s);
  return {};
}

} // namespace

TEST_CASE("a factor is on once a code of it was shown, and each step is one event") {
  Identity world;
  world.add("anna");
  const auto anna = world.principal("anna");
  world.events();
  const auto seed = world.second_factors.begin(anna, Secret{kPassword});
  REQUIRE(seed);
  CHECK(seed->secret.reveal().size() == 32);
  CHECK(text(seed->uri) == "otpauth://totp/BaluHost:anna?secret=" + text(seed->secret) +
                               "&issuer=BaluHost&algorithm=SHA1&digits=6&period=30");
  CHECK(
      line(world.event()) ==
      R"(USER_MANAGEMENT user_updated anna anna {"changes":[{"field":"second_factor","from":null,"to":"pending"}]})");
  world.login("anna"); // the password is still enough
  world.events();

  CHECK(code(world.second_factors.confirm(anna, Secret{"000000"})) == Errc::invalid_credentials);
  CHECK(line(world.event()) ==
        "SECURITY second_factor_failed anna anna {} failed: invalid_credentials");
  const auto codes = world.second_factors.confirm(anna, Secret{code_of_seed(world, *seed)});
  REQUIRE(codes);
  CHECK(line(world.event()) == "SECURITY totp_enabled anna anna {}");
  std::set<std::string> distinct;
  for (const auto& secret : *codes) distinct.insert(text(secret));
  CHECK(distinct.size() == 10);
  CHECK(code(world.auth.login("anna", Secret{kPassword}, client_at("192.0.2.1"))) ==
        Errc::second_factor_required);

  CHECK(code(world.second_factors.confirm(anna, Secret{code_of_seed(world, *seed)})) ==
        Errc::conflict);
  CHECK(code(world.second_factors.begin(anna, Secret{kPassword})) == Errc::conflict);
}

TEST_CASE("the code that switched a factor on logs nobody in") {
  Identity world;
  world.add("anna");
  const auto anna = world.principal("anna");
  const auto seed = world.second_factors.begin(anna, Secret{kPassword});
  const auto used = code_of_seed(world, *seed);
  REQUIRE(world.second_factors.confirm(anna, Secret{used}));
  const auto refused = world.auth.login("anna", Secret{kPassword}, client_at("192.0.2.1"));
  CHECK(code(world.auth.login_with_code(refused.error().challenge, Secret{used},
                                        client_at("192.0.2.1"))) == Errc::invalid_credentials);
}

TEST_CASE("a factor begins with the password, and begins anew as often as one likes") {
  Identity world;
  world.add("anna");
  const auto anna = world.principal("anna");
  world.events();
  CHECK(code(world.second_factors.begin(anna, Secret{"not this one"})) ==
        Errc::invalid_credentials);
  CHECK(line(world.event()) == "SECURITY totp_enabled anna anna {} failed: invalid_credentials");
  CHECK(code(world.second_factors.confirm(anna, Secret{"000000"})) == Errc::conflict);
  const auto first = world.second_factors.begin(anna, Secret{kPassword});
  world.clock.advance(1s);
  const auto second = world.second_factors.begin(anna, Secret{kPassword});
  CHECK(text(first->secret) != text(second->secret));
  CHECK(code(world.second_factors.confirm(anna, Secret{code_of_seed(world, *first)})) ==
        Errc::invalid_credentials);
  CHECK(world.second_factors.confirm(anna, Secret{code_of_seed(world, *second)}));
}

TEST_CASE("what is pending ends with the password that it began with") {
  Identity world;
  world.add("anna");
  const auto anna = world.principal("anna");
  const auto seed = world.second_factors.begin(anna, Secret{kPassword});
  REQUIRE(world.auth.change_password(anna, Secret{kPassword}, Secret{"quite another 99"}));
  CHECK(code(world.second_factors.confirm(anna, Secret{code_of_seed(world, *seed)})) ==
        Errc::conflict);
}

TEST_CASE("a factor that is on outlives a new password") {
  Identity world;
  Enrolled anna(world);
  REQUIRE(world.auth.change_password(*anna.session, Secret{kPassword}, Secret{"quite another 99"}));
  CHECK(code(world.auth.login("anna", Secret{"quite another 99"}, client_at("192.0.2.1"))) ==
        Errc::second_factor_required);
}

TEST_CASE("new recovery codes take a code, and kill the old ones") {
  Identity world;
  Enrolled anna(world);
  CHECK(code(world.second_factors.renew_recovery_codes(*anna.session, Secret{"000000"})) ==
        Errc::invalid_credentials);
  world.events();
  const auto fresh = world.second_factors.renew_recovery_codes(*anna.session, Secret{anna.code()});
  REQUIRE(fresh);
  REQUIRE(fresh->size() == 10);
  CHECK(
      line(world.event()) ==
      R"(USER_MANAGEMENT user_updated anna anna {"changes":[{"field":"recovery_codes","from":10,"to":10}]})");
  CHECK(code(world.second_factors.renew_recovery_codes(*anna.session, Secret{anna.code()})) ==
        Errc::invalid_credentials);
  CHECK(code(anna.answer(anna.challenge(), text(anna.recovery[0]))) == Errc::invalid_credentials);
  CHECK(anna.answer(anna.challenge(), text((*fresh)[0])));
  world.events();
  CHECK(world.second_factors.renew_recovery_codes(*anna.session, (*fresh)[1]));
  CHECK(
      lines(world.events()) ==
      std::vector<std::string>{
          R"(USER_MANAGEMENT user_updated anna anna {"changes":[{"field":"recovery_codes","from":9,"to":10}]})",
          R"(SECURITY recovery_code_used anna anna {"remaining":8})"});
}

TEST_CASE("one's own factor goes with password and code together") {
  Identity world;
  Enrolled anna(world);
  const auto remove = [&](const char* password, const std::string& sent) {
    return world.second_factors.remove(*anna.session, Secret{password}, Secret{sent});
  };
  CHECK(code(remove("not this one", anna.code())) == Errc::invalid_credentials);
  CHECK(line(world.event()) == "SECURITY totp_disabled anna anna {} failed: invalid_credentials");
  CHECK(code(remove(kPassword, "000000")) == Errc::invalid_credentials);
  CHECK(line(world.event()) ==
        "SECURITY second_factor_failed anna anna {} failed: invalid_credentials");
  SECTION("of the authenticator") {
    REQUIRE(remove(kPassword, anna.code()));
    CHECK(line(world.event()) == "SECURITY totp_disabled anna anna {}");
  }
  SECTION("or of paper") {
    REQUIRE(remove(kPassword, text(anna.recovery[0])));
    CHECK(world.events().size() == 2);
  }
  const auto grant = world.login("anna");
  CHECK_FALSE(grant.second_factor_was_reset);
  CHECK(code(remove(kPassword, anna.code())) == Errc::not_found);
  CHECK(enable(world, *anna.session)); // and may come back
}

TEST_CASE("an administrator takes another's factor away, and its owner is told once") {
  Identity world;
  Enrolled anna(world);
  world.add("boss", Role::admin);
  const auto boss = world.principal("boss");
  const auto session = world.login("boss");
  world.events();
  SECTION("at the next login") {
    REQUIRE(world.second_factors.reset(boss, username("anna")));
    CHECK(line(world.event()) == "SECURITY totp_disabled boss anna {}");
    CHECK(world.login("anna").second_factor_was_reset);
    CHECK_FALSE(world.login("anna").second_factor_was_reset);
  }
  SECTION("at the next refresh") {
    const auto grant = anna.answer(anna.challenge(), anna.code());
    REQUIRE(world.second_factors.reset(world.operator_, username("anna")));
    const auto refreshed = world.refresh(*grant);
    REQUIRE(refreshed);
    CHECK(refreshed->second_factor_was_reset);
    CHECK_FALSE(world.refresh(*refreshed)->second_factor_was_reset);
    CHECK_FALSE(world.login("anna").second_factor_was_reset);
  }
  SECTION("there has to be one") {
    REQUIRE(world.second_factors.reset(boss, username("anna")));
    CHECK(code(world.second_factors.reset(boss, username("anna"))) == Errc::not_found);
    CHECK(code(world.second_factors.reset(boss, username("nobody"))) == Errc::not_found);
  }
  SECTION("never one's own, which takes a code") {
    REQUIRE(enable(world, boss));
    CHECK(code(world.second_factors.reset(boss, username("boss"))) == Errc::conflict);
    CHECK(code(world.auth.login("boss", Secret{kPassword}, client_at("192.0.2.1"))) ==
          Errc::second_factor_required);
  }
  SECTION("nobody else does") {
    world.add("bert");
    const auto bert = world.principal("bert");
    CHECK(code(world.second_factors.reset(bert, username("anna"))) == Errc::not_found);
    CHECK(code(world.second_factors.reset(*anna.session, username("anna"))) == Errc::forbidden);
  }
}

TEST_CASE("keys touch no factor") {
  Identity world;
  Enrolled anna(world, "anna", Role::admin);
  const auto made =
      world.keys.create(*anna.session, {.name = "k", .scopes = Scopes::all(), .path = {}});
  REQUIRE(made);
  const auto key = world.auth.authenticate(made->secret.reveal(), client_at("192.0.2.1"));
  REQUIRE(key);
  const Secret password{kPassword};
  CHECK(code(world.second_factors.begin(*key, password)) == Errc::forbidden);
  CHECK(code(world.second_factors.confirm(*key, Secret{anna.code()})) == Errc::forbidden);
  CHECK(code(world.second_factors.renew_recovery_codes(*key, Secret{anna.code()})) ==
        Errc::forbidden);
  CHECK(code(world.second_factors.remove(*key, password, Secret{anna.code()})) == Errc::forbidden);
  CHECK(code(world.second_factors.reset(*key, username("anna"))) == Errc::forbidden);
  CHECK(code(world.second_factors.begin(world.operator_, password)) == Errc::not_found);
}

TEST_CASE("wrong codes of a session are throttled, and strangers have no say in it") {
  Identity world({.max_attempts = 4});
  Enrolled anna(world);
  for (int i = 0; i < 20; ++i)
    (void)world.auth.login("anna", Secret{"not this one"}, client_at("198.51.100.7"));
  for (int i = 0; i < 4; ++i)
    CHECK(code(world.second_factors.renew_recovery_codes(*anna.session, Secret{"000000"})) ==
          Errc::invalid_credentials);
  const auto limited =
      world.second_factors.renew_recovery_codes(*anna.session, Secret{anna.code()});
  CHECK(code(limited) == Errc::rate_limited);
  CHECK(limited.error().retry_after > 0s);
  world.clock.advance(20min);
  CHECK(world.second_factors.renew_recovery_codes(*anna.session, Secret{anna.code()}));
}

TEST_CASE("who has to have a factor and has none is told so, and is held to what sets one up") {
  const auto rule =
      GENERATE(SecondFactorRule::none, SecondFactorRule::admin, SecondFactorRule::all);
  Identity world({}, {.second_factor = rule});
  for (const auto role : {Role::user, Role::auditor, Role::admin}) {
    const std::string name = "user-" + std::string{to_string(role)};
    world.add(name, role);
    const bool is_held =
        rule == SecondFactorRule::all || (rule == SecondFactorRule::admin && role == Role::admin);
    const auto grant = world.login(name);
    CHECK(grant.second_factor_setup_required == is_held);
    CHECK(world.check(grant)->lacks_second_factor() == is_held);
    const auto refreshed = world.refresh(grant);
    REQUIRE(refreshed);
    CHECK(refreshed->second_factor_setup_required == is_held);
    const auto who = world.check(*refreshed);
    CHECK(world.auth.look_again(*who).has_value() == !is_held);
    REQUIRE(enable(world, *who));
    CHECK_FALSE(world.check(*refreshed)->lacks_second_factor()); // the very next request
    CHECK(world.auth.look_again(*who));
    CHECK_FALSE(world.refresh(*refreshed)->second_factor_setup_required);
  }
}

TEST_CASE("a new role and a factor that is gone hold one at the very next request, keys too") {
  Identity world({}, {.second_factor = SecondFactorRule::admin});
  world.add("boss", Role::admin);
  world.add("anna");
  const auto grant = world.login("anna");
  const auto made =
      world.keys.create(*world.check(grant), {.name = "k", .scopes = Scopes::all(), .path = {}});
  const auto by_key = [&] {
    return world.auth.authenticate(made->secret.reveal(), client_at("192.0.2.1"));
  };
  CHECK_FALSE(world.check(grant)->lacks_second_factor());
  CHECK_FALSE(by_key()->lacks_second_factor());
  UpdateUser request;
  request.role = Role::admin;
  REQUIRE(world.users.update(world.operator_, username("anna"), request));
  CHECK(world.check(grant)->lacks_second_factor());
  CHECK(by_key()->lacks_second_factor());
  REQUIRE(enable(world, *world.check(grant)));
  CHECK_FALSE(by_key()->lacks_second_factor());
  REQUIRE(world.second_factors.reset(world.operator_, username("anna")));
  CHECK(world.check(grant)->lacks_second_factor());
  request.role = Role::user;
  REQUIRE(world.users.update(world.operator_, username("anna"), request));
  CHECK_FALSE(world.check(grant)->lacks_second_factor());
  CHECK_FALSE(by_key()->lacks_second_factor());
}

TEST_CASE("sealing anew leaves seeds that cannot be read as they are, and says how many") {
  Identity world;
  Enrolled anna(world);
  Enrolled bert(world, "bert");
  const auto old_cipher = make_insecure_seed_cipher("old");
  REQUIRE(world.database.bookkeep([&](Bookkeeping& tx) -> Result<void> {
    BALUHOST_TRY(const auto factor, tx.view().second_factors().find(*bert.session->user()));
    BALUHOST_TRY(const auto sealed, old_cipher->seal(Secret{"another seed of 20 b"}, factor->user));
    BALUHOST_CHECK(tx.second_factors().reseal(factor->user, factor->seed, sealed));
    return {};
  }));
  const auto lost = world.second_factors.lost_keys();
  REQUIRE(lost);
  REQUIRE(lost->size() == 1);
  CHECK(lost->front().key_id == "old");
  CHECK(lost->front().seeds == 1);
  const auto done = world.second_factors.reseal();
  REQUIRE(done);
  CHECK(done->resealed == 0);
  CHECK(done->unreadable == 1);
  CHECK(anna.answer(anna.challenge(), anna.code()));
}
