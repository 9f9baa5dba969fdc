#include "wire.hpp"

#include <array>

using namespace baluhost::test;

namespace {

/// A new key of `owner`, by whatever members there are beside the name.
Json make_key(Api& owner, const std::string& scopes, const std::string& more = {}) {
  const Response made =
      owner.post(kApi + "/auth/keys", R"({"name":"a key","scopes":)" + scopes + more + "}");
  INFO(made.body);
  REQUIRE(made.status == 201);
  return Json::parse(made.body);
}

/// Who comes with the key.
Api with(const Server& server, const Json& key) {
  Api api{server};
  api.access_token = key["secret"].text();
  return api;
}

std::string member(const std::string& name, const std::string& value) {
  return "," + q(name) + ":" + value;
}

} // namespace

TEST_CASE("A key is shown once and opens what its scopes say", "[keys]") {
  Api anna = new_user(shared_server());
  const std::string home = "/" + anna.username;
  const Json key = make_key(anna, R"(["files:read","files:write"])");
  CHECK(key.keys() == std::vector<std::string>{"allow_from", "created_at", "expires_at", "id",
                                               "last_used_at", "last_used_ip", "name", "path",
                                               "protocols", "scopes", "secret"});
  CHECK(key["path"].is_null());
  CHECK(key["expires_at"].is_null());
  CHECK(key["last_used_at"].is_null());
  CHECK(key["protocols"].size() == 2);
  CHECK(key["allow_from"].size() == 0);
  const std::string secret = key["secret"].text();
  REQUIRE(secret.size() == 41);
  CHECK(secret.starts_with("baluhost_"));

  Api program = with(shared_server(), key);
  CHECK(Json::parse(program.get(kApi + "/auth/me").body)["username"].text() == anna.username);
  CHECK(program.put(files(home + "/a"), "hello").status == 201);
  CHECK(program.get(files(home + "/a")).body == "hello");
  check_problem(program.del(files(home + "/a")), 403, "forbidden");
  const Json refused = anna.events("action=access_denied&user=" + anna.username + "&limit=1").at(0);
  CHECK(refused["resource"].text() == files(home + "/a"));
  CHECK(refused["details"]["required_permission"].text() == "files:delete");
  CHECK(refused["details"]["operation"].text() == "delete");
  CHECK(refused["details"]["key"].text() == key["id"].text());
  const Json upload = anna.events("action=upload&user=" + anna.username + "&limit=1").at(0);
  CHECK(upload["details"]["key"].text() == key["id"].text());
  REQUIRE(soon([&] { return !anna.events("action=download&user=" + anna.username).empty(); }));
  CHECK(anna.events("action=download&user=" + anna.username).at(0)["details"]["key"].text() ==
        key["id"].text());

  const Json page = Json::parse(anna.get(kApi + "/auth/keys").body);
  REQUIRE(page["items"].size() == 1);
  const Json listed = page["items"][0];
  CHECK_FALSE(listed.has("secret"));
  CHECK(listed["id"].text() == key["id"].text());
  CHECK_FALSE(listed["last_used_at"].is_null());
  CHECK(listed["last_used_ip"].text() == "127.0.0.1");
  CHECK(anna.get(kApi + "/auth/keys").body.find(secret.substr(9)) == std::string::npos);
  const Json made = anna.events("action=key_created&user=" + anna.username).at(0);
  CHECK(made["resource"].text() == key["id"].text());
  CHECK(made["event_type"].text() == "SECURITY");
  CHECK_FALSE(made["details"].has("key"));
}

