#include "wire.hpp"

// What the contract says of logins and their sessions, line by line, beside auth_test.cpp.

using namespace baluhost::test;

TEST_CASE("The reply to a login or refresh says how long its tokens live", "[sessions]") {
  Api anna{shared_server()};
  const std::string name = make_user(shared_server());
  const Json login = Json::parse(anna.login(name, kPassword).body);
  const Json refreshed = Json::parse(
      anna.post(kApi + "/auth/refresh", object({{"refresh_token", q(anna.refresh_token)}})).body);
  for (const Json& reply : {login, refreshed}) {
    CHECK(reply["expires_in"].integer() == 900);
    CHECK(reply["refresh_expires_in"].integer() <= 7 * 86400);
    CHECK(reply["refresh_expires_in"].integer() > 7 * 86400 - 60);
    CHECK(reply["user"].keys() == kUserKeys);
  }
  CHECK(refreshed.keys() == login.keys());
  const Response me = anna.get(kApi + "/auth/me");
  CHECK(me.body == login["user"].dump());
  CHECK(login["user"]["email"].is_null());
  CHECK(login["user"]["quota_bytes"].is_null());
  CHECK(login["user"]["role"].text() == "user");
  CHECK(login["user"]["enabled"].flag());
  CHECK(login["user"]["used_bytes"].integer() == 0);
}

TEST_CASE("A transport is body or cookie", "[sessions]") {
  Api anna{shared_server()};
  const std::string name = make_user(shared_server());
  const auto by = [&](const std::string& transport) {
    return anna.post(
        kApi + "/auth/login",
        object({{"username", q(name)}, {"password", q(kPassword)}, {"transport", transport}}));
  };
  const Response in_body = by("\"body\"");
  CHECK(in_body.status == 200);
  CHECK(Json::parse(in_body.body).has("refresh_token"));
  CHECK_FALSE(in_body.header("Set-Cookie"));
  for (const char* other : {"\"Cookie\"", "\"\"", "null", "true"})
    check_invalid(by(other), "/transport");
  // A token in the body is not taken for a cookie, nor the reverse: the cookie goes with the
  // session that it belongs to.
  const Response by_cookie = by("\"cookie\"");
  const std::string set = by_cookie.header("Set-Cookie").value_or("");
  const Json reply = Json::parse(by_cookie.body);
  const Response out = anna.send("POST", kApi + "/auth/logout",
                                 {{"Authorization", "Bearer " + reply["access_token"].text()},
                                  {"Cookie", set.substr(0, set.find(';'))}},
                                 "");
  CHECK(out.status == 204);
  const std::string cleared = out.header("Set-Cookie").value_or("");
  CHECK(cleared.starts_with("baluhost_refresh=;"));
  CHECK(cleared.find("Max-Age=0") != std::string::npos);
}

TEST_CASE("A logout is recorded with its session and ends no other", "[sessions]") {
  Api anna = new_user(shared_server());
  Api other{shared_server(), anna.username};
  REQUIRE(anna.post(kApi + "/auth/logout").status == 204);
  check_problem(anna.get(kApi + "/auth/me"), 401, "token_revoked");
  CHECK(other.get(kApi + "/auth/me").status == 200);
  const auto events = anna.events("action=logout&user=" + anna.username);
  REQUIRE(events.size() == 1);
  CHECK(events[0]["event_type"].text() == "SECURITY");
  CHECK(events[0]["resource"].text() == anna.session_id);
  check_problem(anna.post(kApi + "/auth/logout"), 401, "token_revoked");
}

TEST_CASE("A session shows when it was used and from where, until it is over", "[sessions]") {
  const std::string name = make_user(shared_server());
  Api first{shared_server()};
  REQUIRE(first
              .send("POST", kApi + "/auth/login",
                    {{"Content-Type", "application/json"}, {"User-Agent", "phone/1"}},
                    object({{"username", q(name)}, {"password", q(kPassword)}}))
              .status == 200);
  Api second{shared_server(), name};
  REQUIRE(second.post(kApi + "/auth/refresh", object({{"refresh_token", q(second.refresh_token)}}))
              .status == 200);
  const Json list = Json::parse(second.get(kApi + "/auth/sessions").body);
  REQUIRE(list["items"].size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const Json session = list["items"][i];
    CHECK(session["ip_address"].text() == "127.0.0.1");
    CHECK(session["expires_at"].text() > session["created_at"].text());
    if (session["current"].flag()) {
      CHECK(session["last_used_at"].text() > session["created_at"].text());
    } else {
      CHECK(session["last_used_at"].text() == session["created_at"].text());
      CHECK(session["user_agent"].text() == "phone/1");
      REQUIRE(second.del(kApi + "/auth/sessions/" + session["id"].text()).status == 204);
      check_problem(second.del(kApi + "/auth/sessions/" + session["id"].text()), 404, "not_found");
    }
  }
  CHECK(Json::parse(second.get(kApi + "/auth/sessions").body)["items"].size() == 1);
  for (const char* id : {"x", "00000000000000000000000000000000", "..%2F..", "%27%20or%201=1"})
    check_problem(second.del(kApi + "/auth/sessions/" + id), 404, "not_found");
}

