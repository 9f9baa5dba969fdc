#include "baluhost/test/small_disk.hpp"
#include "wire.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <thread>

// The catalogue of events, row by row: what a request leaves in the trail when it succeeds, when it
// is refused and when it fails. The cases share a server, but each step looks only at the events
// that it caused itself. `database_migrated` is in migrate_test.cpp, a download that a crash
// interrupted in record_test.cpp, `suppressed`, which takes a minute, in audit_trail_test.cpp.

using namespace baluhost::test;

namespace {

using Keys = std::vector<std::string>; ///< sorted

constexpr auto kUserAgent = "catalogue/1";

struct Expected {
  std::string action;
  std::optional<std::string> resource;
  Keys details;
  std::string error; ///< empty: it succeeded
};

const std::map<std::string, std::string>& types() {
  static const std::map<std::string, std::string> all = [] {
    const std::map<std::string, Keys> actions{
        {"SECURITY",
         {"login_success", "login_failed", "logout", "logout_all", "session_revoked",
          "token_refresh", "refresh_reuse_detected", "invalid_token", "access_denied",
          "password_changed", "password_change_failed", "role_changed", "permission_granted",
          "permission_revoked", "audit_exported", "audit_verified"}},
        {"USER_MANAGEMENT",
         {"user_created", "user_updated", "user_deleted", "user_enabled", "user_disabled"}},
        {"FILE_ACCESS",
         {"upload", "download", "delete", "move", "rename", "copy", "create_directory"}},
        {"SYSTEM",
         {"server_started", "server_stopped", "schema_migrated", "recovery_completed",
          "backup_created", "database_migrated", "audit_pruned", "keys_rotated", "event_refused"}},
        {"DISK_MONITOR",
         {"disk_space_low", "disk_space_recovered", "integrity_scrub", "blob_damaged"}}};
    std::map<std::string, std::string> made;
    for (const auto& [type, list] : actions) {
      for (const auto& action : list) made[action] = type;
    }
    return made;
  }();
  return all;
}

Server& server() {
  // Strangers' events are few per address; each request here comes from an address of its own.
  static Server started{{.extra_toml =
                             "server.trusted_proxies = [\"127.0.0.1\"]\nauth.max_attempts = "
                             "100000\nfiles.sha1 = true\n"}};
  return started;
}

std::string next_address() {
  static int next = 0;
  ++next;
  return "198.51." + std::to_string(next / 250) + "." + std::to_string(next % 250 + 1);
}

Headers from(const std::string& address, Headers headers = {}) {
  headers.emplace_back("User-Agent", kUserAgent);
  headers.emplace_back("X-Forwarded-For", address);
  return headers;
}

Headers json(Headers headers) {
  headers.emplace_back("Content-Type", "application/json");
  return headers;
}

/// Sends a request and finds the event that it left: exactly one of that action, with everything as
/// expected.
Json check(Api& who, const std::string& method, const std::string& target, const std::string& body,
           int status, const Expected& expected, const std::optional<std::string>& user,
           Headers headers = {}) {
  INFO(method << " " << target << " " << body << " -> " << expected.action);
  const std::string address = next_address();
  const bool is_json =
      !body.empty() && body.front() == '{' && target.find("/files/") == std::string::npos;
  headers = from(address, std::move(headers));
  const Response response = who.send(method, target, is_json ? json(headers) : headers, body);
  INFO(response.body);
  REQUIRE(response.status == status);
  std::vector<Json> events;
  for (int i = 0; i < 1000 && events.empty(); ++i) {
    if (i > 0)
      std::this_thread::sleep_for(
          std::chrono::milliseconds{3}); // downloads are recorded behind their answer
    events = who.events("limit=10&action=" + expected.action + "&ip_address=" + address);
  }
  REQUIRE(events.size() == 1);
  const Json& event = events.front();
  INFO(event.dump());
  CHECK(event["event_type"].text() == types().at(expected.action));
  CHECK(event["action"].text() == expected.action);
  CHECK((event["resource"].is_null() ? std::nullopt : std::optional{event["resource"].text()}) ==
        expected.resource);
  CHECK((event["user"].is_null() ? std::nullopt : std::optional{event["user"].text()}) == user);
  CHECK(event["success"].flag() == expected.error.empty());
  CHECK((event["error_message"].is_null() ? "" : event["error_message"].text()) == expected.error);
  CHECK(event["ip_address"].text() == address);
  CHECK(event["user_agent"].text() == kUserAgent);
  Keys details = event["details"].keys();
  std::erase(details, "peer_address"); // of the proxy that we claim to be
  CHECK(details == expected.details);
  // An operation that is refused or fails leaves no second event.
  if (!expected.error.empty()) CHECK(who.events("limit=10&ip_address=" + address).size() == 1);
  return event;
}

Json check(Api& who, const std::string& method, const std::string& target, const std::string& body,
           int status, const Expected& expected) {
  return check(who, method, target, body, status, expected, who.username);
}

/// Who has no right on it, or no token, is refused: access_denied, or invalid_token.
void check_refused(Api& who, const std::string& method, const std::string& target,
                   const std::string& body, int status, const std::string& resource,
                   const std::string& operation, const std::string& permission) {
  const Json event = check(who, method, target, body, status,
                           {"access_denied",
                            resource,
                            {"operation", "required_permission"},
                            status == 404 ? "not_found" : "forbidden"});
  CHECK(event["details"]["operation"].text() == operation);
  CHECK(event["details"]["required_permission"].text() == permission);
}

void check_without_token(const std::string& method, const std::string& target,
                         const std::string& body) {
  Api stranger{server()};
  const Json event =
      check(stranger, method, target, body, 401,
            {"invalid_token", std::nullopt, {"reason"}, "unauthenticated"}, std::nullopt);
  CHECK(event["details"]["reason"].text() == "missing");
}

std::string credentials(const std::string& name, const std::string& password) {
  return object({{"username", q(name)}, {"password", q(password)}});
}

void alter(const Server& of, const std::string& sql) {
  const auto done =
      database_kind() == "sqlite"
          ? run({"sqlite3", "-cmd", ".timeout 5000", of.data_dir() + "/baluhost.db", sql})
          : run({"psql", "-q", "-d", of.database_url(), "-c", sql});
  REQUIRE(done.exit_code == 0);
}

} // namespace

