#include "edge/catalogue.hpp"

#include <map>
#include <optional>

// The catalogue of events, row by row: what a request leaves in the trail when it succeeds, when it
// is refused and when it fails. The cases share a server, but each step looks only at the events
// that it caused itself. `database_migrated` is in migrate_test.cpp, a download that a crash
// interrupted in unrecorded_test.cpp, `suppressed`, which takes a minute, in audit_trail_test.cpp;
// files, uploads and the server itself are in catalogue_files_test.cpp.

using namespace baluhost::test;
using namespace baluhost::test::catalogue;

TEST_CASE("Logins, tokens and sessions are recorded as the catalogue says", "[catalogue]") {
  Api anna = new_user(server());
  Api stranger{server()};
  const std::string login = kApi + "/auth/login", refresh = kApi + "/auth/refresh";

  const Json entered =
      check(stranger, "POST", login, credentials(anna.username, kPassword), 200,
            {"login_success", std::nullopt, {"factors", "session_id"}, ""}, anna.username);
  CHECK(entered["details"]["session_id"].text().size() == 32);
  Json failed = check(stranger, "POST", login, credentials(anna.username, "wrong"), 401,
                      {"login_failed", std::nullopt, {"attempted_username"}, "invalid_credentials"},
                      anna.username);
  CHECK(failed["details"]["attempted_username"].text() == anna.username);
  failed = check(stranger, "POST", login, credentials("Nobody At All", "wrong"), 401,
                 {"login_failed", std::nullopt, {"attempted_username"}, "invalid_credentials"},
                 std::nullopt);
  CHECK(failed["details"]["attempted_username"].text() == "Nobody At All");
  check(stranger, "POST", login, "{}", 400, {"login_failed", std::nullopt, {}, "invalid_request"},
        std::nullopt);

  const std::string first = anna.refresh_token;
  const std::string with_first = object({{"refresh_token", q(first)}});
  Json refreshed = check(stranger, "POST", refresh, with_first, 200,
                         {"token_refresh", anna.session_id, {"token_type"}, ""}, anna.username);
  CHECK(refreshed["details"]["token_type"].text() == "refresh");
  check(stranger, "POST", refresh, with_first, 401,
        {"token_refresh", anna.session_id, {"token_type"}, "token_revoked"}, anna.username);
  failed = check(stranger, "POST", refresh, object({{"refresh_token", q("no.such.token")}}), 401,
                 {"invalid_token", std::nullopt, {"reason"}, "unauthenticated"}, std::nullopt);
  CHECK_FALSE(failed["details"]["reason"].text().empty());
  alter(server(), "update refresh_tokens set spent_at = spent_at - 11000000 where session_id = '" +
                      anna.session_id + "'");
  const Json reused =
      check(stranger, "POST", refresh, with_first, 401,
            {"refresh_reuse_detected", anna.session_id, {"revoked_sessions"}, "token_revoked"},
            anna.username);
  CHECK(reused["details"]["revoked_sessions"].integer() == 1);

  Api again{server(), anna.username};
  check(again, "POST", kApi + "/auth/logout", "", 204, {"logout", again.session_id, {}, ""});
  const Json dead = check(again, "POST", kApi + "/auth/logout", "", 401,
                          {"invalid_token", std::nullopt, {"reason"}, "token_revoked"});
  CHECK(dead["details"]["reason"].text() == "revoked");
  check_without_token("POST", kApi + "/auth/logout", "");
  check_without_token("POST", kApi + "/auth/logout-all", "");

  Api one{server(), anna.username};
  Api two{server(), anna.username};
  const std::string sessions = kApi + "/auth/sessions/";
  check(one, "DELETE", sessions + two.session_id, "", 204,
        {"session_revoked", two.session_id, {}, ""});
  check(one, "DELETE", sessions + two.session_id, "", 404,
        {"session_revoked", two.session_id, {}, "not_found"});
  Api bob = new_user(server());
  check_refused(bob, "DELETE", sessions + one.session_id, "", 404, sessions + one.session_id,
                "session_revoked", "admin");
  check_without_token("DELETE", sessions + one.session_id, "");
  Api three{server(), anna.username};
  const Json all = check(one, "POST", kApi + "/auth/logout-all", "", 204,
                         {"logout_all", std::nullopt, {"sessions"}, ""});
  CHECK(all["details"]["sessions"].integer() == 3);
}

