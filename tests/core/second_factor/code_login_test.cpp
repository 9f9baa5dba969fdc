#include "second_factor/factor_fixture.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

using namespace baluhost;
using namespace baluhost::test;
using namespace std::chrono_literals;

namespace {

/// As wrong as can be, and of the right form.
std::string wrong(Enrolled& anna) {
  for (int guess = 0;; ++guess) {
    auto text = std::to_string(100000 + guess);
    if (text != anna.code() && text != anna.code(-1)) return text;
  }
}

std::ptrdiff_t count(const std::vector<AuditEvent>& events, std::string_view action) {
  return std::ranges::count(events, action, &AuditEvent::action);
}

} // namespace

TEST_CASE("a login with a second factor takes the password first and then a code") {
  Identity world;
  Enrolled anna(world);
  const auto challenge = anna.challenge();
  CHECK(challenge.size() == 32);
  CHECK(
      line(world.event()) ==
      R"(SECURITY login_failed anna - {"attempted_username":"anna"} failed: second_factor_required)");
  const auto grant = anna.answer(challenge, anna.code());
  REQUIRE(grant);
  CHECK(line(world.event()) == R"(SECURITY login_success anna - {"session_id":")" +
                                   grant->session.value + R"(","factors":["password","totp"]})");
  CHECK(world.check(*grant));
  CHECK_FALSE(grant->second_factor_was_reset);
  CHECK_FALSE(grant->second_factor_setup_required);
}

TEST_CASE("until the password fits nothing tells who has a second factor") {
  Identity world;
  Enrolled anna(world);
  world.add("bert");
  world.events();
  for (const char* name : {"anna", "bert", "nobody"}) {
    const auto refused = world.auth.login(name, Secret{"not this one"}, client_at("192.0.2.9"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::invalid_credentials);
    CHECK(refused.error().challenge.empty());
  }
}

TEST_CASE("a challenge works once, for five minutes") {
  Identity world;
  Enrolled anna(world);
  const auto challenge = anna.challenge();
  SECTION("it is spent by a login") {
    REQUIRE(anna.answer(challenge, anna.code()));
    CHECK(code(anna.answer(challenge, anna.code(-1))) == Errc::token_revoked);
  }
  SECTION("it lasts to the end of five minutes") {
    world.clock.advance(5min - 1us);
    CHECK(anna.answer(challenge, anna.code()));
  }
  SECTION("it expires after five minutes") {
    world.clock.advance(5min);
    CHECK(code(anna.answer(challenge, anna.code())) == Errc::token_expired);
  }
  SECTION("one that is none is refused") {
    CHECK(code(anna.answer("", anna.code())) == Errc::token_revoked);
    CHECK(code(anna.answer(std::string(32, 'a'), anna.code())) == Errc::token_revoked);
    CHECK(anna.answer(challenge, anna.code()));
  }
}

TEST_CASE("five codes may be sent with a challenge, and no right one after them") {
  Identity world({.max_attempts = 1000});
  Enrolled anna(world);
  const auto challenge = anna.challenge();
  world.events();
  for (int i = 0; i < 5; ++i) {
    CHECK(code(anna.answer(challenge, wrong(anna))) == Errc::invalid_credentials);
    CHECK(line(world.event()) ==
          "SECURITY second_factor_failed anna - {} failed: invalid_credentials");
  }
  CHECK(code(anna.answer(challenge, anna.code())) == Errc::token_revoked);
  CHECK(line(world.event()) == "SECURITY second_factor_failed anna - {} failed: token_revoked");
  CHECK(anna.answer(anna.challenge(), anna.code()));
}

TEST_CASE("a fifth code that is right is taken") {
  Identity world;
  Enrolled anna(world);
  const auto challenge = anna.challenge();
  for (int i = 0; i < 4; ++i) CHECK_FALSE(anna.answer(challenge, wrong(anna)));
  CHECK(anna.answer(challenge, anna.code()));
}

TEST_CASE("an account has five challenges at most: older ones make room") {
  Identity world;
  Enrolled anna(world);
  std::vector<std::string> challenges;
  for (int i = 0; i < 6; ++i) {
    challenges.push_back(anna.challenge());
    world.clock.advance(1s);
  }
  CHECK(code(anna.answer(challenges[0], anna.code())) == Errc::token_revoked);
  CHECK(anna.answer(challenges[1], anna.code()));
}

TEST_CASE("the codes of the present and the previous step are good, each once, in any order") {
  Identity world;
  Enrolled anna(world);
  world.clock.advance(2min);
  for (const int step : {1, -2, -3})
    CHECK(code(anna.answer(anna.challenge(), anna.code(step))) == Errc::invalid_credentials);
  CHECK(anna.answer(anna.challenge(), anna.code(0)));
  CHECK(code(anna.answer(anna.challenge(), anna.code(0))) == Errc::invalid_credentials);
  CHECK(anna.answer(anna.challenge(), anna.code(-1)));
  CHECK(code(anna.answer(anna.challenge(), anna.code(-1))) == Errc::invalid_credentials);
}

TEST_CASE("of fifty parallel tries of one code one logs in") {
  Identity world({.max_attempts = 1000});
  Enrolled anna(world);
  std::vector<std::string> challenges;
  for (int i = 0; i < 5; ++i) challenges.push_back(anna.challenge());
  const auto text = anna.code();
  std::atomic<int> won{0};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 50; ++i)
    threads.emplace_back([&, i] {
      if (world.auth.login_with_code(challenges[i % 5], Secret{text}, client_at("192.0.2.1")))
        ++won;
    });
  for (auto& thread : threads) thread.join();
  CHECK(won == 1);
  CHECK(count(world.events(), "login_success") == 1);
}

