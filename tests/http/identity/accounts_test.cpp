#include "wire.hpp"

#include <algorithm>
#include <chrono>
#include <set>
#include <thread>

// What the contract says of accounts and sessions, line by line, beside auth_test.cpp,
// users_test.cpp and matrix_test.cpp.

using namespace baluhost::test;

namespace {

std::string user_json(const std::string& name, const std::string& extra = {}) {
  return "{\"username\":" + q(name) + ",\"password\":" + q(kPassword) +
         (extra.empty() ? "" : "," + extra) + "}";
}

Response login_from(Api& api, const std::string& address, const std::string& name,
                    const std::string& password) {
  return api.send("POST", kApi + "/auth/login",
                  {{"Content-Type", "application/json"}, {"X-Forwarded-For", address}},
                  object({{"username", q(name)}, {"password", q(password)}}));
}

} // namespace

TEST_CASE("A deleted user is nobody on the very next request, and the name is free again",
          "[accounts]") {
  Api root = admin(shared_server());
  Api anna = new_user(shared_server());
  REQUIRE(anna.get(kApi + "/auth/me").status == 200);
  REQUIRE(root.del(kUsers + "/" + anna.username).status == 204);
  check_problem(anna.get(kApi + "/auth/sessions"), 401,
                "token_revoked"); // which does not look the user up for its answer
  check_problem(anna.get(kApi + "/auth/me"), 401, "token_revoked");
  check_problem(
      anna.post(kApi + "/auth/refresh", object({{"refresh_token", q(anna.refresh_token)}})), 401,
      "token_revoked");
  check_problem(root.get(kUsers + "/" + anna.username), 404, "not_found");
  check_problem(root.del(kUsers + "/" + anna.username), 404, "not_found");
  REQUIRE(root.post(kUsers, user_json(anna.username)).status == 201);
  check_problem(anna.get(kApi + "/auth/me"), 401,
                "token_revoked"); // another's, who has the same name
}

TEST_CASE("Members of a user are changed one by one, and each change is recorded", "[accounts]") {
  Api root = admin(shared_server());
  const std::string name = make_user(shared_server(), "user", "\"quota_bytes\":500");
  const std::string page = kUsers + "/" + name;
  const std::string email = name + "@example.org";
  Json user =
      Json::parse(root.patch(page, object({{"email", q(email)}, {"quota_bytes", "1000"}})).body);
  CHECK(user.keys() == kUserKeys);
  CHECK(user["email"].text() == email);
  CHECK(user["quota_bytes"].integer() == 1000);
  CHECK(user["updated_at"].text() > user["created_at"].text());
  user = Json::parse(root.patch(page, R"({"email":null,"quota_bytes":null})").body);
  CHECK(user["email"].is_null());
  CHECK(user["quota_bytes"].is_null());
  CHECK(Json::parse(root.get(page).body).dump() == user.dump());
  const auto events = root.events("action=user_updated&resource=" + name);
  REQUIRE(events.size() == 2);
  const Json changes = events[1]["details"]["changes"];
  REQUIRE(changes.size() == 2);
  CHECK(changes[0]["field"].text() == "email");
  CHECK(changes[0]["from"].is_null());
  CHECK(changes[0]["to"].text() == email);
  CHECK(changes[1]["field"].text() == "quota_bytes");
  CHECK(changes[1]["from"].integer() == 500);
  CHECK(changes[1]["to"].integer() == 1000);
  for (const char* quota : {"-1", "1e3", "\"\"", "9223372036854775808"})
    check_invalid(root.patch(page, "{\"quota_bytes\":" + std::string{quota} + "}"), "/quota_bytes");
  for (const char* role : {"\"root\"", "\"Admin\"", "\"\"", "null", "1"})
    check_invalid(root.patch(page, "{\"role\":" + std::string{role} + "}"), "/role");
}

TEST_CASE("What is not for the client to set is refused, whatever the rights", "[accounts]") {
  Api root = admin(shared_server());
  Api anna = new_user(shared_server());
  for (const char* member : {"id", "used_bytes", "created_at", "updated_at", "enabled",
                             "password_hash", "session_id", "is_admin"}) {
    check_invalid(root.post(kUsers, user_json("massive", q(member) + ":1")),
                  std::string{"/"} + member);
    if (std::string{member} != "enabled")
      check_invalid(root.patch(kUsers + "/" + anna.username, "{" + q(member) + ":1}"),
                    std::string{"/"} + member);
    check_invalid(anna.post(kApi + "/auth/login", user_json(anna.username, q(member) + ":1")),
                  std::string{"/"} + member);
  }
  check_invalid(root.patch(kUsers + "/" + anna.username, R"({"username":"renamed"})"), "/username");
  check_problem(root.get(kUsers + "/massive"), 404, "not_found");
  check_problem(anna.patch(kUsers + "/" + anna.username, R"({"role":"admin"})"), 403, "forbidden");
  CHECK(Json::parse(anna.get(kApi + "/auth/me").body)["role"].text() == "user");
}

