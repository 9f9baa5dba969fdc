#include "wire.hpp"

#include <chrono>
#include <ctime>
#include <thread>

using namespace baluhost::test;

namespace {

Response refresh(Api& api, const std::string& token) {
  return api.post(kApi + "/auth/refresh", object({{"refresh_token", q(token)}}));
}

/// A server whose tokens live for seconds: a second less than they say, since they count from a
/// whole one.
Server& hasty_server() {
  static Server server{{.extra_toml = "auth.access_ttl = \"2s\"\nauth.refresh_ttl = \"3s\"\n"}};
  return server;
}

} // namespace

TEST_CASE("A login returns two different tokens", "[auth][spec-07]") {
  Api anna{shared_server()};
  const std::string name = make_user(shared_server());
  const Response response = anna.login(name, kPassword);
  REQUIRE(response.status == 200);
  const Json reply = Json::parse(response.body);
  CHECK(reply.keys() == std::vector<std::string>{"access_token", "expires_in", "refresh_expires_in",
                                                 "refresh_token", "session_id", "token_type",
                                                 "user"});
  CHECK(reply["access_token"].text() != reply["refresh_token"].text());
  CHECK(reply["token_type"].text() == "Bearer");
  CHECK(reply["user"]["username"].text() == name);
}

TEST_CASE("The refresh token carries exactly the nine claims", "[auth][spec-08]") {
  Api anna = new_user(shared_server());
  for (const auto& [token, type] : {std::pair{anna.access_token, std::string{"access"}},
                                    std::pair{anna.refresh_token, std::string{"refresh"}}}) {
    const Json claims = claims_of(token);
    CHECK(claims.keys() ==
          std::vector<std::string>{"aud", "exp", "iat", "iss", "jti", "nbf", "sid", "sub", "type"});
    CHECK(claims["type"].text() == type);
    CHECK(claims["aud"].text() == "baluhost:" + type);
    CHECK(claims["iss"].text() == "baluhost");
    CHECK(claims["sid"].text() == anna.session_id);
    CHECK_FALSE(claims["sub"].text().empty());
  }
}

TEST_CASE("Access lives 900 s and refresh 7 days, exactly", "[auth][spec-09][spec-18]") {
  Api anna = new_user(shared_server());
  const Json access = claims_of(anna.access_token);
  const Json fresh = claims_of(anna.refresh_token);
  CHECK(access["exp"].integer() - access["iat"].integer() == 900);
  CHECK(fresh["exp"].integer() - fresh["iat"].integer() == 7 * 86400);
  CHECK(access["exp"].integer() < fresh["exp"].integer());

  Api hasty{hasty_server(), "admin", kAdminPassword};
  const Json short_lived = claims_of(hasty.access_token);
  CHECK(short_lived["exp"].integer() - short_lived["iat"].integer() == 2);
}

TEST_CASE("A refresh token gets a new pair in the same session, and does not live longer",
          "[auth][spec-10]") {
  Api anna = new_user(shared_server());
  const Response response = refresh(anna, anna.refresh_token);
  REQUIRE(response.status == 200);
  const Json reply = Json::parse(response.body);
  CHECK(reply["session_id"].text() == anna.session_id);
  CHECK(reply["access_token"].text() != anna.access_token);
  CHECK(reply["refresh_token"].text() != anna.refresh_token);
  CHECK(claims_of(reply["refresh_token"].text())["exp"].integer() ==
        claims_of(anna.refresh_token)["exp"].integer());
  anna.access_token = reply["access_token"].text();
  CHECK(anna.get(kApi + "/auth/me").status == 200);
}

TEST_CASE("Expired tokens are refused", "[auth][spec-11]") {
  Api admin_user{hasty_server(), "admin", kAdminPassword};
  const std::string access = admin_user.access_token;
  const std::string token = admin_user.refresh_token;
  const auto end = claims_of(token)["exp"].integer();
  while (std::time(nullptr) <= end) std::this_thread::sleep_for(std::chrono::milliseconds{50});
  check_problem(refresh(admin_user, token), 401, "token_expired");
  check_problem(admin_user.get(kApi + "/auth/me"), 401, "token_expired");
}