TEST_CASE("a recovery code stands in for the authenticator, once") {
  Identity world;
  Enrolled anna(world);
  REQUIRE(anna.recovery.size() == 10);
  const std::string recovery{anna.recovery[3].reveal()};
  CHECK(recovery.size() == 24);
  const auto challenge = anna.challenge();
  world.events();
  const auto grant = anna.answer(challenge, recovery);
  REQUIRE(grant);
  CHECK(lines(world.events()) ==
        std::vector<std::string>{R"(SECURITY login_success anna - {"session_id":")" +
                                     grant->session.value +
                                     R"(","factors":["password","recovery_code"]})",
                                 R"(SECURITY recovery_code_used anna anna {"remaining":9})"});
  CHECK(code(anna.answer(anna.challenge(), recovery)) == Errc::invalid_credentials);

  // As people copy it.
  std::string copied{anna.recovery[4].reveal()};
  std::ranges::transform(copied, copied.begin(), [](unsigned char c) { return std::toupper(c); });
  for (std::size_t at = 20; at > 0; at -= 4) copied.insert(at, at % 8 == 0 ? "-" : " ");
  CHECK(anna.answer(anna.challenge(), copied));
  CHECK(code(anna.answer(anna.challenge(), std::string(24, 'a'))) == Errc::invalid_credentials);
}

