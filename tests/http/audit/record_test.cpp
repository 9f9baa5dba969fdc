#include "routes.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <thread>

// No operation without its record: every route leaves an event when it succeeds, when it is refused
// and when it fails; what cannot be recorded does not happen; and what a crash cut short is on
// record after the next start.

using namespace baluhost::test;

namespace {

std::string json_of(std::initializer_list<std::pair<std::string, std::string>> texts) {
  std::string out = "{";
  for (const auto& [key, value] : texts)
    out += (out.size() > 1 ? "," : "") + q(key) + ":" + q(value);
  return out + "}";
}

struct Request {
  Api* who;
  std::string target;
  std::string body{};
  Headers headers{};
};

/// What may be asked of a route, and the action that its event then has; none for what the
/// catalogue leaves out.
struct Row {
  Request success;
  std::string done;                 ///< "": succeeding leaves no event
  std::optional<Request> failure{}; ///< of who may do it
  std::string failed{};
  std::optional<Request> refusal{}; ///< of who may not: access_denied
  bool open{false};                 ///< needs no login
};

const Headers kTus{{"Tus-Resumable", "1.0.0"}};

Headers tus(Headers more) {
  more.insert(more.end(), kTus.begin(), kTus.end());
  return more;
}

class Walk {
 public:
  Walk() {
    REQUIRE(anna.put(files(home + "/dir/file.txt") + "?parents=true", "hello").status == 201);
    for (const char* name : {"/gone", "/moved", "/copied"})
      REQUIRE(anna.put(files(home + name), "hello").status == 201);
    event = std::to_string(anna.events("limit=1&user=" + anna.username)[0]["id"].integer());
  }

  /// The events of one request, which comes from an address of its own. `least`: waits for so many,
  /// since some come behind the answer.
  std::vector<Json> send(const std::string& method, const Request& request, bool with_token,
                         std::size_t least, int& status) {
    const std::string address =
        "2001:db8:" + std::to_string(++addresses_) + "::1"; // a network of its own
    HttpClient client = server.client();
    client.connect();
    std::string head = method + " " + request.target +
                       " HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-For: " + address +
                       "\r\nContent-Length: " + std::to_string(request.body.size()) + "\r\n";
    if (with_token && request.who)
      head += "Authorization: Bearer " + request.who->access_token + "\r\n";
    if (request.body.starts_with('{')) head += "Content-Type: application/json\r\n";
    for (const auto& [name, value] : request.headers) head += name + ": " + value + "\r\n";
    client.send(head + "\r\n" + request.body);
    status = client.read_response(request.target.ends_with("/stream") || method == "HEAD").status;
    std::vector<Json> events = root.events("limit=10&ip_address=" + address);
    for (int i = 0; i < 1000 && events.size() < least; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds{3});
      events = root.events("limit=10&ip_address=" + address);
    }
    return events;
  }

  std::string upload_of(Api& who) {
    const Response made = who.send(
        "POST", kApi + "/uploads",
        tus({{"Upload-Length", "5"},
             {"Upload-Metadata", "path " + base64(home + "/up" + std::to_string(++uploads_))}}),
        "");
    REQUIRE(made.status == 201);
    const std::string location = made.header("Location").value_or("");
    return location.substr(location.find("/api/"));
  }

  Server server{
      {.extra_toml = "server.trusted_proxies = [\"127.0.0.1\"]\nauth.max_attempts = 100000\n"}};
  Api root{admin(server)};
  Api anna{new_user(server)};
  Api bob{new_user(server)};
  std::string home{"/" + anna.username};
  std::string event;

 private:
  int addresses_{0};
  int uploads_{0};
};

} // namespace

