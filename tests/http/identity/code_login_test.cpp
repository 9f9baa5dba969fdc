#include "identity/totp.hpp"

#include <array>
#include <atomic>
#include <map>
#include <set>
#include <thread>

// Logins with a second factor over the wire: the challenge, the code, and what limits guesses.

using namespace baluhost::test;

namespace {

std::string credentials_of(const std::string& name, const std::string& password = kPassword) {
  return json_of({{"username", name}, {"password", password}});
}

std::string code_body(const std::string& code) { return json_of({{"code", code}}); }

Json first(const std::vector<Json>& events) {
  REQUIRE_FALSE(events.empty());
  return events.front();
}

} // namespace

TEST_CASE("A login with a second factor is a challenge and then a code", "[code_login]") {
  const Enrolled anna{shared_server()};
  const std::string& name = anna.api.username;
  Api stranger{shared_server()};
  const Response refused = stranger.post(kApi + "/auth/login", credentials_of(name));
  check_problem(refused, 401, "second_factor_required");
  CHECK(refused.header("WWW-Authenticate").value_or("").starts_with("Bearer"));
  const std::string challenge = Json::parse(refused.body)["challenge"].text();
  CHECK(challenge.size() >= 22);
  Json event = first(stranger.events("action=login_failed&user=" + name));
  CHECK(event["error_message"].text() == "second_factor_required");

  check_problem(anna.answer(challenge, "000000"), 401, "invalid_credentials");
  event = first(stranger.events("action=second_factor_failed&user=" + name));
  CHECK(event["event_type"].text() == "SECURITY");
  CHECK(event["error_message"].text() == "invalid_credentials");
  const Response let_in = anna.answer(challenge, anna.code());
  REQUIRE(let_in.status == 200);
  const Json reply = Json::parse(let_in.body);
  CHECK(reply.keys() == std::vector<std::string>{"access_token", "expires_in", "refresh_expires_in",
                                                 "refresh_token", "session_id", "token_type",
                                                 "user"});
  event = first(stranger.events("action=login_success&limit=1&user=" + name));
  CHECK(event["details"]["factors"].dump() == R"(["password","totp"])");
  CHECK(event["details"]["session_id"].text() == reply["session_id"].text());
  Api session{shared_server()};
  session.access_token = reply["access_token"].text();
  CHECK(session.get(kApi + "/auth/me").status == 200);

  // Neither works again.
  check_problem(anna.answer(challenge, anna.code()), 401, "token_revoked");
  check_problem(anna.answer(anna.challenge(), anna.code()), 401, "invalid_credentials");
}

TEST_CASE("A login with a code takes the transport and refuses what is none", "[code_login]") {
  const Enrolled anna{shared_server()};
  Api browser{shared_server()};
  const std::string challenge = anna.challenge();
  check_invalid(browser.post(kLoginCode, "{}"), "/challenge");
  check_invalid(browser.post(kLoginCode, json_of({{"challenge", challenge}})), "/code");
  check_invalid(browser.post(kLoginCode, json_of({{"challenge", challenge},
                                                  {"code", anna.code()},
                                                  {"transport", "carrier pigeon"}})),
                "/transport");
  check_problem(browser.post(kLoginCode, json_of({{"challenge", "none"}, {"code", "000000"}})), 401,
                "token_revoked");
  const Response let_in = browser.post(
      kLoginCode,
      json_of({{"challenge", challenge}, {"code", anna.code()}, {"transport", "cookie"}}));
  REQUIRE(let_in.status == 200);
  CHECK(let_in.count("Set-Cookie") == 2);
  CHECK_FALSE(Json::parse(let_in.body).has("refresh_token"));
}

TEST_CASE("The codes of the present step and the one before log in, each once, and no others",
          "[code_login]") {
  const Enrolled anna{shared_server()};
  const std::string forget = "update second_factors set last_step = 0, step_before = 0";
  sql(shared_server(), forget, forget); // of the code that it was confirmed by
  REQUIRE(soon([] { return now_in_seconds() % 30 < 22; }));
  const std::int64_t now = now_in_seconds();
  const auto status = [&](int steps) {
    return anna.answer(anna.challenge(), totp_at(anna.secret, now + 30 * steps)).status;
  };
  CHECK(status(1) == 401);
  CHECK(status(-2) == 401);
  CHECK(status(-1) == 200);
  CHECK(status(-1) == 401);
  CHECK(status(0) == 200);
  CHECK(status(0) == 401);
  CHECK(status(-1) == 401);
}