TEST_CASE("codes are read with blanks, and nothing else is one") {
  Identity world({.max_attempts = 1000});
  Enrolled anna(world);
  const auto text = anna.code();
  for (const auto& not_one : {std::string{}, text.substr(1), text + "0", text + "\n", "+" + text,
                              std::string(100'000, ' ') + text, std::string(6, '\xff')})
    CHECK(code(anna.answer(anna.challenge(), not_one)) == Errc::invalid_credentials);
  CHECK(anna.answer(anna.challenge(), " " + text.substr(0, 3) + " " + text.substr(3)));
}

TEST_CASE("a right password alone clears no throttle, and wrong codes count as failed logins") {
  Identity world({.max_attempts = 4});
  Enrolled anna(world);
  const std::string elsewhere = "198.51.100.7";
  const auto try_password = [&](const std::string& from = "198.51.100.7") {
    return code(world.auth.login("anna", Secret{"not this one"}, client_at(from)));
  };
  for (const char* from : {"198.51.100.1", "198.51.100.2", "198.51.100.3"})
    CHECK(try_password(from) == Errc::invalid_credentials);
  const auto challenge = anna.challenge(elsewhere);
  SECTION("of passwords") {
    CHECK(try_password() == Errc::invalid_credentials);
    CHECK(try_password() == Errc::rate_limited);
    CHECK(code(anna.answer(challenge, anna.code(), elsewhere)) == Errc::rate_limited);
  }
  SECTION("of codes") {
    CHECK(code(anna.answer(challenge, wrong(anna), elsewhere)) == Errc::invalid_credentials);
    CHECK(code(anna.answer(challenge, anna.code(), elsewhere)) == Errc::rate_limited);
    CHECK(try_password() == Errc::rate_limited);
    // Where the owner was before, the owner is let in.
    CHECK(anna.answer(challenge, anna.code()));
  }
  SECTION("a right code clears it") {
    CHECK(anna.answer(challenge, anna.code(), elsewhere));
    for (int i = 0; i < 3; ++i) { // from an address that has not failed yet
      CHECK(code(world.auth.login("anna", Secret{"not this one"}, client_at("198.51.100.8"))) ==
            Errc::invalid_credentials);
    }
  }
}

TEST_CASE("of ten thousand guesses none is taken, and each limit is one line of the record") {
  Identity world;
  Enrolled anna(world);
  const std::string elsewhere = "198.51.100.7";
  world.events();
  int admitted = 0;
  int throttled = 0;
  const auto challenge = anna.challenge(elsewhere);
  for (int guess = 0; guess < 10'000; ++guess) {
    const bool of_codes = guess % 2 == 0;
    auto text = std::to_string(1'000'000 + guess).substr(1);
    if (text == anna.code() || text == anna.code(-1)) text = wrong(anna);
    const auto tried = anna.answer(of_codes ? challenge : std::to_string(guess), text, elsewhere);
    admitted += tried ? 1 : 0;
    throttled += !tried && tried.error().code == Errc::rate_limited ? 1 : 0;
  }
  CHECK(admitted == 0);
  CHECK(throttled > 4'000);
  CHECK(world.events().size() <= 1 + 5 + 10); // the challenge, its codes, what strangers cause
}

TEST_CASE("a challenge ends with what its password was good for") {
  Identity world;
  Enrolled anna(world);
  const auto challenge = anna.challenge();
  UpdateUser request;
  SECTION("a new password") {
    request.password = Secret{"quite another 99"};
    REQUIRE(world.users.update(world.operator_, username("anna"), request));
  }
  SECTION("one's own new password") {
    REQUIRE(
        world.auth.change_password(*anna.session, Secret{kPassword}, Secret{"quite another 99"}));
  }
  SECTION("a disabled account, for good") {
    request.enabled = false;
    REQUIRE(world.users.update(world.operator_, username("anna"), request));
    CHECK(code(anna.answer(challenge, anna.code())) == Errc::token_revoked);
    request.enabled = true;
    REQUIRE(world.users.update(world.operator_, username("anna"), request));
  }
  SECTION("a factor that was taken away") {
    REQUIRE(world.second_factors.reset(world.operator_, username("anna")));
  }
  SECTION("a deleted account") {
    REQUIRE(world.users.remove(world.operator_, username("anna"), Purge::yes));
  }
  CHECK(code(anna.answer(challenge, anna.code())) == Errc::token_revoked);
}

TEST_CASE("a seed that cannot be read lets nobody in, but for a recovery code") {
  Identity world;
  Enrolled anna(world);
  REQUIRE(world.database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_TRY(const auto factor, tx.second_factors().find(*anna.session->user()));
    BALUHOST_CHECK(
        tx.second_factors().reseal(factor->user, factor->seed, {"another key", factor->seed.text}));
    return AuditEvents{world.audit_log.draft(Action::keys_rotated)};
  }));
  const auto challenge = anna.challenge();
  world.events();
  for (const auto& text : {anna.code(), std::string{"000000"}})
    CHECK(code(anna.answer(challenge, text)) == Errc::internal);
  CHECK(line(world.events().front()) == "SECURITY second_factor_failed anna - {} failed: internal");
  CHECK(anna.answer(challenge, std::string{anna.recovery[0].reveal()}));
}

TEST_CASE("without a database a code is unavailable, and is not used") {
  Identity world;
  Enrolled anna(world);
  const auto challenge = anna.challenge();
  world.database.writes_fail = true;
  CHECK(code(anna.answer(challenge, anna.code())) == Errc::unavailable);
  world.database.writes_fail = false;
  world.tokens.keyless = true;
  CHECK(code(anna.answer(challenge, anna.code())) == Errc::unavailable);
  world.tokens.keyless = false;
  CHECK(anna.answer(challenge, anna.code()));
}