TEST_CASE("The secret of a key has a form that scanners match, and a checksum", "[keys]") {
  Api anna = new_user(shared_server());
  const std::string secret = make_key(anna, R"(["files:read"])")["secret"].text();
  const std::string digits = "abcdefghijklmnopqrstuvwxyz234567";
  REQUIRE(secret.size() == 9 + 26 + 6);
  REQUIRE(secret.starts_with("baluhost_"));
  CHECK(secret.find_first_not_of(digits, 9) == std::string::npos);
  const auto sum = run({"python3", "-c",
                        "import base64, hashlib, sys\n"
                        "sum = hashlib.sha256(sys.argv[1].encode()).digest()\n"
                        "print(base64.b32encode(sum).decode().lower()[:6], end='')",
                        secret.substr(0, 35)});
  CHECK(sum.out == secret.substr(35));
  // One that is not of that form is told from one that is none.
  Api program{shared_server()};
  program.access_token = secret;
  CHECK(program.get(kApi + "/auth/me").status == 200);
  for (const std::size_t at : {std::size_t{9}, std::size_t{34}, std::size_t{40}}) {
    program.access_token = secret;
    program.access_token[at] = secret[at] == 'a' ? 'b' : 'a';
    check_problem(program.get(kApi + "/auth/me"), 401, "unauthenticated");
  }
}

TEST_CASE("The server keeps no secret of a key, only its hash", "[keys]") {
  Server server;
  Api anna = new_user(server);
  const std::string secret = make_key(anna, R"(["files:read"])")["secret"].text();
  REQUIRE(
      with(server, Json::parse(object({{"secret", q(secret)}}))).get(kApi + "/auth/me").status ==
      200);
  const std::string stored = sql(server, "select secret from keys", "select secret from keys");
  CHECK(stored.find(hex(digest(Hash::sha256, secret))) != std::string::npos);
  CHECK(server.stderr_text().find(secret.substr(9)) == std::string::npos);
}

TEST_CASE("What a new key breaks is named", "[keys]") {
  Api anna = new_user(shared_server());
  const auto refused = [&](const std::string& body, const std::string& pointer) {
    INFO(body);
    check_invalid(anna.post(kApi + "/auth/keys", body), pointer);
  };
  refused(R"({"scopes":["files:read"]})", "/name");
  refused(R"({"name":"","scopes":["files:read"]})", "/name");
  refused(R"({"name":"k"})", "/scopes");
  refused(R"({"name":"k","scopes":[]})", "/scopes");
  refused(R"({"name":"k","scopes":["files:read","files"]})", "/scopes/1");
  refused(R"({"name":"k","scopes":["files:read"],"path":"docs"})", "/path");
  refused(R"({"name":"k","scopes":["files:read"],"protocols":["ftp"]})", "/protocols/0");
  refused(R"({"name":"k","scopes":["files:read"],"protocols":[]})", "/protocols");
  refused(R"({"name":"k","scopes":["files:read"],"allow_from":["10.0.0.0/33"]})", "/allow_from/0");
  refused(R"({"name":"k","scopes":["files:read"],"expires_at":"tomorrow"})", "/expires_at");
  refused(R"({"name":"k","scopes":["files:read"],"expires_at":"2020-01-01T00:00:00Z"})",
          "/expires_at");
  refused(R"({"name":"k","scopes":["files:read"],"owner":"x"})", "/owner");
  check_problem(anna.post(kApi + "/auth/keys", R"({"name":"k","scopes":["files:read"],"path":"/)" +
                                                   anna.username + R"(/none"})"),
                404, "not_found");
  CHECK(anna.events("action=key_created&success=false&user=" + anna.username).size() == 13);
}

TEST_CASE("An account has a hundred keys and no more", "[keys]") {
  Api anna = new_user(shared_server());
  for (int i = 0; i < 100; ++i) make_key(anna, R"(["files:read"])");
  check_problem(anna.post(kApi + "/auth/keys", R"({"name":"k","scopes":["files:read"]})"), 409,
                "conflict");
}