TEST_CASE("What a client says of the time makes no code good", "[code_login]") {
  const Enrolled anna{shared_server()};
  const std::string challenge = anna.challenge();
  for (const int steps : {-4, 3}) {
    INFO(steps);
    for (const Headers& headers :
         {Headers{}, Headers{{"Date", "Thu, 01 Jan 1970 00:00:59 GMT"}},
          Headers{{"X-Timestamp", std::to_string(now_in_seconds() + 30 * steps)}}}) {
      if (anna.code(steps) == anna.code() || anna.code(steps) == anna.code(-1)) continue;
      const Headers of_try = headers;
      const Response answer =
          anna.answer(steps < 0 ? challenge : anna.challenge(), anna.code(steps), of_try);
      check_problem(answer, 401, "invalid_credentials");
    }
  }
  check_invalid(
      Api{shared_server()}.post(kLoginCode, object({{"challenge", q(challenge)},
                                                    {"code", q(anna.code())},
                                                    {"time", std::to_string(now_in_seconds())}})),
      "/time");
}

TEST_CASE("A wrong password is answered alike with a second factor and without", "[code_login]") {
  const Enrolled anna{shared_server()};
  const std::string bob = make_user(shared_server());
  Api stranger{shared_server()};
  std::set<std::string> answers;
  for (const std::string& name : {anna.api.username, bob, std::string{"nobody-here"}}) {
    const Response refused =
        stranger.post(kApi + "/auth/login", credentials_of(name, "wrong"), {{"X-Request-Id", "r"}});
    check_problem(refused, 401, "invalid_credentials");
    answers.insert(refused.body);
  }
  CHECK(answers.size() == 1);
}

TEST_CASE("A challenge takes five codes, lives for five minutes and survives a restart",
          "[code_login]") {
  Server server;
  const Enrolled anna{server};
  const std::string spent = anna.challenge();
  for (int i = 0; i < 5; ++i)
    check_problem(anna.answer(spent, "00000" + std::to_string(i)), 401, "invalid_credentials");
  check_problem(anna.answer(spent, anna.code()), 401, "token_revoked");

  const std::string old = anna.challenge();
  const std::string aged = "update login_challenges set expires_at = expires_at - 300000000";
  sql(server, aged, aged);
  check_problem(anna.answer(old, anna.code()), 401, "token_expired");

  const std::string kept = anna.challenge();
  server.stop();
  server.start();
  CHECK(anna.answer(kept, anna.code()).status == 200);
}

TEST_CASE("A challenge of one server is answered by another on the same database", "[code_login]") {
  if (database_kind() != "postgresql") return; // SQLite has one server
  Server one;
  Server two{{.data_dir = one.data_dir(), .database_url = one.database_url()}};
  const Enrolled anna{one};
  const std::string challenge = anna.challenge();
  Api there{two};
  const std::string right = json_of({{"challenge", challenge}, {"code", anna.code()}});
  for (int i = 0; i < 2; ++i) {
    const std::string wrong = json_of({{"challenge", challenge}, {"code", "000000"}});
    CHECK(there.post(kLoginCode, wrong).status == 401);
    CHECK(Api{one}.post(kLoginCode, wrong).status == 401);
  }
  CHECK(there.post(kLoginCode, right).status == 200);
  CHECK(Api{one}.post(kLoginCode, right).status == 401);
}

TEST_CASE("Of fifty parallel tries of one code one logs in", "[code_login]") {
  Server server{{.extra_toml = "auth.max_attempts = 1000\n"}}; // else some are told to wait
  const Enrolled anna{server};
  std::vector<std::string> challenges;
  for (int i = 0; i < 5; ++i) challenges.push_back(anna.challenge());
  const std::string code = anna.code();
  std::array<std::atomic<int>, 50> statuses{};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < 50; ++i)
    threads.emplace_back([&, i] {
      HttpClient client = server.client();
      const int status = client
                             .request("POST", kLoginCode, {{"Content-Type", "application/json"}},
                                      json_of({{"challenge", challenges[i % 5]}, {"code", code}}))
                             .status;
      statuses[i] = status;
    });
  for (auto& thread : threads) thread.join();
  std::map<int, int> counts;
  for (const auto& status : statuses) ++counts[status];
  CHECK(counts == std::map<int, int>{{200, 1}, {401, 49}});
  CHECK(Api{server}.events("action=login_success&limit=10&user=" + anna.api.username).size() ==
        2); // with the one before the factor
}

