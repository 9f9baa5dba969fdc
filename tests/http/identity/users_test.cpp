#include "wire.hpp"

#include <cctype>
#include <chrono>
#include <thread>

using namespace baluhost::test;

namespace {

std::string user_json(const std::string& name, const std::string& extra = {}) {
  return "{\"username\":" + q(name) + ",\"password\":" + q(kPassword) +
         (extra.empty() ? "" : "," + extra) + "}";
}

} // namespace

TEST_CASE("SQL in a text field is data", "[users][spec-19]") {
  Api root = admin(shared_server());
  const std::string attack = "x'; drop table users; --";
  check_invalid(root.post(kUsers, user_json(attack)), "/username");
  Api stranger{shared_server()};
  check_problem(stranger.login(attack, kPassword), 401, "invalid_credentials");
  check_problem(stranger.login("admin' or '1'='1", "x"), 401, "invalid_credentials");
  Api anna = new_user(shared_server());
  const std::string name = "/" + anna.username + "/it's \"quoted\"; select 1 --%_";
  REQUIRE(anna.put(files(name), "x").status == 201);
  CHECK(Json::parse(anna.get(meta(name)).body)["path"].text() == name);
  CHECK(root.get(kEvents + "?user=" + percent_encode("' or 1=1 --")).status == 200);
  CHECK(Json::parse(root.get(kEvents + "?user=" + percent_encode("' or 1=1 --")).body)["items"]
            .size() == 0);
  CHECK(Json::parse(root.get(kEvents + "?resource_prefix=" + percent_encode(name)).body)["items"]
            .size() == 1);
  CHECK(root.get(kUsers).status == 200);
}

TEST_CASE("An invalid e-mail is refused with the member named", "[users][spec-20]") {
  Api root = admin(shared_server());
  for (const char* email : {"nope", "a@", "@b.example", "a b@c.example", "a@b..example",
                            "a@b.example\\n", "a@b@c.example", " a@b.example"}) {
    INFO(email);
    check_invalid(
        root.post(kUsers, user_json("mail-test", "\"email\":\"" + std::string{email} + "\"")),
        "/email");
  }
  const std::string name = make_user(shared_server());
  check_invalid(root.patch(kUsers + "/" + name, R"({"email":"nope"})"), "/email");
  CHECK(root.patch(kUsers + "/" + name, object({{"email", q(name + "@Example.ORG")}})).status ==
        200);
}

TEST_CASE("HTML in a text field is refused or stored as it is and never rendered",
          "[users][spec-22]") {
  Api root = admin(shared_server());
  check_invalid(root.post(kUsers, user_json("<b>bold</b>")), "/username");
  Api anna = new_user(shared_server());
  const std::string path = "/" + anna.username + "/<img src=x onerror=alert(1)>.html";
  REQUIRE(anna.put(files(path), "<script>alert(1)</script>").status == 201);
  const Response listed = anna.get(dirs("/" + anna.username));
  CHECK(listed.header("Content-Type") == "application/json");
  CHECK(listed.header("X-Content-Type-Options") == "nosniff");
  const Response got = anna.get(files(path));
  CHECK(got.header("Content-Disposition").value_or("").starts_with("attachment"));
  CHECK(got.header("Content-Security-Policy") == "default-src 'none'; sandbox");
  CHECK(got.header("X-Content-Type-Options") == "nosniff");
}

TEST_CASE("NUL in any field is refused", "[users][spec-26]") {
  Api root = admin(shared_server());
  CHECK(
      root.post(kUsers, R"({"username":"nul\u0000name","password":"a fine pass phrase"})").status ==
      400);
  CHECK(
      root.post(kUsers, R"({"username":"nulname","password":"a fine\u0000pass phrase"})").status ==
      400);
  CHECK(
      root.post(
              kUsers,
              R"({"username":"nulname","password":"a fine pass phrase","email":"a\u0000@b.example"})")
          .status == 400);
  CHECK(root.get(kEvents + "?user=a%00b").status == 400);
  CHECK(root.get(kApi + "/files/admin/a%00b").status == 400);
  CHECK(root.post(kApi + "/actions/move", R"({"from":"/admin/a\u0000","to":"/admin/b"})").status ==
        400);
  CHECK(root.put_json(kApi + "/grants",
                      R"({"path":"/admin/a\u0000","grantee":"admin","rights":["read"]})")
            .status == 400);
}

TEST_CASE("Username length limits", "[users][spec-28]") {
  Api root = admin(shared_server());
  check_invalid(root.post(kUsers, user_json("a")), "/username");
  check_invalid(root.post(kUsers, user_json(std::string(33, 'a'))), "/username");
  check_invalid(root.post(kUsers, user_json("")), "/username");
  const std::string longest = (database_kind() == "sqlite" ? "s" : "p") + std::string(31, 'z');
  CHECK(root.post(kUsers, user_json(longest)).status == 201);
  CHECK(root.get(kUsers + "/" + longest).status == 200);
}