TEST_CASE(
    "Every operation of the contract leaves its event when it succeeds, when it is refused and "
    "when it fails",
    "[record]") {
  Walk walk;
  Api& anna = walk.anna;
  Api& bob = walk.bob;
  Api& root = walk.root;
  const std::string home = walk.home, file = home + "/dir/file.txt", gone = home + "/no-such";
  const std::string victim = make_user(walk.server), fresh = make_user(walk.server);
  Api leaver = new_user(walk.server), leaver_of_all = new_user(walk.server),
      ender = new_user(walk.server), denied = new_user(walk.server);
  Api ended{walk.server, ender.username};
  REQUIRE(anna.put_json(kApi + "/grants", object({{"path", q(home + "/dir")},
                                                  {"grantee", q(victim)},
                                                  {"rights", "[\"read\"]"}}))
              .status == 201);
  const auto grant = [&](const std::string& grantee) {
    return object({{"path", q(home + "/dir")}, {"grantee", q(grantee)}, {"rights", "[\"read\"]"}});
  };
  const auto revoke = [&](const std::string& grantee) {
    return kApi + "/grants?path=" + percent_encode(home + "/dir") + "&grantee=" + grantee;
  };
  const auto metadata = [&](const std::string& path) { return "path " + base64(path); };
  const Headers chunk =
      tus({{"Upload-Offset", "0"}, {"Content-Type", "application/offset+octet-stream"}});
  const std::string one = walk.upload_of(anna), two = walk.upload_of(anna),
                    three = walk.upload_of(anna);
  const std::string users = kApi + "/users", sessions = kApi + "/auth/sessions/",
                    nobody = users + "/nobody-here";
  const std::string no_upload = kApi + "/uploads/" + std::string(64, '0');

  std::map<std::string, Row> rows{
      {"POST /api/v1/auth/login",
       {{nullptr, kApi + "/auth/login",
         json_of({{"username", bob.username}, {"password", kPassword}})},
        "login_success",
        Request{nullptr, kApi + "/auth/login", "{}"},
        "login_failed",
        {},
        true}},
      {"POST /api/v1/auth/refresh",
       {{nullptr, kApi + "/auth/refresh", json_of({{"refresh_token", bob.refresh_token}})},
        "token_refresh",
        Request{nullptr, kApi + "/auth/refresh", "{\"x\":1}"},
        "token_refresh",
        {},
        true}},
      {"POST /api/v1/auth/logout",
       {{&leaver, kApi + "/auth/logout"},
        "logout",
        Request{&anna, kApi + "/auth/logout?x=1"},
        "logout"}},
      {"POST /api/v1/auth/logout-all",
       {{&leaver_of_all, kApi + "/auth/logout-all"},
        "logout_all",
        Request{&anna, kApi + "/auth/logout-all?x=1"},
        "logout_all"}},
      {"GET /api/v1/auth/me", {{&anna, kApi + "/auth/me"}, ""}},
      {"POST /api/v1/auth/password",
       {{&ended, kApi + "/auth/password",
         json_of({{"current_password", kPassword}, {"new_password", "another fine pass phrase"}})},
        "password_changed",
        Request{
            &anna, kApi + "/auth/password",
            json_of({{"current_password", "wrong"}, {"new_password", "another fine pass phrase"}})},
        "password_change_failed"}},
      {"GET /api/v1/auth/sessions", {{&anna, kApi + "/auth/sessions"}, ""}},
      {"DELETE /api/v1/auth/sessions/{id}",
       {{&anna, sessions + Api(walk.server, anna.username).session_id},
        "session_revoked",
        Request{&anna, sessions + "none"},
        "session_revoked",
        Request{&bob, sessions + anna.session_id}}},
      {"GET /api/v1/users", {{&root, users}, "", {}, "", Request{&anna, users}}},
      {"POST /api/v1/users",
       {{&root, users, json_of({{"username", fresh + "-new"}, {"password", kPassword}})},
        "user_created",
        Request{&root, users, json_of({{"username", fresh}, {"password", kPassword}})},
        "user_created",
        Request{&anna, users, json_of({{"username", "other"}, {"password", kPassword}})}}},
      {"GET /api/v1/users/{username}",
       {{&anna, users + "/" + anna.username},
        "",
        {},
        "",
        Request{&anna, users + "/" + bob.username}}},
      {"PATCH /api/v1/users/{username}",
       {{&root, users + "/" + fresh, "{\"quota_bytes\":5}"},
        "user_updated",
        Request{&root, nobody, "{\"quota_bytes\":5}"},
        "user_updated",
        Request{&anna, users + "/" + fresh, "{\"quota_bytes\":5}"}}},
      {"DELETE /api/v1/users/{username}",
       {{&root, users + "/" + fresh},
        "user_deleted",
        Request{&root, nobody},
        "user_deleted",
        Request{&anna, users + "/" + bob.username}}},
      {"DELETE /api/v1/users/{username}/sessions",
       {{&root, users + "/" + ender.username + "/sessions"},
        "logout_all",
        Request{&root, nobody + "/sessions"},
        "logout_all",
        Request{&anna, users + "/" + bob.username + "/sessions"}}},
      {"PUT /api/v1/grants",
       {{&anna, kApi + "/grants", grant(bob.username)},
        "permission_granted",
        Request{
            &anna, kApi + "/grants",
            object({{"path", q(gone)}, {"grantee", q(bob.username)}, {"rights", "[\"read\"]"}})},
        "permission_granted",
        Request{&denied, kApi + "/grants", grant(bob.username)}}},
      {"GET /api/v1/grants",
       {{&anna, kApi + "/grants"},
        "",
        {},
        "",
        Request{&anna, kApi + "/grants?grantee=" + bob.username}}},
      {"DELETE /api/v1/grants",
       {{&anna, revoke(victim)},
        "permission_revoked",
        Request{&anna, revoke("nobody-here")},
        "permission_revoked",
        Request{&denied, revoke(bob.username)}}},
      {"GET /api/v1/files/{path}",
       {{&anna, files(file)},
        "download",
        Request{&anna, files(gone)},
        "download",
        Request{&denied, files(file)}}},
      {"PUT /api/v1/files/{path}",
       {{&anna, files(home + "/new"), "hello"},
        "upload",
        Request{&anna, files(file), "hello"},
        "upload",
        Request{&denied, files(file), "hello"}}},
      {"DELETE /api/v1/files/{path}",
       {{&anna, files(home + "/gone")},
        "delete",
        Request{&anna, files(gone)},
        "delete",
        Request{&denied, files(file)}}},
      {"GET /api/v1/meta/{path}", {{&anna, meta(file)}, "", {}, "", Request{&denied, meta(file)}}},
      {"GET /api/v1/dirs", {{&anna, kApi + "/dirs"}, ""}},
      {"GET /api/v1/dirs/", {{&anna, kApi + "/dirs/"}, ""}},
      {"GET /api/v1/dirs/{path}", {{&anna, dirs(home)}, "", {}, "", Request{&denied, dirs(home)}}},
      {"POST /api/v1/dirs/{path}",
       {{&anna, dirs(home + "/made")},
        "create_directory",
        Request{&anna, dirs(home + "/dir")},
        "create_directory",
        Request{&denied, dirs(home + "/theirs")}}},
      {"POST /api/v1/actions/move",
       {{&anna, kApi + "/actions/move",
         json_of({{"from", home + "/moved"}, {"to", home + "/dir/moved"}})},
        "move",
        Request{&anna, kApi + "/actions/move", json_of({{"from", gone}, {"to", home + "/dir/x"}})},
        "move",
        Request{&denied, kApi + "/actions/move", json_of({{"from", file}, {"to", home + "/x"}})}}},
      {"POST /api/v1/actions/copy",
       {{&anna, kApi + "/actions/copy",
         json_of({{"from", home + "/copied"}, {"to", home + "/copy"}})},
        "copy",
        Request{&anna, kApi + "/actions/copy", json_of({{"from", gone}, {"to", home + "/x"}})},
        "copy",
        Request{&denied, kApi + "/actions/copy", json_of({{"from", file}, {"to", home + "/x"}})}}},
      {"GET /api/v1/usage", {{&anna, kApi + "/usage"}, ""}},
      {"OPTIONS /api/v1/uploads", {{nullptr, kApi + "/uploads", "", kTus}, "", {}, "", {}, true}},
      // An upload of several requests is one operation: its event comes when it ends, well or not.
      {"POST /api/v1/uploads",
       {{&anna, kApi + "/uploads", "",
         tus({{"Upload-Length", "0"}, {"Upload-Metadata", metadata(home + "/empty")}})},
        "upload",
        Request{&anna, kApi + "/uploads", "",
                tus({{"Upload-Length", "5"}, {"Upload-Metadata", metadata(file)}})},
        "upload",
        Request{&denied, kApi + "/uploads", "",
                tus({{"Upload-Length", "5"}, {"Upload-Metadata", metadata(home + "/x")}})}}},
      {"GET /api/v1/uploads",
       {{&anna, kApi + "/uploads"}, "", {}, "", Request{&denied, kApi + "/uploads?path=" + home}}},
      {"HEAD /api/v1/uploads/{id}",
       {{&anna, one, "", kTus}, "", {}, "", Request{&denied, one, "", kTus}}},
      {"PATCH /api/v1/uploads/{id}",
       {{&anna, one, "hello", chunk},
        "upload",
        Request{&anna, no_upload, "hello", chunk},
        "upload",
        Request{&denied, two, "hello", chunk}}},
      {"DELETE /api/v1/uploads/{id}",
       {{&anna, two, "", kTus},
        "upload",
        Request{&anna, no_upload, "", kTus},
        "upload",
        Request{&denied, three, "", kTus}}},
      {"GET /api/v1/audit/events",
       {{&anna, kEvents}, "", {}, "", Request{&anna, kEvents + "?user=admin"}}},
      {"GET /api/v1/audit/events/{id}",
       {{&anna, kEvents + "/" + walk.event},
        "",
        {},
        "",
        Request{&denied, kEvents + "/" + walk.event}}},
      {"GET /api/v1/audit/stats",
       {{&anna, kApi + "/audit/stats"},
        "",
        {},
        "",
        Request{&anna, kApi + "/audit/stats?user=admin"}}},
      {"GET /api/v1/audit/export",
       {{&root, kApi + "/audit/export?format=csv&user=none"},
        "audit_exported",
        Request{&root, kApi + "/audit/export?format=xml"},
        "audit_exported",
        Request{&anna, kApi + "/audit/export?format=csv"}}},
      {"GET /api/v1/audit/stream",
       {{&root, kApi + "/audit/stream"}, "", {}, "", Request{&anna, kApi + "/audit/stream"}}},
      {"GET /api/v1/audit/seals",
       {{&root, kApi + "/audit/seals"}, "", {}, "", Request{&anna, kApi + "/audit/seals"}}},
      {"POST /api/v1/audit/verify",
       {{&root, kApi + "/audit/verify"},
        "audit_verified",
        Request{&root, kApi + "/audit/verify?x=1"},
        "audit_verified",
        Request{&anna, kApi + "/audit/verify"}}},
      {"GET /api/v1/openapi.yaml", {{nullptr, kApi + "/openapi.yaml"}, "", {}, "", {}, true}},
      {"GET /livez", {{nullptr, "/livez"}, "", {}, "", {}, true}},
      {"GET /readyz", {{nullptr, "/readyz"}, "", {}, "", {}, true}},
      {"GET /healthz", {{nullptr, "/healthz"}, "", {}, "", {}, true}},
  };
  std::set<std::string> walked;
  const auto is_one = [](const std::vector<Json>& events, const std::string& action, bool success) {
    for (const Json& event : events) INFO(event.dump());
    REQUIRE(events.size() == 1);
    CHECK(events[0]["action"].text() == action);
    CHECK(events[0]["success"].flag() == success);
  };
  for (const Operation& operation : operations(walk.server)) {
    const std::string name = operation.method + " " + operation.path;
    INFO(name);
    const auto found = rows.find(name);
    REQUIRE(found != rows.end()); // a new route needs its row here
    walked.insert(name);
    const Row& row = found->second;
    int status = 0;
    if (!row.open) {
      const auto events = walk.send(operation.method, row.success, false, 1, status);
      CHECK(status == 401);
      is_one(events, "invalid_token", false);
    }
    if (row.refusal) {
      const auto events = walk.send(operation.method, *row.refusal, true, 1, status);
      CHECK((status == 403 || status == 404));
      is_one(events, "access_denied", false);
    }
    if (row.failure) {
      const auto events = walk.send(operation.method, *row.failure, true, 1, status);
      CHECK(status >= 400);
      is_one(events, row.failed, false);
    }
    const auto events =
        walk.send(operation.method, row.success, true, row.done.empty() ? 0 : 1, status);
    CHECK(status >= 200);
    CHECK(status < 300);
    if (row.done.empty()) {
      CHECK(events.empty());
    } else {
      bool is_there = false;
      for (const Json& event : events)
        is_there = is_there || (event["action"].text() == row.done &&
                                event["success"].flag() == (name != "DELETE /api/v1/uploads/{id}"));
      CHECK(is_there);
    }
  }
  CHECK(walked.size() == rows.size());
}