TEST_CASE("Wrong codes are failed logins, and a right password clears none of them",
          "[code_login]") {
  Server server{
      {.extra_toml = "auth.max_attempts = 3\nserver.trusted_proxies = [\"127.0.0.1\"]\n"}};
  const Enrolled anna{server};
  const Headers elsewhere{{"X-Forwarded-For", "198.51.100.7"}};
  for (int i = 0; i < 3; ++i) {
    const std::string challenge = anna.challenge(elsewhere);
    check_problem(anna.answer(challenge, "00000" + std::to_string(i), elsewhere), 401,
                  "invalid_credentials");
  }
  Api stranger{server};
  const Response limited =
      stranger.post(kApi + "/auth/login", credentials_of(anna.api.username), elsewhere);
  check_problem(limited, 429, "rate_limited");
  CHECK(limited.header("Retry-After"));
  // Nobody can lock the owner out of where the owner was.
  CHECK(anna.answer(anna.challenge(), anna.code()).status == 200);
}

TEST_CASE("Who tried too many codes waits with every challenge, also with the right code",
          "[code_login]") {
  Server server{
      {.extra_toml = "auth.max_attempts = 3\nserver.trusted_proxies = [\"127.0.0.1\"]\n"}};
  const Enrolled anna{server};
  const Headers elsewhere{{"X-Forwarded-For", "198.51.100.7"}};
  std::vector<std::string> challenges;
  for (int i = 0; i < 2; ++i) challenges.push_back(anna.challenge(elsewhere));
  for (int i = 0; i < 3; ++i)
    check_problem(anna.answer(challenges[0], "00000" + std::to_string(i), elsewhere), 401,
                  "invalid_credentials");
  for (const std::string& challenge : challenges) {
    const Response limited = anna.answer(challenge, anna.code(), elsewhere);
    check_problem(limited, 429, "rate_limited");
    CHECK(limited.header("Retry-After"));
  }
  CHECK(anna.answer(anna.challenge(), anna.code()).status == 200); // where the owner was
}

TEST_CASE("Of many parallel codes a challenge takes five", "[code_login]") {
  Server server{{.extra_toml = "auth.max_attempts = 1000\n"}};
  const Enrolled anna{server};
  const std::string challenge = anna.challenge();
  std::array<std::string, 40> codes;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < codes.size(); ++i)
    threads.emplace_back([&, i] {
      HttpClient client = server.client();
      codes[i] =
          Json::parse(client
                          .request("POST", kLoginCode, {{"Content-Type", "application/json"}},
                                   json_of({{"challenge", challenge}, {"code", "none"}}))
                          .body)["code"]
              .text();
    });
  for (auto& thread : threads) thread.join();
  std::map<std::string, int> counts;
  for (const auto& code : codes) ++counts[code];
  CHECK(counts == std::map<std::string, int>{{"invalid_credentials", 5}, {"token_revoked", 35}});
  check_problem(anna.answer(challenge, anna.code()), 401, "token_revoked");
}

TEST_CASE("A recovery code logs in once, and a new set ends the old one", "[code_login]") {
  Enrolled anna{shared_server()};
  CHECK(anna.answer(anna.challenge(), anna.recovery[0]).status == 200);
  Json event = first(anna.api.events("action=login_success&limit=1&user=" + anna.api.username));
  CHECK(event["details"]["factors"].dump() == R"(["password","recovery_code"])");
  event = first(anna.api.events("action=recovery_code_used&user=" + anna.api.username));
  CHECK(event["event_type"].text() == "SECURITY");
  CHECK(event["details"]["remaining"].integer() == 9);
  check_problem(anna.answer(anna.challenge(), anna.recovery[0]), 401, "invalid_credentials");

  check_problem(anna.api.post(kTotp + "/recovery-codes", code_body("000000")), 401,
                "invalid_credentials");
  const Response renewed = anna.api.post(kTotp + "/recovery-codes", code_body(anna.code()));
  REQUIRE(renewed.status == 200);
  const Json fresh = Json::parse(renewed.body)["recovery_codes"];
  REQUIRE(fresh.size() == 10);
  check_problem(anna.answer(anna.challenge(), anna.recovery[1]), 401, "invalid_credentials");
  CHECK(anna.answer(anna.challenge(), fresh[0].text()).status == 200);
}