TEST_CASE("Password minimum and maximum, before hashing", "[users][spec-29]") {
  Api root = admin(shared_server());
  const auto with = [&](const std::string& name, const std::string& password) {
    return root.post(kUsers, object({{"username", q(name)}, {"password", q(password)}}));
  };
  check_invalid(with("pw-short", "1234567"), "/password");
  check_invalid(with("pw-long", std::string(1025, 'x')), "/password");
  check_invalid(with("pw-common", "password1"), "/password");
  check_invalid(with("pw-itself", "my pw-itself!"), "/password");
  std::string longest;
  while (longest.size() < 1024) longest += "correct horse ";
  longest.resize(1024);
  longest.back() = 'x';
  const std::string name = database_kind() + "-longest";
  CHECK(with(name, longest).status == 201);
  Api user{shared_server()};
  CHECK(user.login(name, longest).status == 200);
  CHECK(user.login(name, longest.substr(0, 1023)).status == 401);
}

TEST_CASE("Every text field has a limit in code points", "[users][spec-30]") {
  Api root = admin(shared_server());
  check_invalid(root.post(kUsers, user_json("limits", "\"email\":" +
                                                          q(std::string(250, 'a') + "@b.example"))),
                "/email");
  Api anna = new_user(shared_server());
  const std::string home = "/" + anna.username + "/";
  std::string wide; // 255 bytes of four each and a rest
  for (int i = 0; i < 63; ++i) wide += "\xF0\x9F\x98\x80";
  CHECK(anna.put(files(home + wide + "abc"), "x").status == 201);
  CHECK(anna.put(files(home + wide + "abcd"), "x").status == 400);
  // The agent is cut at 500 code points, not refused, on both databases alike.
  std::string agent;
  for (int i = 0; i < 600; ++i) agent += "\xC3\xA9";
  Api talker{shared_server()};
  REQUIRE(talker
              .send("POST", kApi + "/auth/login",
                    {{"Content-Type", "application/json"}, {"User-Agent", agent}},
                    object({{"username", q(anna.username)}, {"password", q(kPassword)}}))
              .status == 200);
  const auto events = anna.events("action=login_success&limit=1&user=" + anna.username);
  REQUIRE(events.size() == 1);
  CHECK(events[0]["user_agent"].text() == agent.substr(0, 1000));
}

TEST_CASE("A wrong JSON type is 400 with the pointer to it", "[users][spec-31]") {
  Api root = admin(shared_server());
  check_invalid(root.post(kUsers, R"({"username":1,"password":"a fine pass phrase"})"),
                "/username");
  check_invalid(root.post(kUsers, R"({"username":"typed","password":["a fine pass phrase"]})"),
                "/password");
  check_invalid(
      root.post(kUsers,
                R"({"username":"typed","password":"a fine pass phrase","quota_bytes":"1"})"),
      "/quota_bytes");
  check_invalid(
      root.post(kUsers,
                R"({"username":"typed","password":"a fine pass phrase","quota_bytes":1.5})"),
      "/quota_bytes");
  check_invalid(
      root.post(kUsers, R"({"username":"typed","password":"a fine pass phrase","extra":true})"),
      "/extra");
  check_problem(root.post(kUsers, R"(["username"])"), 400, "invalid_request");
}

TEST_CASE("Booleans are booleans", "[users][spec-32]") {
  Api root = admin(shared_server());
  const std::string name = make_user(shared_server());
  for (const char* value : {"1", "0", "\"true\"", "null", "[]"})
    check_invalid(root.patch(kUsers + "/" + name, "{\"enabled\":" + std::string{value} + "}"),
                  "/enabled");
  CHECK(root.patch(kUsers + "/" + name, R"({"enabled":false})").status == 200);
  check_problem(root.put(files("/admin/x") + "?overwrite=1", "x"), 400, "invalid_request");
}

TEST_CASE("Surrounding white space is refused", "[users][spec-33]") {
  Api root = admin(shared_server());
  for (const char* name : {" spaced", "spaced ", "spa ced", "\\tspaced"})
    check_invalid(root.post(kUsers, "{\"username\":\"" + std::string{name} +
                                        "\",\"password\":\"a fine pass phrase\"}"),
                  "/username");
  CHECK(root.put(files("/admin/ lead"), "x").status == 400);
  CHECK(root.put(files("/admin/trail "), "x").status == 400);
}