TEST_CASE("A key that is bound to a path follows the file and not its name", "[keys]") {
  Api anna = new_user(shared_server());
  const std::string home = "/" + anna.username;
  REQUIRE(anna.put(files(home + "/docs/a") + "?parents=true", "one").status == 201);
  REQUIRE(anna.put(files(home + "/docs2/a") + "?parents=true", "beside").status == 201);
  const Json key = make_key(anna, R"(["files:read","files:write","files:delete"])",
                            member("path", q(home + "/docs")));
  CHECK(key["path"].text() == home + "/docs");
  Api program = with(shared_server(), key);
  CHECK(program.get(files(home + "/docs/a")).body == "one");
  for (const std::string& path :
       std::vector<std::string>{home + "/docs2/a", home + "/docs2/none", "/nobody/a"}) {
    INFO(path);
    check_problem(program.get(files(path)), 403, "forbidden");
  }
  check_problem(program.get(dirs(home)), 403, "forbidden");
  check_problem(program.post(kApi + "/actions/move",
                             object({{"from", q(home + "/docs/a")}, {"to", q(home + "/a")}})),
                403, "forbidden");
  check_problem(program.post(kApi + "/actions/copy",
                             object({{"from", q(home + "/docs2/a")}, {"to", q(home + "/docs/b")}})),
                403, "forbidden");
  const Json homes = Json::parse(program.get(kApi + "/dirs").body);
  REQUIRE(homes["items"].size() == 1);
  CHECK(homes["items"][0]["path"].text() == home);

  REQUIRE(anna.post(kApi + "/actions/move",
                    object({{"from", q(home + "/docs")}, {"to", q(home + "/moved")}}))
              .status == 200);
  REQUIRE(anna.put(files(home + "/docs/a") + "?parents=true", "two").status == 201);
  CHECK(program.get(files(home + "/moved/a")).body == "one");
  check_problem(program.get(files(home + "/docs/a")), 403, "forbidden");
  CHECK(Json::parse(anna.get(kApi + "/auth/keys").body)["items"][0]["path"].text() ==
        home + "/moved");

  REQUIRE(anna.del(files(home + "/moved") + "?recursive=true").status == 204);
  REQUIRE(anna.put(files(home + "/moved/a") + "?parents=true", "three").status == 201);
  check_problem(program.get(files(home + "/moved/a")), 403, "forbidden");
}

TEST_CASE("A rename needs files:write, a move into another directory files:delete", "[keys]") {
  Api anna = new_user(shared_server());
  const std::string home = "/" + anna.username;
  REQUIRE(anna.put(files(home + "/a"), "x").status == 201);
  REQUIRE(anna.post(dirs(home + "/d")).status == 201);
  Api program = with(shared_server(), make_key(anna, R"(["files:read","files:write"])"));
  const auto move = [&](const std::string& from, const std::string& to) {
    return program.post(kApi + "/actions/move",
                        object({{"from", q(home + from)}, {"to", q(home + to)}}));
  };
  CHECK(move("/a", "/b").status == 200);
  check_problem(move("/b", "/d/b"), 403, "forbidden");
  CHECK(anna.events("action=access_denied&limit=1&user=" + anna.username)
            .at(0)["details"]["required_permission"]
            .text() == "files:delete");
  program.access_token =
      make_key(anna, R"(["files:read","files:write","files:delete"])")["secret"].text();
  CHECK(move("/b", "/d/b").status == 200);
}

TEST_CASE("A resumable upload is for keys whose path it goes below", "[keys]") {
  Api anna = new_user(shared_server());
  const std::string home = "/" + anna.username;
  REQUIRE(anna.post(dirs(home + "/in")).status == 201);
  Api inside =
      with(shared_server(), make_key(anna, R"(["files:write"])", member("path", q(home + "/in"))));
  const auto begin = [&](Api& api, const std::string& path) {
    return api.send("POST", kApi + "/uploads",
                    {{"Tus-Resumable", "1.0.0"},
                     {"Upload-Length", "1"},
                     {"Upload-Metadata", "path " + base64(path)}},
                    "");
  };
  CHECK(begin(inside, home + "/in/a").status == 201);
  CHECK(begin(inside, home + "/a").status == 403);
  const Response outside = begin(anna, home + "/b");
  REQUIRE(outside.status == 201);
  const std::string location = outside.header("Location").value_or("");
  const Headers tus{{"Tus-Resumable", "1.0.0"}};
  CHECK(inside.send("HEAD", location, tus, "").status == 403);
  CHECK(inside.send("DELETE", location, tus, "").status == 403);
  CHECK(inside.get(kApi + "/uploads", tus).status == 403);
  CHECK(anna.send("HEAD", location, tus, "").status == 200);
}