TEST_CASE("A stream of events ends with its token, and that is no attempt", "[auth]") {
  Api root{hasty_server()};
  const auto attempts = [&] { return root.events("action=invalid_token&limit=1000").size(); };
  const auto before = attempts();
  REQUIRE(root.login("admin", kAdminPassword).status == 200);
  HttpClient stream = hasty_server().client(std::chrono::seconds{20});
  stream.connect();
  stream.send("GET /api/v1/audit/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
              root.access_token + "\r\n\r\n");
  const std::string all = stream.read_until_closed();
  INFO(all);
  CHECK(all.starts_with("HTTP/1.1 200 "));
  CHECK(all.ends_with("\r\n0\r\n\r\n")); // its end, not the client's patience
  CHECK(std::time(nullptr) >= claims_of(root.access_token)["exp"].integer());
  CHECK(attempts() == before);
}

TEST_CASE("A token with a wrong signature is refused", "[auth][spec-12]") {
  Api anna = new_user(shared_server());
  const auto forge = [](std::string token) {
    char& c = token[token.rfind('.') + 5];
    c = c == 'A' ? 'B' : 'A';
    return token;
  };
  check_problem(
      anna.get(kApi + "/auth/me", {{"Authorization", "Bearer " + forge(anna.access_token)}}), 401,
      "unauthenticated");
  check_problem(refresh(anna, forge(anna.refresh_token)), 401, "unauthenticated");
  CHECK(anna.get(kApi + "/auth/me").status == 200);
}

TEST_CASE(
    "A refresh token works once: within ten seconds its reuse is refused and nothing more happens",
    "[auth][spec-13]") {
  Api anna = new_user(shared_server());
  const Response first = refresh(anna, anna.refresh_token);
  REQUIRE(first.status == 200);
  check_problem(refresh(anna, anna.refresh_token), 401, "token_revoked");
  CHECK(refresh(anna, Json::parse(first.body)["refresh_token"].text()).status == 200);
  CHECK(anna.events("action=refresh_reuse_detected&user=" + anna.username).empty());
}

TEST_CASE("A revoked token is refused on the next request, and after a restart too",
          "[auth][spec-14]") {
  Server server;
  Api anna = new_user(server);
  Api other{server, anna.username};
  REQUIRE(anna.post(kApi + "/auth/logout").status == 204);
  check_problem(anna.get(kApi + "/auth/me"), 401, "token_revoked");
  check_problem(refresh(anna, anna.refresh_token), 401, "token_revoked");
  CHECK(other.get(kApi + "/auth/me").status == 200);
  server.kill();
  server.start();
  Api again{server};
  check_problem(again.get(kApi + "/auth/me", {{"Authorization", "Bearer " + anna.access_token}}),
                401, "token_revoked");
  CHECK(again.get(kApi + "/auth/me", {{"Authorization", "Bearer " + other.access_token}}).status ==
        200);
}

TEST_CASE("The refresh endpoint refuses no token, garbage and an access token",
          "[auth][spec-15][spec-16]") {
  Api anna = new_user(shared_server());
  const std::string target = kApi + "/auth/refresh";
  Api nobody{shared_server()};
  CHECK(nobody.post(target).status == 401);
  check_invalid(nobody.post(target, "{}"), "/refresh_token");
  check_problem(refresh(nobody, "garbage"), 401, "unauthenticated");
  check_problem(refresh(nobody, anna.access_token), 401, "unauthenticated");
  check_problem(anna.get(kApi + "/auth/me", {{"Authorization", "Bearer " + anna.refresh_token}}),
                401, "unauthenticated");
  check_problem(nobody.get(kApi + "/auth/me?access_token=" + anna.access_token), 401,
                "unauthenticated");
  CHECK(refresh(nobody, anna.refresh_token).status == 200);
}