TEST_CASE("Changes of passwords and roles are recorded as the catalogue says", "[catalogue]") {
  Api anna = new_user(server());
  Api root = admin(server());
  const std::string password = kApi + "/auth/password", page = kApi + "/users/" + anna.username;
  const auto change = [](const std::string& current, const std::string& next) {
    return object({{"current_password", q(current)}, {"new_password", q(next)}});
  };
  check(anna, "POST", password, change("wrong", "another fine pass phrase"), 401,
        {"password_change_failed", anna.username, {}, "invalid_credentials"});
  check(anna, "POST", password, change(kPassword, "short"), 400,
        {"password_change_failed", anna.username, {}, "invalid_request"});
  check(anna, "POST", password, change(kPassword, "another fine pass phrase"), 204,
        {"password_changed", anna.username, {}, ""});
  check(root, "PATCH", page, object({{"password", q(kPassword)}}), 200,
        {"password_changed", anna.username, {}, ""});
  check(root, "PATCH", page, object({{"password", q("short")}}), 400,
        {"password_change_failed", anna.username, {}, "invalid_request"});
  check_without_token("POST", password, change(kPassword, kPassword));

  const Json changed = check(root, "PATCH", page, object({{"role", q("auditor")}}), 200,
                             {"role_changed", anna.username, {"new_role", "old_role"}, ""});
  CHECK(changed["details"]["old_role"].text() == "user");
  CHECK(changed["details"]["new_role"].text() == "auditor");
  const Json own = check(root, "PATCH", kApi + "/users/admin", object({{"role", q("user")}}), 409,
                         {"role_changed", "admin", {"new_role", "old_role"}, "conflict"});
  CHECK(own["details"]["old_role"].text() == "admin");
  Api bob = new_user(server());
  check_refused(bob, "PATCH", page, object({{"role", q("admin")}}), 404, page, "user_updated",
                "admin");
}

TEST_CASE("Grants are recorded as the catalogue says", "[catalogue]") {
  Api anna = new_user(server());
  Api bob = new_user(server());
  const std::string grants = kApi + "/grants", path = "/" + anna.username + "/shared";
  REQUIRE(anna.post(dirs(path)).status == 201);
  const auto put = [&](const std::string& grantee,
                       const std::string& rights = R"(["read","write"])") {
    return object({{"path", q(path)}, {"grantee", q(grantee)}, {"rights", rights}});
  };
  const Keys keys{"grantee", "permission", "resource"};
  const auto check_details = [&](const Json& event, const std::string& permission) {
    CHECK(event["details"]["grantee"].text() == bob.username);
    CHECK(event["details"]["permission"].text() == permission);
    CHECK(event["details"]["resource"].text() == path);
  };
  check_details(
      check(anna, "PUT", grants, put(bob.username), 201, {"permission_granted", path, keys, ""}),
      "read,write");
  Api root = admin(server());
  check(root, "PUT", grants, put("nobody-here"), 404,
        {"permission_granted", path, keys, "not_found"});
  check(anna, "PUT", grants, put(bob.username, "[]"), 400,
        {"permission_granted", path, {}, "invalid_request"});
  check_refused(bob, "PUT", grants, put(anna.username), 403, path, "permission_granted", "share");
  check_without_token("PUT", grants, put(bob.username));

  const std::string one = grants + "?path=" + percent_encode(path) + "&grantee=" + bob.username;
  check_details(check(anna, "DELETE", one, "", 204, {"permission_revoked", path, keys, ""}),
                "read,write");
  check_details(
      check(anna, "DELETE", one, "", 404, {"permission_revoked", path, keys, "not_found"}), "");
  check_refused(bob, "DELETE", grants + "?path=" + percent_encode(path) + "&grantee=admin", "", 404,
                path, "permission_revoked", "share");
  check_without_token("DELETE", one, "");
}