TEST_CASE("A key is for its protocols and its addresses alone", "[keys]") {
  Server server{{.extra_toml = "server.trusted_proxies = [\"127.0.0.1\"]\n"}};
  Api anna = new_user(server);
  Api dav = with(server, make_key(anna, R"(["files:read"])", member("protocols", R"(["webdav"])")));
  check_problem(dav.get(kApi + "/usage"), 403, "forbidden");
  CHECK(anna.events("action=access_denied&limit=1&user=" + anna.username)
            .at(0)["details"]["required_permission"]
            .text() == "files:read");
  const Json key = make_key(anna, R"(["files:read"])",
                            member("allow_from", R"(["192.0.2.0/24","2001:db8::/32"])"));
  CHECK(key["allow_from"][1].text() == "2001:db8::/32");
  Api near = with(server, key);
  const auto from = [&](const std::string& address) {
    return near.get(kApi + "/usage", {{"X-Forwarded-For", address}}).status;
  };
  CHECK(from("192.0.2.77") == 200);
  CHECK(from("2001:db8:1::1") == 200);
  CHECK(from("192.0.3.1") == 403);
  CHECK(near.get(kApi + "/auth/me").status == 403);
}

TEST_CASE("A key ends at once: by its owner, an administrator, and the operator", "[keys]") {
  Api anna = new_user(shared_server());
  Api boss = new_user(shared_server(), "admin");
  const std::string page = kApi + "/users/" + anna.username + "/keys";
  const auto id = [](const Json& key) { return key["id"].text(); };
  const Json one = make_key(anna, R"(["files:read"])");
  const Json two = make_key(anna, R"(["files:read"])");
  const Json three = make_key(anna, R"(["files:read"])");
  Api program = with(shared_server(), one);
  REQUIRE(program.get(kApi + "/usage").status == 200);
  CHECK(Json::parse(boss.get(page).body)["items"].size() == 3);
  CHECK(anna.del(kApi + "/auth/keys/" + id(one)).status == 204);
  check_problem(program.get(kApi + "/usage"), 401, "token_revoked");
  check_problem(anna.del(kApi + "/auth/keys/" + id(one)), 404, "not_found");
  check_problem(anna.del(kApi + "/auth/keys/none"), 404, "not_found");

  program.access_token = two["secret"].text();
  REQUIRE(program.get(kApi + "/usage").status == 200);
  Api other = new_user(shared_server());
  check_problem(other.del(kApi + "/auth/keys/" + id(two)), 404, "not_found");
  check_problem(other.get(page), 404, "not_found");
  check_problem(boss.del(kApi + "/users/" + other.username + "/keys/" + id(two)), 404, "not_found");
  CHECK(program.get(kApi + "/usage").status == 200);
  CHECK(boss.del(page + "/" + id(two)).status == 204);
  check_problem(program.get(kApi + "/usage"), 401, "token_revoked");
  const Json event = anna.events("action=key_revoked&limit=1&user=" + boss.username).at(0);
  CHECK(event["resource"].text() == id(two));
  CHECK(event["details"]["username"].text() == anna.username);

  program.access_token = three["secret"].text();
  REQUIRE(program.get(kApi + "/usage").status == 200);
  const ProcessOutput listed = shared_server().ctl({"key", "list", anna.username});
  CHECK(listed.out.find(id(three)) != std::string::npos);
  CHECK(shared_server().ctl({"key", "revoke", id(three)}).exit_code == 0);
  // Another program did that: this server sees it within a second.
  CHECK(soon([&] { return program.get(kApi + "/usage").status == 401; }));
  CHECK(shared_server().ctl({"key", "revoke", id(three)}).exit_code == 1);
  CHECK(shared_server().ctl({"key", "revoke", "three"}).exit_code == 2);
  CHECK(Json::parse(shared_server().ctl({"key", "list", "--json", anna.username}).out)["items"]
            .size() == 0);
}

