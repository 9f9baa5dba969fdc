#include "identity/totp.hpp"

#include <cstdlib>
#include <filesystem>
#include <set>

// The second factor over the wire: how it is set up and taken away, whom it is demanded of, and how
// its seed is kept. Logins with it are in code_login_test.cpp.

using namespace baluhost::test;

namespace {

std::string credentials_of(const std::string& name, const std::string& password = kPassword) {
  return json_of({{"username", name}, {"password", password}});
}

std::string code_body(const std::string& code) { return json_of({{"code", code}}); }

std::string removal(const std::string& code, const std::string& password = kPassword) {
  return json_of({{"current_password", password}, {"code", code}});
}

Response del(Api& api, const std::string& target, const std::string& body) {
  return api.send("DELETE", target, {{"Content-Type", "application/json"}}, body);
}

/// As if nobody had used a code for long.
void forget_steps(const Server& server) {
  const std::string statement = "update second_factors set last_step = 0, step_before = 0";
  sql(server, statement, statement);
}

Json first(const std::vector<Json>& events) {
  REQUIRE_FALSE(events.empty());
  return events.front();
}

} // namespace

TEST_CASE("A second factor is set up by password and code, and shown once", "[totp]") {
  const Server& server = shared_server();
  Api anna = new_user(server);
  const Response begun = anna.post(kTotp, json_of({{"current_password", kPassword}}));
  REQUIRE(begun.status == 200);
  const Json shown = Json::parse(begun.body);
  CHECK(shown.keys() == std::vector<std::string>{"secret", "uri"});
  const std::string secret = shown["secret"].text();
  CHECK(secret.size() == 32);
  CHECK(shown["uri"].text() == "otpauth://totp/BaluHost:" + anna.username + "?secret=" + secret +
                                   "&issuer=BaluHost&algorithm=SHA1&digits=6&period=30");
  CHECK(begun.header("Cache-Control") == "no-store");
  CHECK(Api{server}.login(anna.username, kPassword).status == 200); // nothing is on yet

  check_problem(anna.post(kTotp + "/confirm", code_body("000000")), 401, "invalid_credentials");
  const Response confirmed =
      anna.post(kTotp + "/confirm", code_body(totp_at(secret, now_in_seconds())));
  REQUIRE(confirmed.status == 200);
  const Json codes = Json::parse(confirmed.body);
  CHECK(codes.keys() == std::vector<std::string>{"recovery_codes"});
  REQUIRE(codes["recovery_codes"].size() == 10);
  std::set<std::string> distinct;
  for (std::size_t i = 0; i < 10; ++i) {
    const std::string code = codes["recovery_codes"][i].text();
    CHECK(code.size() == 24); // 120 bits in base32
    CHECK(code.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567") == std::string::npos);
    distinct.insert(code);
  }
  CHECK(distinct.size() == 10);
  const Json enabled = first(anna.events("action=totp_enabled&success=true&user=" + anna.username));
  CHECK(enabled["event_type"].text() == "SECURITY");
  CHECK(enabled["resource"].text() == anna.username);

  check_problem(anna.post(kTotp, json_of({{"current_password", kPassword}})), 409, "conflict");
  check_problem(anna.post(kTotp + "/confirm", code_body("000000")), 409, "conflict");
}

TEST_CASE("What sets a factor up refuses a wrong password, bodies that are none, and strangers",
          "[totp]") {
  Api anna = new_user(shared_server());
  check_problem(anna.post(kTotp, json_of({{"current_password", "wrong"}})), 401,
                "invalid_credentials");
  check_invalid(anna.post(kTotp, "{}"), "/current_password");
  check_invalid(anna.post(kTotp, R"({"current_password":"x","more":1})"), "/more");
  check_problem(anna.send("POST", kTotp, {}, "x"), 415, "unsupported_media_type");
  check_problem(anna.post(kTotp + "/confirm", code_body("000000")), 409, "conflict");
  check_problem(anna.post(kTotp + "/recovery-codes", code_body("000000")), 409, "conflict");
  check_problem(del(anna, kTotp, removal("000000")), 404, "not_found");
  for (const std::string& path : {kTotp, kTotp + "/confirm", kTotp + "/recovery-codes"})
    check_problem(Api{shared_server()}.post(path, "{}"), 401, "unauthenticated");
  const Json event = first(anna.events("action=totp_enabled&user=" + anna.username));
  CHECK_FALSE(event["success"].flag());
}

TEST_CASE("The database holds no seed and no recovery code", "[totp]") {
  Server server;
  const Enrolled anna{server};
  const std::string challenge = anna.challenge();
  const std::string statement =
      "select key_id || ' ' || seed from second_factors union all select digest from "
      "recovery_codes union all select digest from login_challenges";
  const std::string held = sql(server, statement, statement);
  CHECK(held.find(hex(digest(Hash::sha256, anna.recovery[0]))) != std::string::npos);
  CHECK(held.find(hex(digest(Hash::sha256, challenge))) != std::string::npos);
  for (const std::string& secret :
       {anna.secret, hex(from_base32(anna.secret)), anna.recovery[0], challenge})
    CHECK(held.find(secret) == std::string::npos);
  for (const std::string& file : files_below(server.data_dir())) {
    INFO(file);
    CHECK(read_file(server.data_dir() + "/" + file).find(from_base32(anna.secret)) ==
          std::string::npos);
  }
  CHECK(server.stderr_text().find(anna.secret) == std::string::npos);
}

TEST_CASE("One's own factor is removed by password and code", "[totp]") {
  Enrolled anna{shared_server()};
  check_problem(del(anna.api, kTotp, removal(anna.code(), "wrong")), 401, "invalid_credentials");
  check_problem(del(anna.api, kTotp, removal("000000")), 401, "invalid_credentials");
  check_invalid(del(anna.api, kTotp, "{}"), "/current_password");
  CHECK(del(anna.api, kTotp, removal(anna.code())).status == 204);
  const Json event =
      first(anna.api.events("action=totp_disabled&success=true&user=" + anna.api.username));
  CHECK(event["resource"].text() == anna.api.username);
  const Response login = Api{shared_server()}.login(anna.api.username, kPassword);
  REQUIRE(login.status == 200);
  CHECK_FALSE(Json::parse(login.body).has("second_factor_was_reset"));
  check_problem(del(anna.api, kTotp, removal(anna.code())), 404, "not_found");
}

TEST_CASE("An administrator takes a factor away, and its owner is told once", "[totp]") {
  Enrolled anna{shared_server()};
  Api root = new_user(shared_server(), "admin");
  const std::string page = kApi + "/users/" + anna.api.username + "/totp";
  Api bob = new_user(shared_server());
  check_problem(bob.del(page), 404, "not_found");
  check_problem(anna.api.del(page), 403, "forbidden");
  CHECK(root.del(page).status == 204);
  check_problem(root.del(page), 404, "not_found");
  check_problem(root.del(kApi + "/users/nobody-here/totp"), 404, "not_found");
  const Json event = first(root.events("action=totp_disabled&success=true&user=" + root.username));
  CHECK(event["resource"].text() == anna.api.username);

  Api again{shared_server()};
  const Response login = again.login(anna.api.username, kPassword);
  CHECK(Json::parse(login.body)["second_factor_was_reset"].flag());
  const Response refreshed =
      again.post(kApi + "/auth/refresh",
                 json_of({{"refresh_token", Json::parse(login.body)["refresh_token"].text()}}));
  REQUIRE(refreshed.status == 200);
  CHECK_FALSE(Json::parse(refreshed.body).has("second_factor_was_reset"));

  Enrolled boss{shared_server(), "admin"};
  check_problem(boss.api.del(kApi + "/users/" + boss.api.username + "/totp"), 409, "conflict");
}

TEST_CASE("The operator takes a factor away without a server's help", "[totp]") {
  Server server;
  const Enrolled anna{server};
  CHECK(server.ctl({"user", "reset-totp", "nobody-here"}).exit_code == 1);
  CHECK(server.ctl({"user", "reset-totp", anna.api.username}).exit_code == 0);
  CHECK(server.ctl({"user", "reset-totp", anna.api.username}).exit_code == 1);
  const Response login = Api{server}.login(anna.api.username, kPassword);
  REQUIRE(login.status == 200);
  CHECK(Json::parse(login.body)["second_factor_was_reset"].flag());
  const Json event = first(Api{server}.events("action=totp_disabled&success=true"));
  CHECK(event["user"].text().starts_with("cli:"));
}

TEST_CASE("No key touches a factor", "[totp]") {
  Enrolled anna{shared_server(), "admin"};
  const Response made =
      anna.api.post(kApi + "/auth/keys",
                    R"({"name":"k","scopes":["files:read","files:write","files:delete","shares",)"
                    R"("audit:read","admin"]})");
  REQUIRE(made.status == 201);
  Api key{shared_server()};
  key.access_token = Json::parse(made.body)["secret"].text();
  check_problem(key.post(kTotp, json_of({{"current_password", kPassword}})), 403, "forbidden");
  check_problem(key.post(kTotp + "/confirm", code_body(anna.code())), 403, "forbidden");
  check_problem(key.post(kTotp + "/recovery-codes", code_body(anna.code())), 403, "forbidden");
  check_problem(del(key, kTotp, removal(anna.code())), 403, "forbidden");
  const std::string other = Enrolled{shared_server()}.api.username;
  check_problem(key.del(kApi + "/users/" + other + "/totp"), 403, "forbidden");
}

TEST_CASE("Who has to have a factor gets tokens that set one up", "[totp]") {
  Server server{{.extra_toml = "auth.require_second_factor = \"admin\"\n"}};
  Api root{server, "admin", kAdminPassword};
  const Response login = Api{server}.login("admin", kAdminPassword);
  REQUIRE(login.status == 200);
  const Json reply = Json::parse(login.body);
  CHECK(reply["second_factor_setup_required"].flag());
  check_problem(root.get(kApi + "/users"), 403, "second_factor_setup_required");
  check_problem(root.get(files("/admin/x")), 403, "second_factor_setup_required");
  check_problem(root.post(kApi + "/auth/logout-all"), 403, "second_factor_setup_required");
  CHECK(root.get(kApi + "/auth/me").status == 200);
  const Response refreshed = root.post(kApi + "/auth/refresh",
                                       json_of({{"refresh_token", reply["refresh_token"].text()}}));
  CHECK(Json::parse(refreshed.body)["second_factor_setup_required"].flag());
  // What a browser reads by itself is held as well.
  const Response by_cookie = Api{server}.post(
      kApi + "/auth/login",
      json_of({{"username", "admin"}, {"password", kAdminPassword}, {"transport", "cookie"}}));
  std::string cookie;
  for (const auto& [name, value] : by_cookie.headers)
    if (name == "Set-Cookie" && value.starts_with("baluhost_read="))
      cookie = value.substr(0, value.find(';'));
  REQUIRE_FALSE(cookie.empty());
  check_problem(Api{server}.send("GET", files("/admin/x"), {{"Cookie", cookie}}, ""), 403,
                "second_factor_setup_required");

  const Response begun = root.post(kTotp, json_of({{"current_password", kAdminPassword}}));
  REQUIRE(begun.status == 200);
  const std::string secret = Json::parse(begun.body)["secret"].text();
  REQUIRE(root.post(kTotp + "/confirm", code_body(totp_at(secret, now_in_seconds()))).status ==
          200);
  // The very next request, of the tokens that there are.
  CHECK(root.get(kApi + "/users").status == 200);

  // Others need none, until their role does.
  CHECK(root.post(kApi + "/users", credentials_of("bob")).status == 201);
  Api bob{server, "bob"};
  CHECK(bob.get(kApi + "/usage").status == 200);
  CHECK(root.patch(kApi + "/users/bob", R"({"role":"admin"})").status == 200);
  check_problem(bob.get(kApi + "/usage"), 403, "second_factor_setup_required");
  CHECK(root.patch(kApi + "/users/bob", R"({"role":"auditor"})").status == 200);
  CHECK(bob.get(kApi + "/usage").status == 200);
}

TEST_CASE("Seeds move on to the newest key, and a key that is lost is an error", "[totp]") {
  namespace fs = std::filesystem;
  Server server;
  const Enrolled anna{server};
  const auto factor_keys = [&] {
    std::vector<std::string> found;
    for (const auto& entry : fs::directory_iterator{server.data_dir() + "/keys"})
      if (entry.path().filename().string().starts_with("factor-"))
        found.push_back(entry.path().string());
    return found;
  };
  const auto row = [&] {
    const std::string statement = "select key_id, seed from second_factors";
    return sql(server, statement, statement);
  };
  REQUIRE(factor_keys().size() == 1);
  const std::string old_key = factor_keys().front();
  const std::string before = row();
  REQUIRE(server.ctl({"keys", "rotate"}).exit_code == 0);
  CHECK(row() != before);
  CHECK(factor_keys().size() == 2);
  fs::remove(old_key);
  CHECK(anna.answer(anna.challenge(), anna.code()).status == 200);
  const Json rotated = first(Api{server}.events("action=keys_rotated"));
  CHECK(rotated["details"]["resealed"].integer() == 1);
  CHECK(row().find(rotated["details"]["factor"].text()) != std::string::npos);

  // A key that is not the one of the row.
  const std::string key = factor_keys().front();
  const std::string aside = server.data_dir() + "/aside.key";
  fs::rename(key, aside);
  server.stop();
  CHECK(server.stderr_text().find("reset-totp") == std::string::npos);
  server.start();
  // A start tells of what logins will fail for: the file, and what to do.
  const std::string id = key.substr(key.rfind('-') + 1, key.rfind('.') - key.rfind('-') - 1);
  const std::string told = server.stderr_text();
  CHECK(told.find("keys/factor-*-" + id + ".key is missing") != std::string::npos);
  CHECK(told.find("user reset-totp") != std::string::npos);
  forget_steps(server);
  check_problem(anna.answer(anna.challenge(), anna.code()), 500, "internal");
  check_problem(anna.answer(anna.challenge(), "000000"), 500, "internal");
  CHECK(anna.answer(anna.challenge(), anna.recovery[0]).status == 200);
  CHECK(server.ctl({"keys", "rotate"}).exit_code == 1);
  fs::rename(aside, key);
  server.stop();
  server.start();
  CHECK(anna.answer(anna.challenge(), anna.code()).status == 200);
}

TEST_CASE("A second factor is in a backup, with the key that reads it", "[totp]") {
  Server server;
  const Enrolled anna{server};
  const TempDirectory directory;
  REQUIRE(server.ctl({"db", "backup", directory.path() + "/backup"}).exit_code == 0);
  const std::string database = make_database(directory.path());
  const std::string data = directory.path() + "/data";
  const auto restored =
      run({std::string{BALUHOST_TEST_BIN_DIR} + "/baluhostctl", "--data-dir", data,
           "--database-url", database, "db", "restore", directory.path() + "/backup"});
  INFO(restored.err);
  REQUIRE(restored.exit_code == 0);
  Server again{{.data_dir = data, .database_url = database}};
  Api there{again};
  const Response refused = there.post(kApi + "/auth/login", credentials_of(anna.api.username));
  const std::string challenge = Json::parse(refused.body)["challenge"].text();
  CHECK(there.post(kLoginCode, json_of({{"challenge", challenge}, {"code", anna.code()}})).status ==
        200);
}

TEST_CASE("oathtool and otpauth make the codes that are asked for", "[totp]") {
  const Enrolled anna{shared_server()};
  const std::int64_t now = now_in_seconds();
  const auto oathtool =
      run({"oathtool", "--totp", "-b", anna.secret, "--now=@" + std::to_string(now)});
  REQUIRE(oathtool.exit_code == 0);
  CHECK(oathtool.out == totp_at(anna.secret, now) + "\n");
  CHECK(anna.answer(anna.challenge(), oathtool.out.substr(0, 6)).status == 200);

  const char* modules = std::getenv("BALUHOST_TEST_NPM");
  if (modules == nullptr || !std::filesystem::exists(std::string{modules} + "/installed")) {
    WARN("otpauth is not installed: it is not tested");
    return;
  }
  Api bob = new_user(shared_server());
  const Json shown = Json::parse(bob.post(kTotp, json_of({{"current_password", kPassword}})).body);
  const auto otpauth = run({"node", BALUHOST_TEST_HTTP_DIR "/npm/otpauth.mjs", modules,
                            shown["uri"].text(), std::to_string(now_in_seconds())});
  INFO(otpauth.err);
  REQUIRE(otpauth.exit_code == 0);
  CHECK(otpauth.out.starts_with("BaluHost " + bob.username + " SHA1 6 30\n"));
  const std::string code = otpauth.out.substr(otpauth.out.find('\n') + 1, 6);
  CHECK(bob.post(kTotp + "/confirm", code_body(code)).status == 200);
}