TEST_CASE("iat is an integer and is now", "[auth][spec-17]") {
  const auto before = std::time(nullptr);
  Api anna = new_user(shared_server());
  const Json claims = claims_of(anna.access_token);
  REQUIRE(claims["iat"].is_integer());
  CHECK(claims["iat"].integer() >= before);
  CHECK(claims["iat"].integer() <= std::time(nullptr));
}

TEST_CASE("Failed logins look the same, whatever is wrong", "[auth][spec-75]") {
  Api root = admin(shared_server());
  const std::string disabled = make_user(shared_server());
  REQUIRE(root.patch(kApi + "/users/" + disabled, R"({"enabled":false})").status == 200);
  const std::string known = make_user(shared_server());
  Api stranger{shared_server()};
  std::vector<std::string> bodies;
  for (const auto& [name, password] :
       std::vector<std::pair<std::string, std::string>>{{"nobody-here", kPassword},
                                                        {"Not A Name!", kPassword},
                                                        {known, "a wrong password"},
                                                        {disabled, kPassword},
                                                        {known, ""}}) {
    const Response response = stranger.login(name, password);
    check_problem(response, 401, "invalid_credentials");
    CHECK(response.header("WWW-Authenticate").value_or("").starts_with("Bearer"));
    std::string body = response.body;
    body.erase(body.find(",\"request_id\""),
               std::string{",\"request_id\":\"0123456789abcdef\""}.size());
    bodies.push_back(body);
  }
  for (const std::string& body : bodies) CHECK(body == bodies.front());

  const auto failed = stranger.events("action=login_failed&user=" + known);
  REQUIRE(failed.size() == 2);
  CHECK(failed[0]["event_type"].text() == "SECURITY");
  CHECK_FALSE(failed[0]["success"].flag());
  CHECK(failed[0]["error_message"].text() == "invalid_credentials");
  CHECK(failed[0]["details"]["attempted_username"].text() == known);
  const auto unknown = stranger.events("action=login_failed&limit=20");
  bool found = false;
  for (const Json& event : unknown) {
    if (event["details"]["attempted_username"].text() != "nobody-here") continue;
    found = true;
    CHECK(event["user"].is_null());
  }
  CHECK(found);
}

TEST_CASE("A login is recorded with its session", "[auth][spec-74]") {
  Api anna = new_user(shared_server());
  const auto events = anna.events("action=login_success&user=" + anna.username);
  REQUIRE(events.size() == 1);
  CHECK(events[0]["event_type"].text() == "SECURITY");
  CHECK(events[0]["success"].flag());
  CHECK(events[0]["resource"].is_null());
  CHECK(events[0]["details"].keys() == std::vector<std::string>{"factors", "session_id"});
  CHECK(events[0]["details"]["factors"].dump() == R"(["password"])");
  CHECK(events[0]["details"]["session_id"].text() == anna.session_id);
}

TEST_CASE("A refresh is recorded", "[auth][spec-76]") {
  Api anna = new_user(shared_server());
  REQUIRE(refresh(anna, anna.refresh_token).status == 200);
  const auto events = anna.events("action=token_refresh&user=" + anna.username);
  REQUIRE(events.size() == 1);
  CHECK(events[0]["resource"].text() == anna.session_id);
  CHECK(events[0]["details"].keys() == std::vector<std::string>{"token_type"});
}