TEST_CASE("A name or e-mail that is taken is 409, a reserved or impossible name 400",
          "[accounts]") {
  Api root = admin(shared_server());
  const std::string email = make_user(shared_server()) + "@example.org";
  const std::string first = make_user(shared_server(), "user", "\"email\":" + q(email));
  const std::string second = make_user(shared_server());
  std::string capitals = email;
  for (char& c : capitals) c = static_cast<char>(std::toupper(c));
  check_problem(root.post(kUsers, user_json(first)), 409, "already_exists");
  for (const std::string& taken : {email, capitals}) {
    check_problem(root.post(kUsers, user_json(second + "x", "\"email\":" + q(taken))), 409,
                  "already_exists");
    check_problem(root.patch(kUsers + "/" + second, object({{"email", q(taken)}})), 409,
                  "already_exists");
  }
  CHECK(root.patch(kUsers + "/" + first, object({{"email", q(capitals)}})).status ==
        200); // the user's own
  for (const char* name : {"api", "API", ".", "..", ".hidden", "-dash", "_line", "a/b", "a b",
                           "a@b", "\xC3\xA4nna", "a\\\\b"}) {
    INFO(name);
    check_invalid(root.post(kUsers, "{\"username\":\"" + std::string{name} +
                                        "\",\"password\":\"a fine pass phrase\"}"),
                  "/username");
  }
  const Response mixed = root.post(kUsers, user_json(second + "Mixed"));
  REQUIRE(mixed.status == 201);
  CHECK(Json::parse(mixed.body)["username"].text() == second + "mixed");
  CHECK(mixed.header("Location") == kUsers + "/" + second + "mixed");
}

TEST_CASE("Users are listed by name in pages", "[accounts]") {
  Server& server = shared_server();
  Api root = admin(server);
  std::set<std::string> made{"admin"};
  for (int i = 0; i < 4; ++i) made.insert(make_user(server));
  std::vector<std::string> seen;
  std::string cursor;
  do {
    const Response response =
        root.get(kUsers + "?limit=3" + (cursor.empty() ? "" : "&cursor=" + percent_encode(cursor)));
    REQUIRE(response.status == 200);
    const Json page = Json::parse(response.body);
    REQUIRE(page["items"].size() <= 3);
    for (std::size_t i = 0; i < page["items"].size(); ++i) {
      CHECK(page["items"][i].keys() == kUserKeys);
      seen.push_back(page["items"][i]["username"].text());
    }
    cursor = page["next_cursor"].is_null() ? "" : page["next_cursor"].text();
  } while (!cursor.empty());
  CHECK(std::ranges::is_sorted(seen));
  CHECK(std::ranges::adjacent_find(seen) == seen.end());
  CHECK(std::ranges::includes(std::set<std::string>(seen.begin(), seen.end()), made));
}

TEST_CASE("A password may not hold the user's name, if that has four letters, and keeps every byte",
          "[accounts]") {
  Api root = admin(shared_server());
  check_invalid(root.post(kUsers, R"({"username":"quentin","password":"my QUENTIN phrase"})"),
                "/password");
  check_invalid(root.post(kUsers, R"({"username":"quentin","password":"baluhost1"})"), "/password");
  const std::string name = database_kind() == "sqlite" ? "kim" : "kit";
  REQUIRE(root.post(kUsers,
                    "{\"username\":" + q(name) + ",\"password\":\" " + name + " likes \\t tea \"}")
              .status == 201);
  Api user{shared_server()};
  CHECK(user.login(name, " " + name + " likes \\t tea ").status == 200);
  for (const std::string& near :
       {name + " likes \\t tea", " " + name + " likes \\t tea", " " + name + " likes  tea "}) {
    INFO(near);
    check_problem(user.login(name, near), 401, "invalid_credentials");
  }
}