TEST_CASE("Shares are recorded as the catalogue says", "[catalogue]") {
  Api anna = new_user(server());
  Api bob = new_user(server());
  const std::string shares = kApi + "/shares", path = "/" + anna.username + "/shared";
  REQUIRE(anna.post(dirs(path)).status == 201);
  const auto body = [&](const std::string& rights = R"(["read"])") {
    return object({{"path", q(path)}, {"rights", rights}});
  };
  const Json made =
      check(anna, "POST", shares, body(), 201,
            {"share_created",
             path,
             {"expires_at", "has_password", "max_bytes", "max_uses", "rights", "share"},
             ""});
  CHECK(made["details"]["rights"].text() == "read");
  check(anna, "POST", shares, body("[]"), 400, {"share_created", path, {}, "invalid_request"});
  check_refused(bob, "POST", shares, body(), 404, path, "share_created", "share");
  check_without_token("POST", shares, body());

  const std::string page = shares + "/" + made["details"]["share"].text();
  check(anna, "PATCH", page, R"({"note":"n"})", 200,
        {"share_changed", path, {"changes", "share"}, ""});
  check_refused(bob, "PATCH", page, R"({"note":"n"})", 404, page, "share_changed", "admin");
  check(anna, "POST", page + "/secret", "", 200, {"share_changed", path, {"changes", "share"}, ""});
  check_refused(bob, "GET", page, "", 404, page, "read_share", "admin");
  check_refused(bob, "DELETE", page, "", 404, page, "share_ended", "admin");
  check(anna, "DELETE", page, "", 204, {"share_ended", path, {"share", "uses"}, ""});
  check(anna, "DELETE", page, "", 404, {"share_ended", std::nullopt, {"share"}, "not_found"});
  check_without_token("DELETE", page, "");
}

TEST_CASE("Looks into the audit trail that are to be recorded are", "[catalogue]") {
  Api root = admin(server());
  Api anna = new_user(server());
  const std::string exported = kApi + "/audit/export", verify = kApi + "/audit/verify";
  const Json event = check(root, "GET", exported + "?format=csv&user=nobody-here", "", 200,
                           {"audit_exported", std::nullopt, {"events", "filters", "format"}, ""});
  CHECK(event["details"]["format"].text() == "csv");
  CHECK(event["details"]["events"].integer() == 0);
  CHECK(event["details"]["filters"]["user"].text() == "nobody-here");
  check(root, "GET", exported + "?format=csv&seals=true", "", 400,
        {"audit_exported", std::nullopt, {"format"}, "invalid_request"});
  check(root, "GET", exported + "?format=xml", "", 400,
        {"audit_exported", std::nullopt, {}, "invalid_request"});
  check_refused(anna, "GET", exported + "?format=csv", "", 403, exported, "audit_exported",
                "audit");
  check_without_token("GET", exported + "?format=csv", "");
  const Json verified = check(root, "POST", verify, "", 200,
                              {"audit_verified", std::nullopt, {"events", "ok", "seals"}, ""});
  CHECK(verified["details"]["ok"].flag());
  check(root, "POST", verify + "?x=1", "", 400,
        {"audit_verified", std::nullopt, {}, "invalid_request"});
  check_refused(anna, "POST", verify, "", 403, verify, "audit_verified", "audit");
  check_without_token("POST", verify, "");
}