TEST_CASE("A password or token appears in no response, event, export, metric, log or database file",
          "[auth][spec-21]") {
  Server server{{.extra_toml = "metrics.listen = \"127.0.0.1:0\"\n"}};
  const std::string secret = "Tr0ubad0ur-and-31-horses";
  const std::string next = "Another-secret-of-17-cats";
  Api root = admin(server);
  std::string seen =
      root.post(kApi + "/users", object({{"username", q("carla")}, {"password", q(secret)}})).body;
  Api carla{server, "carla", secret};
  seen += carla
              .post(kApi + "/auth/password",
                    object({{"current_password", q(secret)}, {"new_password", q(next)}}))
              .body;
  seen += carla
              .post(kApi + "/auth/password",
                    object({{"current_password", q(secret + "x")}, {"new_password", q("short")}}))
              .body;
  seen += carla.login("carla", secret).body;
  seen += root.post(kApi + "/users",
                    "{\"username\":\"dora\",\"password\":" + q(secret) + ",\"oops\":1}")
              .body;
  const std::string token = carla.refresh_token;
  REQUIRE(refresh(carla, token).status == 200);
  for (const Json& event : root.events("limit=1000")) seen += event.dump();
  for (const char* exported : {"csv", "ndjson", "ndjson&seals=true"})
    seen += root.get(kApi + "/audit/export?format=" + exported).body;
  seen += root.get(kApi + "/audit/stats").body + root.get(kApi + "/auth/sessions").body +
          root.get(kApi + "/users").body;
  for (const auto& arguments : {std::vector<std::string>{"audit", "list"},
                                {"audit", "export"},
                                {"session", "list", "carla"},
                                {"user", "show", "carla", "--json"},
                                {"keys", "list"}}) {
    const auto done = server.ctl(arguments);
    CHECK(done.exit_code == 0);
    seen += done.out + done.err;
  }
  const std::string log = server.stderr_text();
  const auto metrics_at = log.find("metrics on ");
  REQUIRE(metrics_at != std::string::npos);
  HttpClient metrics{
      log.substr(metrics_at + 11, log.find_first_of("\"\n", metrics_at) - metrics_at - 11)};
  const Response figures = metrics.request("GET", "/metrics");
  CHECK(figures.status == 200);
  seen += figures.body;
  CHECK(seen.find("baluhost_login_attempts_total") != std::string::npos);
  std::vector<std::string> keys;
  for (const std::string& key : files_below(server.data_dir() + "/keys")) {
    if (!key.ends_with(".key")) continue;
    keys.push_back(read_file(server.data_dir() + "/keys/" + key));
    keys.back().erase(keys.back().find_last_not_of('\n') + 1);
  }
  CHECK(keys.size() == 4);
  const std::string said = seen;
  server.stop();
  for (const std::string& key : keys)
    CHECK((said + server.stderr_text()).find(key) == std::string::npos);
  CHECK(said.find("$argon2id$") == std::string::npos);
  seen += server.stderr_text();
  if (database_kind() == "sqlite")
    seen += run({"sh", "-c", "cat " + server.data_dir() + "/baluhost.db*"}).out;
  else
    seen += run({"pg_dump", "-d", server.database_url()}).out;
  for (const std::string& needle :
       {secret, next, std::string{kAdminPassword}, token, token.substr(token.rfind('.') + 1),
        claims_of(token)["jti"].text(), carla.access_token}) {
    CHECK(seen.find(needle) == std::string::npos);
  }
  CHECK(seen.find("carla") != std::string::npos);
}

TEST_CASE("Changing the password needs the current one and ends every other session", "[auth]") {
  Api anna = new_user(shared_server());
  Api other{shared_server(), anna.username};
  const std::string target = kApi + "/auth/password";
  check_problem(anna.post(target, object({{"current_password", q("not the one")},
                                          {"new_password", q("a new fine phrase")}})),
                401, "invalid_credentials");
  check_invalid(anna.post(target, object({{"current_password", q(kPassword)},
                                          {"new_password", q("password")}})),
                "/new_password");
  REQUIRE(anna.post(target, object({{"current_password", q(kPassword)},
                                    {"new_password", q("a new fine phrase")}}))
              .status == 204);
  CHECK(anna.get(kApi + "/auth/me").status == 200);
  check_problem(other.get(kApi + "/auth/me"), 401, "token_revoked");
  check_problem(other.login(anna.username, kPassword), 401, "invalid_credentials");
  CHECK(other.login(anna.username, "a new fine phrase").status == 200);
  CHECK(anna.events("action=password_changed&resource=" + anna.username).size() == 1);
  CHECK(anna.events("action=password_change_failed&resource=" + anna.username).size() == 2);
}