TEST_CASE("A key of an administrator's spares its owner", "[keys]") {
  Api boss = new_user(shared_server(), "admin");
  const std::string other = make_user(shared_server());
  const std::string own = kApi + "/users/" + boss.username;
  const Json key = make_key(boss, R"(["admin"])");
  Api program = with(shared_server(), key);
  for (const auto& [method, target, body] : std::vector<std::array<std::string, 3>>{
           {"PATCH", own, R"({"password":"another fine pass phrase"})"},
           {"PATCH", own, R"({"enabled":false})"},
           {"DELETE", own, ""},
           {"DELETE", own + "/sessions", ""},
           {"DELETE", own + "/keys/" + key["id"].text(), ""},
           {"DELETE", own + "/totp", ""},
           {"POST", kApi + "/auth/keys", R"({"name":"k","scopes":["admin"]})"},
           {"POST", kApi + "/auth/logout-all", ""}}) {
    INFO(method << " " << target << " " << body);
    check_problem(program.send(method, target, {{"Content-Type", "application/json"}}, body), 403,
                  "forbidden");
    const Json refused = boss.events("action=access_denied&limit=1&user=" + boss.username).at(0);
    CHECK(refused["details"]["required_permission"].text() == "session");
    CHECK(refused["details"]["key"].text() == key["id"].text());
  }
  CHECK(boss.get(kApi + "/auth/me").status == 200);
  CHECK(program.patch(own, R"({"email":"boss@example.org"})").status == 200);
  CHECK(program.patch(kApi + "/users/" + other, R"({"enabled":false})").status == 200);
}

TEST_CASE("A key ends by its expiry", "[keys]") {
  Api anna = new_user(shared_server());
  const Json key =
      make_key(anna, R"(["files:read"])", member("expires_at", q("2099-01-01T00:00:00Z")));
  CHECK(key["expires_at"].text().starts_with("2099-01-01T00:00:00"));
  Api program = with(shared_server(), key);
  REQUIRE(program.get(kApi + "/usage").status == 200);
  const std::string expire = "update keys set expires_at = 1 where id = '" + key["id"].text() + "'";
  sql(shared_server(), expire, expire);
  // The row changed by hand; what ends a session makes the server look again.
  Api again{shared_server(), anna.username};
  REQUIRE(again.post(kApi + "/auth/logout").status == 204);
  check_problem(program.get(kApi + "/usage"), 401, "token_expired");
}

TEST_CASE("Disabling its owner ends a key for good", "[keys]") {
  Api anna = new_user(shared_server());
  Api boss = new_user(shared_server(), "admin");
  Api program = with(shared_server(), make_key(anna, R"(["files:read"])"));
  REQUIRE(program.get(kApi + "/usage").status == 200);
  const std::string page = kApi + "/users/" + anna.username;
  REQUIRE(boss.patch(page, R"({"enabled":false})").status == 200);
  check_problem(program.get(kApi + "/usage"), 401, "token_revoked");
  REQUIRE(boss.patch(page, R"({"enabled":true})").status == 200);
  check_problem(program.get(kApi + "/usage"), 401, "token_revoked");
  CHECK(boss.events("action=key_revoked&user=" + boss.username).size() == 1);
}

TEST_CASE("A change of password ends all keys unless they are kept", "[keys]") {
  Api anna = new_user(shared_server());
  Api boss = new_user(shared_server(), "admin");
  Api program{shared_server()};
  const auto change = [&](const std::string& more) {
    program.access_token = make_key(anna, R"(["files:read"])")["secret"].text();
    REQUIRE(program.get(kApi + "/usage").status == 200);
    REQUIRE(anna.post(kApi + "/auth/password", R"({"current_password":")" + std::string{kPassword} +
                                                   R"(","new_password":")" +
                                                   std::string{kPassword} + "\"" + more + "}")
                .status == 204);
    return program.get(kApi + "/usage").status;
  };
  CHECK(change(R"(,"keep_keys":true)") == 200);
  CHECK(change(R"(,"keep_keys":false)") == 401);
  CHECK(change("") == 401);
  const auto reset = [&](const std::string& more) {
    program.access_token = make_key(anna, R"(["files:read"])")["secret"].text();
    REQUIRE(boss.patch(kApi + "/users/" + anna.username,
                       R"({"password":")" + std::string{kPassword} + "\"" + more + "}")
                .status == 200);
    REQUIRE(anna.login(anna.username, kPassword).status == 200);
    return program.get(kApi + "/usage").status;
  };
  CHECK(reset(R"(,"keep_keys":true)") == 200);
  CHECK(reset("") == 401);
}