TEST_CASE("The management of users is recorded as the catalogue says", "[catalogue]") {
  Api root = admin(server());
  Api anna = new_user(server());
  const std::string users = kApi + "/users", name = anna.username + "-made",
                    page = users + "/" + name;
  const std::string wanted = object({{"username", q(name)},
                                     {"password", q(kPassword)},
                                     {"email", q(name + "@example.org")},
                                     {"quota_bytes", "1000"}});
  const auto changes = [](const Json& event) {
    std::map<std::string, std::pair<std::string, std::string>> found;
    for (std::size_t i = 0; i < event["details"]["changes"].size(); ++i) {
      const Json change = event["details"]["changes"][i];
      CHECK(change.keys() == Keys{"field", "from", "to"});
      found[change["field"].text()] = {change["from"].dump(), change["to"].dump()};
    }
    return found;
  };
  using Changes = std::map<std::string, std::pair<std::string, std::string>>;
  const Changes made{{"username", {"null", q(name)}},
                     {"email", {"null", q(name + "@example.org")}},
                     {"role", {"null", "\"user\""}},
                     {"enabled", {"null", "true"}},
                     {"quota_bytes", {"null", "1000"}}};
  CHECK(changes(check(root, "POST", users, wanted, 201, {"user_created", name, {"changes"}, ""})) ==
        made);
  CHECK(changes(check(root, "POST", users, wanted, 409,
                      {"user_created", name, {"changes"}, "already_exists"})) == made);
  check(root, "POST", users, object({{"username", q(name + "2")}, {"password", q("short")}}), 400,
        {"user_created", name + "2", {"changes"}, "invalid_request"});
  check_refused(anna, "POST", users, wanted, 403, users, "user_created", "admin");
  check_without_token("POST", users, wanted);

  CHECK(changes(check(root, "PATCH", page, object({{"quota_bytes", "null"}}), 200,
                      {"user_updated", name, {"changes"}, ""})) ==
        Changes{{"quota_bytes", {"1000", "null"}}});
  const std::string taken = object({{"email", q(name + "@example.org")}});
  check(root, "PATCH", users + "/" + anna.username, taken, 409,
        {"user_updated", anna.username, {"changes"}, "already_exists"});
  check(root, "PATCH", users + "/nobody-here", object({{"quota_bytes", "5"}}), 404,
        {"user_updated", "nobody-here", {}, "not_found"});
  check_refused(anna, "PATCH", page, taken, 404, page, "user_updated", "admin");
  check_without_token("PATCH", page, taken);

  CHECK(changes(check(root, "PATCH", page, object({{"enabled", "false"}}), 200,
                      {"user_disabled", name, {"changes"}, ""})) ==
        Changes{{"enabled", {"true", "false"}}});
  CHECK(changes(check(root, "PATCH", page, object({{"enabled", "true"}}), 200,
                      {"user_enabled", name, {"changes"}, ""})) ==
        Changes{{"enabled", {"false", "true"}}});
  check(root, "PATCH", users + "/admin", object({{"enabled", "false"}}), 409,
        {"user_disabled", "admin", {"changes"}, "conflict"});
  check(root, "PATCH", users + "/nobody-here", object({{"enabled", "true"}}), 404,
        {"user_enabled", "nobody-here", {}, "not_found"});

  check_refused(anna, "DELETE", page + "/sessions", "", 404, page + "/sessions", "session_revoked",
                "admin");
  Api made_one{server(), name};
  check(root, "DELETE", page + "/sessions", "", 204,
        {"session_revoked", made_one.session_id, {}, ""});
  check(root, "DELETE", users + "/nobody-here/sessions", "", 404,
        {"logout_all", std::nullopt, {"username"}, "not_found"});

  check_refused(anna, "DELETE", page, "", 404, page, "user_deleted", "admin");
  check(root, "DELETE", users + "/admin", "", 409,
        {"user_deleted", "admin", {"changes"}, "conflict"});
  CHECK(changes(check(root, "DELETE", page, "", 204, {"user_deleted", name, {"changes"}, ""}))
            .at("username") == std::pair<std::string, std::string>{q(name), "null"});
  check(root, "DELETE", page, "", 404, {"user_deleted", name, {}, "not_found"});
}