TEST_CASE(
    "Failures at many accounts stop an address, and a success forgives the account but not the "
    "address",
    "[accounts]") {
  Server server{
      {.extra_toml = "auth.max_attempts = 3\nserver.trusted_proxies = [\"127.0.0.1\"]\n"}};
  std::vector<std::string> names;
  for (int i = 0; i < 5; ++i) names.push_back(make_user(server));
  Api client{server};
  // One address guesses at one account after the other.
  for (int i = 0; i < 3; ++i)
    check_problem(login_from(client, "203.0.113.5", names[static_cast<std::size_t>(i)], "wrong"),
                  401, "invalid_credentials");
  const Response stopped = login_from(client, "203.0.113.5", names[3], kPassword);
  check_problem(stopped, 429, "rate_limited");
  CHECK(stopped.header("Retry-After").value_or("").find_first_not_of("0123456789") ==
        std::string::npos);
  check_problem(login_from(client, "203.0.113.5", "nobody-here", "wrong"), 429, "rate_limited");
  // An IPv6 network counts as one address.
  for (int i = 0; i < 3; ++i)
    check_problem(login_from(client, "2001:db8:1:2::" + std::to_string(i),
                             names[static_cast<std::size_t>(i)], "wrong"),
                  401, "invalid_credentials");
  check_problem(login_from(client, "2001:db8:1:2:ffff::9", names[3], kPassword), 429,
                "rate_limited");
  CHECK(login_from(client, "2001:db8:1:3::9", names[3], kPassword).status == 200);
  // Two failures, a success, two failures, a success: never three in a row.
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 2; ++i)
      check_problem(
          login_from(client, "198.51.100." + std::to_string(10 * round + i), names[4], "wrong"),
          401, "invalid_credentials");
    CHECK(login_from(client, "198.51.100." + std::to_string(10 * round + 9), names[4], kPassword)
              .status == 200);
  }
  const auto events = client.events("action=login_failed&limit=1000");
  const auto throttled = std::ranges::count_if(
      events, [](const Json& event) { return event["error_message"].text() == "rate_limited"; });
  CHECK(throttled == 3);
}

TEST_CASE("Guesses at the current password are throttled by their address", "[accounts]") {
  Server server{{.extra_toml = "auth.max_attempts = 3\n"}};
  Api anna = new_user(server);
  const auto guess = [&](const std::string& current) {
    return anna.post(kApi + "/auth/password", object({{"current_password", q(current)},
                                                      {"new_password", q("a new fine phrase")}}));
  };
  for (int i = 0; i < 3; ++i)
    check_problem(guess("wrong " + std::to_string(i)), 401, "invalid_credentials");
  check_problem(guess(kPassword), 429, "rate_limited");
  CHECK(anna.get(kApi + "/auth/me").status == 200);
}

TEST_CASE("Wrong passwords from the owner's own address lock nobody out who is in already",
          "[accounts]") {
  Server server;
  Api anna = new_user(server);
  Api beside{server}; // at the owner's address
  const auto log_in = [&](const std::string& password) {
    return beside.send("POST", kApi + "/auth/login", {{"Content-Type", "application/json"}},
                       object({{"username", q(anna.username)}, {"password", q(password)}}));
  };
  for (int i = 0; i < 10; ++i) CHECK(log_in("wrong").status == 401);
  check_problem(log_in(kPassword), 429, "rate_limited"); // the owner too, as long as it lasts
  CHECK(anna.get(kApi + "/auth/me").status == 200);
  const Response renewed =
      anna.post(kApi + "/auth/refresh", object({{"refresh_token", q(anna.refresh_token)}}));
  CHECK(renewed.status == 200);
  REQUIRE(server.ctl({"user", "unlock", anna.username}).exit_code == 0);
  CHECK(log_in(kPassword).status == 200);
}

TEST_CASE(
    "A stranger writes ten events a minute at most, and both addresses of a proxied request are on "
    "record",
    "[accounts]") {
  Server server{{.extra_toml = "server.trusted_proxies = [\"127.0.0.0/8\", \"10.0.0.0/8\"]\n"}};
  Api client{server};
  for (int i = 0; i < 30; ++i) {
    check_problem(
        client.get(kApi + "/auth/me", {{"Authorization", "Bearer x.y.z"},
                                       {"X-Forwarded-For", "1.2.3.4, 203.0.113.7, 10.1.1.1"}}),
        401, "unauthenticated");
  }
  const auto events = client.events("action=invalid_token&limit=100");
  REQUIRE(events.size() == 10);
  for (const Json& event : events) {
    CHECK(event["ip_address"].text() == "203.0.113.7");
    CHECK(event["details"]["peer_address"].text() == "127.0.0.1");
    CHECK(event["event_type"].text() == "SECURITY");
    CHECK_FALSE(event["success"].flag());
    CHECK(event["details"]["reason"].text() == "bad_header");
  }
}