TEST_CASE("Unicode is normalised where equality matters", "[users][spec-34]") {
  Api anna = new_user(shared_server());
  const std::string composed = "/" + anna.username + "/caf\xC3\xA9";
  const std::string decomposed = "/" + anna.username + "/cafe\xCC\x81";
  REQUIRE(anna.put(files(decomposed), "x").status == 201);
  check_problem(anna.put(files(composed), "x"), 409, "already_exists");
  CHECK(Json::parse(anna.get(meta(decomposed)).body)["path"].text() == composed);
  Api root = admin(shared_server());
  const std::string name = make_user(shared_server());
  REQUIRE(
      root.patch(kUsers + "/" + name, object({{"password", q("mot de passe e\xCC\x81t\xC3\xA9")}}))
          .status == 200);
  Api user{shared_server()};
  CHECK(user.login(name, "mot de passe \xC3\xA9te\xCC\x81").status == 200);
}

TEST_CASE("Usernames are case-insensitive", "[users][spec-35]") {
  const std::string name = make_user(shared_server());
  std::string upper = name;
  for (char& c : upper) c = static_cast<char>(std::toupper(c));
  Api root = admin(shared_server());
  check_problem(root.post(kUsers, user_json(upper)), 409, "already_exists");
  Api user{shared_server()};
  CHECK(user.login(upper, kPassword).status == 200);
  CHECK(user.username == name);
}

TEST_CASE("A role change takes effect at once, keeps the session, and is recorded with both roles",
          "[users][spec-77]") {
  Api root = admin(shared_server());
  Api anna = new_user(shared_server());
  check_problem(anna.get(kApi + "/audit/seals"), 403, "forbidden");
  REQUIRE(root.patch(kUsers + "/" + anna.username, R"({"role":"auditor"})").status == 200);
  CHECK(anna.get(kApi + "/audit/seals").status == 200);
  REQUIRE(root.patch(kUsers + "/" + anna.username, R"({"role":"user"})").status == 200);
  check_problem(anna.get(kApi + "/audit/seals"), 403, "forbidden");
  const auto events = anna.events("action=role_changed&resource=" + anna.username);
  REQUIRE(events.size() == 2);
  CHECK(events[1]["details"].keys() == std::vector<std::string>{"new_role", "old_role"});
  CHECK(events[1]["details"]["old_role"].text() == "user");
  CHECK(events[1]["details"]["new_role"].text() == "auditor");
  CHECK(events[1]["user"].text() == "admin");
}

TEST_CASE("Disabling ends the sessions for good, at once", "[users]") {
  Api root = admin(shared_server());
  Api anna = new_user(shared_server());
  REQUIRE(anna.get(kApi + "/auth/me").status == 200);
  REQUIRE(root.patch(kUsers + "/" + anna.username, R"({"enabled":false})").status == 200);
  check_problem(anna.get(kApi + "/auth/me"), 401, "token_revoked");
  REQUIRE(root.patch(kUsers + "/" + anna.username, R"({"enabled":true})").status == 200);
  check_problem(anna.get(kApi + "/auth/me"), 401, "token_revoked");
  CHECK(Api{shared_server()}.login(anna.username, kPassword).status == 200);
  CHECK(anna.events("action=user_disabled&resource=" + anna.username).size() == 1);
  CHECK(anna.events("action=user_enabled&resource=" + anna.username).size() == 1);
}

TEST_CASE("Changes through baluhostctl reach a running server within a second", "[users]") {
  Api anna = new_user(shared_server());
  REQUIRE(anna.get(kApi + "/auth/me").status == 200);
  REQUIRE(shared_server().ctl({"user", "disable", anna.username}).exit_code == 0);
  std::this_thread::sleep_for(std::chrono::seconds{1});
  check_problem(anna.get(kApi + "/auth/me"), 401, "token_revoked");
  const auto events = anna.events("action=user_disabled&resource=" + anna.username);
  REQUIRE(events.size() == 1);
  CHECK(events[0]["user"].text().starts_with("cli:"));
}

TEST_CASE("The last administrator stays, and nobody changes their own role", "[users]") {
  Server server;
  Api root = admin(server);
  for (const char* change : {R"({"role":"user"})", R"({"enabled":false})"})
    check_problem(root.patch(kUsers + "/admin", change), 409, "conflict");
  check_problem(root.del(kUsers + "/admin"), 409, "conflict");
  const std::string second = make_user(server, "admin");
  check_problem(root.patch(kUsers + "/admin", R"({"role":"user"})"), 409, "conflict"); // one's own
  CHECK(root.patch(kUsers + "/" + second, R"({"role":"user"})").status == 200);
}