TEST_CASE(
    "What cannot be recorded is refused with 503 and does not happen, and the server says that it "
    "is not ready",
    "[record]") {
  Server server{{.extra_toml = "auth.max_attempts = 100000\n"}};
  Api root = admin(server);
  Api anna = new_user(server);
  Api leaver{server, anna.username};
  const std::string home = "/" + anna.username;
  for (const char* name : {"/a", "/b"})
    REQUIRE(anna.put(files(home + name), "hello").status == 201);
  REQUIRE(anna.get("/readyz").status == 200);
  const auto newest = root.events("limit=1")[0]["id"].integer();

  sql(server,
      "create trigger no_event before insert on audit_logs begin select raise(abort, 'refused'); "
      "end;"
      "create trigger no_transfer before insert on transfers begin select raise(abort, 'refused'); "
      "end",
      "create function refuse() returns trigger language plpgsql as $$ begin raise exception "
      "'refused'; end $$;"
      "create trigger no_event before insert on audit_logs for each row execute function refuse();"
      "create trigger no_transfer before insert on transfers for each row execute function "
      "refuse()");
  const auto between = [](const std::string& from, const std::string& to) {
    return json_of({{"from", from}, {"to", to}});
  };
  Api stranger{server};
  std::vector<std::pair<std::string, Response>> refused;
  refused.emplace_back("upload", anna.put(files(home + "/new"), "hello"));
  refused.emplace_back("replacement", anna.put(files(home + "/a") + "?overwrite=true", "other"));
  refused.emplace_back("download", anna.get(files(home + "/a")));
  refused.emplace_back("delete", anna.del(files(home + "/a")));
  refused.emplace_back("directory", anna.post(dirs(home + "/dir")));
  refused.emplace_back("move",
                       anna.post(kApi + "/actions/move", between(home + "/a", home + "/c")));
  refused.emplace_back("copy",
                       anna.post(kApi + "/actions/copy", between(home + "/a", home + "/c")));
  refused.emplace_back("login", stranger.login(anna.username, kPassword));
  refused.emplace_back("failed login", stranger.login(anna.username, "wrong"));
  refused.emplace_back("token", stranger.get(kApi + "/auth/me"));
  refused.emplace_back("refresh", stranger.post(kApi + "/auth/refresh",
                                                json_of({{"refresh_token", anna.refresh_token}})));
  refused.emplace_back("logout", leaver.post(kApi + "/auth/logout"));
  refused.emplace_back(
      "user",
      root.post(kApi + "/users", json_of({{"username", "someone"}, {"password", kPassword}})));
  refused.emplace_back("role",
                       root.patch(kApi + "/users/" + anna.username, json_of({{"role", "admin"}})));
  refused.emplace_back(
      "grant", anna.put_json(
                   kApi + "/grants",
                   object({{"path", q(home)}, {"grantee", q("admin")}, {"rights", "[\"read\"]"}})));
  refused.emplace_back("export", root.get(kApi + "/audit/export?format=csv"));
  refused.emplace_back("denial", anna.get(kApi + "/users"));
  refused.emplace_back("failure", anna.del(files(home + "/none")));
  for (const auto& [what, response] : refused) {
    INFO(what << ": " << response.body);
    check_problem(response, 503, "unavailable");
    CHECK(response.header("Retry-After").has_value());
    CHECK(response.body.find("refused") == std::string::npos);
  }
  const auto readiness = [&] { return anna.get("/readyz"); };
  Response ready = readiness();
  for (int i = 0; i < 400 && ready.status != 503; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
    ready = readiness();
  }
  CHECK(ready.status == 503);
  CHECK(Json::parse(ready.body)["checks"]["audit"].text() == "events cannot be written");
  CHECK(Json::parse(ready.body)["checks"]["database"].text() == "ok");
  CHECK(anna.get("/livez").status == 200);

  sql(server, "drop trigger no_event; drop trigger no_transfer",
      "drop trigger no_event on audit_logs; drop trigger no_transfer on transfers");
  const Response list = anna.get(dirs(home));
  const Json items = Json::parse(list.body)["items"];
  REQUIRE(items.size() == 2);
  CHECK(items[0]["path"].text() == home + "/a");
  CHECK(items[1]["path"].text() == home + "/b");
  CHECK(anna.get(files(home + "/a")).body == "hello");
  CHECK(leaver.get(kApi + "/auth/me").status == 200);
  CHECK(root.get(kApi + "/users/someone").status == 404);
  CHECK(Json::parse(anna.get(kApi + "/auth/me").body)["role"].text() == "user");
  CHECK(Json::parse(anna.get(kApi + "/grants").body)["items"].size() == 0);
  CHECK(anna.post(dirs(home + "/dir")).status == 201);
  CHECK(anna.del(files(home + "/none")).status == 404);
  for (int i = 0; i < 400 && readiness().status != 200; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  CHECK(readiness().status == 200);
  for (const Json& event : root.events("limit=1000&order=asc")) {
    if (event["id"].integer() > newest)
      CHECK(event["action"].text() != "upload"); // nothing was written behind the refusals' backs
  }
}

TEST_CASE("A download that kill -9 cut short is on record after the next start", "[record]") {
  Server server;
  Api anna = new_user(server);
  const std::string path = "/" + anna.username + "/large";
  REQUIRE(anna.put(files(path), std::string(48 << 20, 'x')).status == 201);
  HttpClient reader = server.client();
  reader.connect();
  REQUIRE(reader.send("GET " + files(path) +
                      " HTTP/1.1\r\nHost: x\r\nUser-Agent: slow/1\r\nAuthorization: Bearer " +
                      anna.access_token + "\r\n\r\n"));
  CHECK(reader.read_some(64).starts_with("HTTP/1.1 200"));
  REQUIRE(anna.events("action=download").empty());
  server.kill();
  // Servers that share a database take one another for dead after a minute of silence.
  if (database_kind() == "postgresql")
    sql(server, "", "update instances set seen_at = seen_at - 61000000");
  server.start();
  Api again{server, anna.username};
  const auto events = again.events("action=download");
  REQUIRE(events.size() == 1);
  CHECK(events[0]["user"].text() == anna.username);
  CHECK(events[0]["resource"].text() == path);
  CHECK_FALSE(events[0]["success"].flag());
  CHECK(events[0]["error_message"].text() == "interrupted");
  CHECK(events[0]["ip_address"].text() == "127.0.0.1");
  CHECK(events[0]["user_agent"].text() == "slow/1");
  CHECK(events[0]["details"].keys() ==
        std::vector<std::string>{"bytes_sent", "complete", "file_size", "sha256"});
  CHECK(events[0]["details"]["file_size"].integer() == 48 << 20);
  CHECK_FALSE(events[0]["details"]["complete"].flag());
  const auto recovered = again.events("action=recovery_completed");
  REQUIRE(recovered.size() == 1);
  CHECK(recovered[0]["details"]["interrupted_downloads"].integer() == 1);
}