TEST_CASE(
    "Failed logins are throttled by account and address, and the owner's own address stays usable",
    "[auth]") {
  Server server{
      {.extra_toml = "auth.max_attempts = 3\nserver.trusted_proxies = [\"127.0.0.1\"]\n"}};
  const std::string name = make_user(server);
  Api owner{server};
  const auto try_from = [&](const std::string& address, const std::string& password) {
    return owner.send("POST", kApi + "/auth/login",
                      {{"Content-Type", "application/json"}, {"X-Forwarded-For", address}},
                      object({{"username", q(name)}, {"password", q(password)}}));
  };
  REQUIRE(try_from("192.0.2.7", kPassword).status == 200);
  REQUIRE(try_from("2001:db8:1:2::5", kPassword).status == 200);
  int limited = 0;
  for (int i = 0; i < 8; ++i) {
    const Response response = try_from("198.51.100." + std::to_string(i + 1), "wrong");
    limited += response.status == 429;
    if (response.status == 429) {
      check_problem(response, 429, "rate_limited");
      CHECK(std::stoi(response.header("Retry-After").value_or("0")) >= 1);
    }
  }
  CHECK(limited >= 4);
  CHECK(try_from("203.0.113.9", kPassword).status ==
        429); // a stranger's address, even with the right password
  CHECK(try_from("192.0.2.7", kPassword).status == 200); // the owner's
  int next = 20;
  const auto fail_until_limited = [&] {
    while (next < 100 && try_from("198.51.100." + std::to_string(next), "wrong").status != 429)
      ++next;
  };
  fail_until_limited();
  CHECK(try_from("2001:db8:1:3::5", kPassword).status == 429);
  CHECK(try_from("2001:db8:1:2:aaaa:bbbb:cccc:dddd", kPassword).status ==
        200); // the owner's network
  fail_until_limited();
  CHECK(try_from("203.0.113.10", kPassword).status == 429);
  REQUIRE(server.ctl({"user", "unlock", name}).exit_code == 0);
  CHECK(try_from("203.0.113.10", kPassword).status == 200);
  const auto events = owner.events("user=" + name + "&action=login_success");
  REQUIRE(events.size() >= 2);
  CHECK(events[0]["ip_address"].text() == "203.0.113.10");
}

TEST_CASE("An untrusted peer's X-Forwarded-For changes nothing", "[auth]") {
  Api anna{shared_server()};
  const std::string name = make_user(shared_server());
  REQUIRE(anna.send("POST", kApi + "/auth/login",
                    {{"Content-Type", "application/json"}, {"X-Forwarded-For", "203.0.113.77"}},
                    object({{"username", q(name)}, {"password", q(kPassword)}}))
              .status == 200);
  const auto events = anna.events("action=login_success&user=" + name);
  REQUIRE(events.size() == 1);
  CHECK(events[0]["ip_address"].text() == "127.0.0.1");
}

TEST_CASE("Failed refreshes share the limit of what a stranger may put on record",
          "[auth][fault-25b]") {
  Server server;
  Api stranger{server};
  for (int i = 0; i < 8; ++i) {
    check_problem(stranger.post(kApi + "/auth/refresh", R"({"refresh_token":"x"})"), 401,
                  "unauthenticated");
    CHECK(stranger.get(kApi + "/auth/me", {{"Authorization", "Bearer x"}}).status == 401);
  }
  Api root = admin(server);
  CHECK(root.events("action=token_refresh").size() + root.events("action=invalid_token").size() ==
        10);
}