TEST_CASE("Users are made, shown, changed and deleted by administrators only", "[users]") {
  Api root = admin(shared_server());
  Api anna = new_user(shared_server());
  const std::string other = make_user(shared_server());
  check_problem(anna.get(kUsers), 403, "forbidden");
  check_problem(anna.post(kUsers, user_json("by-anna")), 403, "forbidden");
  check_problem(anna.get(kUsers + "/" + other), 404, "not_found");
  check_problem(anna.patch(kUsers + "/" + anna.username, R"({"quota_bytes":5})"), 403, "forbidden");
  CHECK(anna.get(kUsers + "/" + anna.username).status == 200);
  const Response made =
      root.post(kUsers, user_json(other + "x", "\"role\":\"auditor\",\"quota_bytes\":1000"));
  REQUIRE(made.status == 201);
  CHECK(made.header("Location") == kUsers + "/" + other + "x");
  CHECK(Json::parse(made.body).keys() ==
        std::vector<std::string>{"created_at", "email", "enabled", "id", "quota_bytes", "role",
                                 "updated_at", "used_bytes", "username"});
  const auto created = root.events("action=user_created&resource=" + other + "x");
  REQUIRE(created.size() == 1);
  const Json changes = created[0]["details"]["changes"];
  for (std::size_t i = 0; i < changes.size(); ++i) {
    CHECK(changes[i].keys() == std::vector<std::string>{"field", "from", "to"});
    CHECK(changes[i]["from"].is_null());
  }
  REQUIRE(anna.put(files("/" + anna.username + "/kept"), "x").status == 201);
  check_problem(root.del(kUsers + "/" + anna.username), 409, "conflict");
  CHECK(root.del(kUsers + "/" + anna.username + "?purge=true").status == 204);
  check_problem(anna.get(kApi + "/auth/me"), 401, "token_revoked");
  CHECK(root.events("action=user_deleted&resource=" + anna.username).size() ==
        1 + 1); // refused once, done once
  CHECK(root.events("action=delete&resource=/" + anna.username + "/kept").size() == 1);
  CHECK(root.del(kUsers + "/" + other + "/sessions").status == 204);
}

TEST_CASE("A grant gives rights below a path, is recorded, and ends", "[users][spec-78][spec-79]") {
  Api anna = new_user(shared_server());
  Api bob = new_user(shared_server());
  const std::string home = "/" + anna.username;
  REQUIRE(anna.put(files(home + "/shared/doc.txt") + "?parents=true", "text").status == 201);
  check_problem(bob.get(files(home + "/shared/doc.txt")), 404, "not_found");
  const std::string grants = kApi + "/grants";
  const auto give = [&](Api& who, const std::string& path, const std::string& rights) {
    return who.put_json(
        grants, object({{"path", q(path)}, {"grantee", q(bob.username)}, {"rights", rights}}));
  };
  const Response given = give(anna, home + "/shared", R"(["read"])");
  REQUIRE(given.status == 201);
  CHECK(Json::parse(given.body).keys() ==
        std::vector<std::string>{"created_at", "granted_by", "grantee", "path", "rights"});
  CHECK(bob.get(files(home + "/shared/doc.txt")).body == "text");
  check_problem(bob.put(files(home + "/shared/new.txt"), "x"), 403, "forbidden");
  check_problem(bob.del(files(home + "/shared/doc.txt")), 403, "forbidden");
  check_problem(bob.get(files(home + "/other")), 404, "not_found");
  CHECK(give(anna, home + "/shared", R"(["read","write"])").status == 200);
  const Response written = bob.put(files(home + "/shared/new.txt"), "x");
  REQUIRE(written.status == 201);
  CHECK(Json::parse(written.body)["owner"].text() == anna.username);
  check_problem(give(bob, home + "/shared", R"(["read"])"), 403, "forbidden");
  // It belongs to the directory: it follows a rename.
  REQUIRE(anna.post(kApi + "/actions/move",
                    object({{"from", q(home + "/shared")}, {"to", q(home + "/renamed")}}))
              .status == 200);
  CHECK(bob.get(files(home + "/renamed/doc.txt")).status == 200);
  REQUIRE(
      anna.del(grants + "?path=" + percent_encode(home + "/renamed") + "&grantee=" + bob.username)
          .status == 204);
  check_problem(bob.get(files(home + "/renamed/doc.txt")), 404, "not_found");

  const auto granted = anna.events("action=permission_granted&user=" + anna.username);
  REQUIRE(granted.size() == 2);
  CHECK(granted[0]["details"].keys() ==
        std::vector<std::string>{"grantee", "permission", "resource"});
  CHECK(granted[0]["details"]["permission"].text() == "read,write");
  CHECK(granted[0]["resource"].text() == home + "/shared");
  CHECK(granted[0]["details"]["grantee"].text() == bob.username);
  CHECK(anna.events("action=permission_revoked&user=" + anna.username).size() == 1);
  const auto denied = anna.events("action=access_denied&user=" + bob.username);
  REQUIRE(denied.size() >= 4);
  CHECK(denied[0]["details"].keys() ==
        std::vector<std::string>{"operation", "required_permission"});
}