TEST_CASE("An untrusted peer that says for whom it speaks is warned of once", "[accounts]") {
  Server server;
  Api client{server};
  for (int i = 0; i < 3; ++i) client.get("/livez", {{"X-Forwarded-For", "203.0.113.7"}});
  server.stop();
  const std::string log = server.stderr_text();
  const auto first = log.find("X-Forwarded-For");
  REQUIRE(first != std::string::npos);
  CHECK(log.find("X-Forwarded-For", log.find('\n', first)) == std::string::npos);
}

TEST_CASE("A hash made with other parameters is renewed at the next login", "[accounts]") {
  Server server;
  const std::string name = make_user(server);
  const auto parameters = [&] {
    const std::string query = "select password_hash from users where username = '" + name + "'";
    const auto out = database_kind() == "sqlite"
                         ? run({"sqlite3", server.data_dir() + "/baluhost.db", query}).out
                         : run({"psql", "-Atqd", server.database_url(), "-c", query}).out;
    return out.substr(0, out.find("$", std::string{"$argon2id$v=19$"}.size()));
  };
  CHECK(parameters() == "$argon2id$v=19$m=7168,t=1,p=1");
  server.stop();
  write_file(server.config_file(), [&] {
    std::string toml = read_file(server.config_file());
    return toml.replace(toml.find("auth.argon2_iterations = 1"),
                        std::string{"auth.argon2_iterations = 1"}.size(),
                        "auth.argon2_iterations = 2");
  }());
  server.start();
  Api anna{server};
  check_problem(anna.login(name, "wrong"), 401, "invalid_credentials");
  CHECK(parameters() == "$argon2id$v=19$m=7168,t=1,p=1");
  REQUIRE(anna.login(name, kPassword).status == 200);
  CHECK(parameters() == "$argon2id$v=19$m=7168,t=2,p=1");
  CHECK(anna.login(name, kPassword).status == 200);
}

TEST_CASE("A new account of an old name sees nothing of who had it before",
          "[accounts][fault-07]") {
  Api root = admin(shared_server());
  Api nina = new_user(shared_server());
  const std::string file = "/" + nina.username + "/secret plans";
  REQUIRE(nina.put(files(file), std::string(std::size_t{24} << 20, 'x')).status == 201);
  REQUIRE(nina.get(files(file)).status == 200);
  const auto own_events = [](Api& who) {
    return Json::parse(who.get(kEvents + "?limit=1000&from=1970-01-01T00:00:00Z").body)["items"];
  };
  CHECK(own_events(nina).size() >= 2);
  // A download that goes on over the end of the account, and ends when the name is another's.
  HttpClient late = shared_server().client();
  late.connect();
  late.send("GET " + files(file) + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " +
            nina.access_token + "\r\n\r\n");
  (void)late.read_response(true);
  REQUIRE(root.del(kUsers + "/" + nina.username + "?purge=true").status == 204);
  REQUIRE(root.post(kUsers, user_json(nina.username)).status == 201);
  Api successor{shared_server(), nina.username};
  late.close();
  const std::string downloads = "action=download&user=" + nina.username;
  for (int i = 0; i < 1000 && root.events(downloads).size() < 2; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  REQUIRE(root.events(downloads).size() == 2);

  const Json own = own_events(successor);
  REQUIRE(own.size() == 1);
  CHECK(own[0]["action"].text() == "login_success");
  const Json figures = Json::parse(successor.get(kApi + "/audit/stats").body);
  CHECK(figures["total"].integer() == 1);
  CHECK(figures["bytes_uploaded"].integer() == 0);
  CHECK(figures["bytes_downloaded"].integer() == 0);
  for (const Json& event : root.events("limit=1000&user=" + nina.username)) {
    if (event["id"].integer() == own[0]["id"].integer()) continue;
    CHECK(successor.get(kEvents + "/" + std::to_string(event["id"].integer())).status == 404);
  }
}

TEST_CASE("At an address where everybody has to wait, a name that is known there is told so too",
          "[accounts][fault-15]") {
  Server server{
      {.extra_toml = "auth.max_attempts = 3\nserver.trusted_proxies = [\"127.0.0.1\"]\n"}};
  const std::string name = make_user(server);
  Api client{server};
  REQUIRE(login_from(client, "203.0.113.5", name, kPassword).status == 200);
  for (int i = 0; i < 6; ++i)
    login_from(client, "203.0.113.5", "nobody-" + std::to_string(i), "wrong");
  const Response unknown = login_from(client, "203.0.113.5", "nobody-here", "wrong");
  const Response known = login_from(client, "203.0.113.5", name, "wrong");
  check_problem(unknown, 429, "rate_limited");
  check_problem(known, 429, "rate_limited");
  CHECK(known.header("Retry-After").has_value());
  CHECK(login_from(client, "203.0.113.5", name, kPassword).status == 200);
}