TEST_CASE("An administrator ends all of a user's sessions", "[sessions]") {
  Api root = admin(shared_server());
  Api anna = new_user(shared_server());
  Api other{shared_server(), anna.username};
  for (Api* api : {&anna, &other}) REQUIRE(api->get(kApi + "/auth/me").status == 200);
  REQUIRE(root.del(kUsers + "/" + anna.username + "/sessions").status == 204);
  for (Api* api : {&anna, &other}) {
    check_problem(api->get(kApi + "/auth/me"), 401, "token_revoked");
    check_problem(
        api->post(kApi + "/auth/refresh", object({{"refresh_token", q(api->refresh_token)}})), 401,
        "token_revoked");
    CHECK(root.events("action=session_revoked&resource=" + api->session_id).size() == 1);
  }
  CHECK(root.get(kApi + "/auth/me").status == 200);
  CHECK(anna.login(anna.username, kPassword).status == 200);
  check_problem(root.del(kUsers + "/nobody-here/sessions"), 404, "not_found");
}

TEST_CASE("A password that an administrator sets ends every session of the user", "[sessions]") {
  Api root = admin(shared_server());
  Api anna = new_user(shared_server());
  const std::string page = kUsers + "/" + anna.username;
  check_invalid(root.patch(page, R"({"password":"password1"})"), "/password");
  CHECK(anna.get(kApi + "/auth/me").status == 200);
  REQUIRE(root.patch(page, R"({"password":"a set pass phrase"})").status == 200);
  check_problem(anna.get(kApi + "/auth/me"), 401, "token_revoked");
  check_problem(anna.login(anna.username, kPassword), 401, "invalid_credentials");
  CHECK(anna.login(anna.username, "a set pass phrase").status == 200);
  const auto changed = root.events("action=password_changed&resource=" + anna.username);
  REQUIRE(changed.size() == 1);
  CHECK(changed[0]["user"].text() == "admin");
  CHECK(root.events("action=password_change_failed&resource=" + anna.username).size() == 1);
}

TEST_CASE("Sessions are listed, and end one by one or all at once", "[sessions]") {
  Api anna = new_user(shared_server());
  Api second{shared_server(), anna.username};
  Api third{shared_server(), anna.username};
  const Json list = Json::parse(anna.get(kApi + "/auth/sessions").body);
  REQUIRE(list["items"].size() == 3);
  int current = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const Json item = list["items"][i];
    CHECK(item.keys() == std::vector<std::string>{"created_at", "current", "expires_at", "id",
                                                  "ip_address", "last_used_at", "user_agent"});
    current += item["current"].flag();
    CHECK(item["current"].flag() == (item["id"].text() == anna.session_id));
  }
  CHECK(current == 1);
  Api stranger = new_user(shared_server());
  check_problem(stranger.del(kApi + "/auth/sessions/" + second.session_id), 404, "not_found");
  REQUIRE(anna.del(kApi + "/auth/sessions/" + second.session_id).status == 204);
  check_problem(second.get(kApi + "/auth/me"), 401, "token_revoked");
  REQUIRE(anna.events("action=session_revoked&resource=" + second.session_id).size() == 1);
  REQUIRE(anna.post(kApi + "/auth/logout-all").status == 204);
  for (Api* api : {&anna, &third}) check_problem(api->get(kApi + "/auth/me"), 401, "token_revoked");
  const auto events = anna.events("action=logout_all&user=" + anna.username);
  REQUIRE(events.size() == 1);
  CHECK(events[0]["details"]["sessions"].integer() == 2);
  CHECK(events[0]["resource"].is_null());
}