TEST_CASE("Logins, tokens and sessions are recorded as the catalogue says", "[catalogue]") {
  Api anna = new_user(server());
  Api stranger{server()};
  const std::string login = kApi + "/auth/login", refresh = kApi + "/auth/refresh";

  const Json entered = check(stranger, "POST", login, credentials(anna.username, kPassword), 200,
                             {"login_success", std::nullopt, {"session_id"}, ""}, anna.username);
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

TEST_CASE("What happens to files is recorded as the catalogue says", "[catalogue]") {
  Api anna = new_user(server(), "user", "\"quota_bytes\":1000");
  Api bob = new_user(server());
  const std::string home = "/" + anna.username, path = home + "/a.txt";
  const Keys done{"duration_ms", "file_size", "mime_type",         "replaced",
                  "sha1",        "sha256",    "transfer_rate_mbps"};
  const Keys not_done{"attempted_size", "duration_ms", "mime_type"};

  Json event = check(anna, "PUT", files(path), "hello", 201, {"upload", path, done, ""});
  CHECK(event["details"]["file_size"].integer() == 5);
  CHECK(event["details"]["mime_type"].text() == "text/plain");
  CHECK_FALSE(event["details"]["replaced"].flag());
  CHECK(event["details"]["sha1"].text() == "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d");
  event =
      check(anna, "PUT", files(path) + "?overwrite=true", "hello", 200, {"upload", path, done, ""});
  CHECK(event["details"]["replaced"].flag());
  event =
      check(anna, "PUT", files(path), "hello", 409, {"upload", path, not_done, "already_exists"});
  CHECK(event["details"]["attempted_size"].integer() == 5);
  check(anna, "PUT", files(home + "/big"), std::string(2000, 'x'), 413,
        {"upload", home + "/big", not_done, "quota_exceeded"});
  check(anna, "PUT", files(home + "/no/such"), "hello", 404,
        {"upload", home + "/no/such", not_done, "not_found"});
  check_refused(bob, "PUT", files(path), "hello", 404, path, "upload", "write");
  check_without_token("PUT", files(path), "hello");

  Keys sent{"bytes_sent", "complete", "download_time_ms",  "duration_ms",
            "file_size",  "sha256",   "transfer_rate_mbps"};
  event = check(anna, "GET", files(path), "", 200, {"download", path, sent, ""});
  CHECK(event["details"]["bytes_sent"].integer() == 5);
  CHECK(event["details"]["file_size"].integer() == 5);
  CHECK(event["details"]["complete"].flag());
  sent.insert(sent.begin() + 5, "range");
  event = check(anna, "GET", files(path), "", 206, {"download", path, sent, ""}, anna.username,
                {{"Range", "bytes=1-2"}});
  CHECK(event["details"]["range"].text() == "1-2");
  CHECK(event["details"]["bytes_sent"].integer() == 2);
  check(anna, "GET", files(path), "", 416,
        {"download", path, {"file_size", "sha256"}, "range_not_satisfiable"}, anna.username,
        {{"Range", "bytes=9-"}});
  check(anna, "GET", files(home + "/none"), "", 404, {"download", home + "/none", {}, "not_found"});
  check_refused(bob, "GET", files(path), "", 404, path, "download", "read");
  check_without_token("GET", files(path), "");

  const std::string directory = home + "/dir";
  check(anna, "POST", dirs(directory), "", 201, {"create_directory", directory, {}, ""});
  check(anna, "POST", dirs(directory), "", 409,
        {"create_directory", directory, {}, "already_exists"});
  check_refused(bob, "POST", dirs(home + "/theirs"), "", 404, home + "/theirs", "create_directory",
                "write");
  check_without_token("POST", dirs(directory), "");

  const auto between = [](const std::string& source, const std::string& destination) {
    return object({{"from", q(source)}, {"to", q(destination)}});
  };
  const std::string move = kApi + "/actions/move", copy = kApi + "/actions/copy";
  const Keys went{"destination", "file_count", "source"}, stayed{"destination", "source"};
  event = check(anna, "POST", move, between(path, directory + "/a.txt"), 200,
                {"move", directory + "/a.txt", went, ""});
  CHECK(event["details"]["source"].text() == path);
  CHECK(event["details"]["destination"].text() == directory + "/a.txt");
  CHECK(event["details"]["file_count"].integer() == 1);
  check(anna, "POST", move, between(path, directory + "/b.txt"), 404,
        {"move", directory + "/b.txt", stayed, "not_found"});
  check(anna, "POST", move, between(directory + "/a.txt", directory + "/b.txt"), 200,
        {"rename", directory + "/b.txt", went, ""});
  check(anna, "POST", move, between(directory + "/b.txt", directory + "/b.txt"), 409,
        {"rename", directory + "/b.txt", stayed, "conflict"});
  event = check(anna, "POST", copy, between(directory, home + "/copy"), 201,
                {"copy", home + "/copy", went, ""});
  check(anna, "POST", copy, between(directory, home + "/copy"), 409,
        {"copy", home + "/copy", stayed, "already_exists"});
  for (const auto& target : {move, copy}) {
    const bool moves = target == move;
    check_refused(bob, "POST", target, between(directory, "/" + bob.username + "/x"), 404,
                  directory, moves ? "move" : "copy", moves ? "read,write,delete" : "read");
    check_without_token("POST", target, between(directory, home + "/x"));
    check(anna, "POST", target, "{}", 400,
          {moves ? "move" : "copy", std::nullopt, {}, "invalid_request"});
  }

  event = check(anna, "DELETE", files(directory + "/b.txt"), "", 204,
                {"delete", directory + "/b.txt", {"file_size", "kind"}, ""});
  CHECK(event["details"]["kind"].text() == "file");
  CHECK(event["details"]["file_size"].integer() == 5);
  check(anna, "DELETE", files(home + "/copy"), "", 409,
        {"delete", home + "/copy", {"kind"}, "conflict"});
  check(anna, "DELETE", files(home + "/none"), "", 404,
        {"delete", home + "/none", {}, "not_found"});
  check_refused(bob, "DELETE", files(home + "/copy"), "", 404, home + "/copy", "delete", "delete");
  check_without_token("DELETE", files(home + "/copy"), "");
  const std::string address = next_address();
  REQUIRE(anna.del(files(home + "/copy") + "?recursive=true", from(address)).status == 204);
  const auto tree = anna.events("action=delete&ip_address=" + address);
  REQUIRE(tree.size() == 2);
  for (const Json& one : tree) {
    const bool whole = one["resource"].text() == home + "/copy";
    CHECK((whole || one["resource"].text() == home + "/copy/b.txt"));
    Keys keys = one["details"].keys();
    std::erase(keys, "peer_address");
    CHECK(keys == (whole ? Keys{"file_count", "file_size", "kind", "total_size"}
                         : Keys{"file_size", "kind"}));
    CHECK(one["details"]["file_size"].integer() == 5);
    CHECK(one["details"]["kind"].text() == (whole ? "directory" : "file"));
  }
}

TEST_CASE("Uploads of several requests are recorded at their end, however they end",
          "[catalogue]") {
  Api anna = new_user(server());
  Api bob = new_user(server());
  const std::string path = "/" + anna.username + "/later.txt";
  const std::string uploads = kApi + "/uploads";
  const Headers tus{{"Tus-Resumable", "1.0.0"}};
  const auto plus = [&](Headers more) {
    more.insert(more.begin(), tus.begin(), tus.end());
    return more;
  };
  const std::string metadata = "path " + run({"base64", "-w0"}, {}, path).out;
  const auto start = [&](Api& who) {
    const Response made = who.send(
        "POST", uploads, plus({{"Upload-Length", "5"}, {"Upload-Metadata", metadata}}), "");
    REQUIRE(made.status == 201);
    const std::string location = made.header("Location").value_or("");
    return location.substr(location.find("/api/"));
  };
  const auto chunk = [&](const std::string& offset) {
    return plus({{"Upload-Offset", offset}, {"Content-Type", "application/offset+octet-stream"}});
  };
  const Keys done{"duration_ms", "file_size", "mime_type",         "replaced",
                  "sha1",        "sha256",    "transfer_rate_mbps"};

  check(bob, "POST", uploads, "", 404,
        {"access_denied", path, {"operation", "required_permission"}, "not_found"}, bob.username,
        plus({{"Upload-Length", "5"}, {"Upload-Metadata", metadata}}));
  const std::string first = start(anna);
  check(anna, "PATCH", first, "hello", 409,
        {"upload", path, {"attempted_size", "mime_type"}, "conflict"}, anna.username, chunk("3"));
  check(bob, "PATCH", first, "hello", 404,
        {"access_denied", path, {"operation", "required_permission"}, "not_found"}, bob.username,
        chunk("0"));
  check(anna, "PATCH", first, "hello", 204, {"upload", path, done, ""}, anna.username, chunk("0"));
  check(anna, "POST", uploads, "", 409,
        {"upload", path, {"attempted_size", "duration_ms", "mime_type"}, "already_exists"},
        anna.username, plus({{"Upload-Length", "5"}, {"Upload-Metadata", metadata}}));
  REQUIRE(anna.del(files(path)).status == 204);

  const std::string second = start(anna);
  check(bob, "DELETE", second, "", 404,
        {"access_denied", path, {"operation", "required_permission"}, "not_found"}, bob.username,
        tus);
  check(anna, "DELETE", second, "", 204,
        {"upload", path, {"attempted_size", "mime_type"}, "client_disconnected"}, anna.username,
        tus);
  check(anna, "DELETE", second, "", 404, {"upload", std::nullopt, {}, "not_found"}, anna.username,
        tus);
}

TEST_CASE("What the server does of itself is recorded as the catalogue says", "[catalogue]") {
  const SmallDisk disk("size=8m");
  const std::string filler = disk.path() + "/filler";
  if (disk.mounted()) write_file(filler, std::string(6 << 20, 'x'));
  Server own{
      {.extra_toml = "audit.seal_interval = \"20ms\"\n" +
                     (disk.mounted() ? "files.blob_dir = \"" + disk.path() + "/blobs\"\n" : ""),
       .environment = {{"BALUHOST_FILES__MIN_FREE_BYTES", "4MiB"}}}};
  Api root = admin(own);
  const auto check_system = [&](const std::string& action, const Keys& keys,
                                const std::string& user) {
    INFO(action);
    const auto events = Api{own}.events("limit=1&action=" + action);
    REQUIRE(events.size() == 1);
    INFO(events[0].dump());
    CHECK(events[0]["event_type"].text() == types().at(action));
    CHECK(events[0]["resource"].is_null());
    CHECK(events[0]["success"].flag());
    CHECK(events[0]["details"].keys() == keys);
    if (user.empty())
      CHECK(events[0]["user"].is_null());
    else
      CHECK(events[0]["user"].text().starts_with(user));
    return events[0];
  };
  const Keys space{"free_bytes", "free_inodes", "min_free_bytes", "total_bytes"};
  if (disk.mounted()) {
    for (int i = 0; i < 500 && root.events("action=disk_space_low").empty(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    const Json low = check_system("disk_space_low", space, "");
    CHECK(low["details"]["free_bytes"].integer() < low["details"]["min_free_bytes"].integer());
    CHECK(low["details"]["min_free_bytes"].integer() == 4 << 20);
    std::filesystem::remove(filler);
    for (int i = 0; i < 2000 && root.events("action=disk_space_recovered").empty(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds{10}); // it looks every 5 s
    const Json recovered = check_system("disk_space_recovered", space, "");
    CHECK(recovered["details"]["free_bytes"].integer() >=
          recovered["details"]["min_free_bytes"].integer());
  }
  CHECK(
      check_system("schema_migrated", {"from_version", "to_version"}, "")["details"]["from_version"]
          .integer() == 0);
  check_system("server_started", {"version"}, "");
  REQUIRE(root.put(files("/admin/a"), "content to be hurt").status == 201);
  REQUIRE(own.ctl({"keys", "rotate"}).exit_code == 0);
  check_system("keys_rotated", {"access", "refresh", "removed", "seal"}, "cli:");
  REQUIRE(own.ctl({"files", "scrub"}).exit_code == 0);
  CHECK(check_system("integrity_scrub",
                     {"blobs", "bytes", "complete", "damaged", "duration_ms", "missing", "orphans"},
                     "cli:")["details"]["blobs"]
            .integer() == 1);
  const std::string victim =
      run({"sh", "-c",
           "grep -rl 'to be hurt' " + (disk.mounted() ? disk.path() : own.data_dir()) + "/blobs"})
          .out;
  write_file(victim.substr(0, victim.size() - 1), "content to be HURT");
  REQUIRE(own.ctl({"files", "scrub"}).exit_code == 3);
  check_system("blob_damaged", {"blob", "detail", "file_size", "finding", "paths", "sha256"},
               "cli:");
  TempDirectory directory;
  REQUIRE(own.ctl({"db", "backup", directory.path() + "/b"}).exit_code == 0);
  check_system("backup_created", {"blobs", "bytes", "with_blobs"}, "cli:");
  REQUIRE(own.ctl({"db", "backup", directory.path() + "/b"}).exit_code == 1);
  const auto failed = root.events("limit=1&action=backup_created&success=false");
  REQUIRE(failed.size() == 1);
  CHECK(failed[0]["event_type"].text() == "SYSTEM");
  CHECK(failed[0]["error_message"].text() == "conflict");
  CHECK(failed[0]["details"].keys() == Keys{"with_blobs"});
  CHECK(failed[0]["user"].text().starts_with("cli:"));
  own.kill();
  if (database_kind() == "postgresql")
    alter(own, "update instances set seen_at = seen_at - 61000000"); // else the dead one may still
                                                                     // live for a minute
  own.start();
  check_system("recovery_completed", {"interrupted_downloads", "recovered_events"}, "");
  CHECK(own.stop() == 0);
  own.start();
  check_system("server_stopped", {"uptime_seconds"}, "");
  REQUIRE(own.ctl({"audit", "prune", "--before", "2100-01-01T00:00:00Z"}).exit_code == 0);
  const Json pruned =
      check_system("audit_pruned", {"before", "events", "last_event", "last_seal"}, "cli:");
  CHECK(pruned["details"]["before"].text() == "2100-01-01T00:00:00.000000Z");
  CHECK(pruned["details"]["events"].integer() > 10);
}
