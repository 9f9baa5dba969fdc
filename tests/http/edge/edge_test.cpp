#include "wire.hpp"

#include <chrono>
#include <regex>
#include <set>
#include <thread>

// What every request meets, whatever its route: methods, the order of the checks, JSON, lists,
// probes and metrics. Framing is in malformed_test.cpp.

using namespace baluhost::test;

TEST_CASE("An unknown method is 501 and the connection goes on", "[edge]") {
  HttpClient client = shared_server().client();
  for (const char* method : {"BREW", "get", "PROPFIND"})
    check_problem(client.request(method, "/livez", {{"X-A", "1"}}), 501, "not_implemented");
  CHECK(client.request("GET", "/livez").status == 200);
}

TEST_CASE("A broken percent-encoding is refused", "[edge]") {
  Api anna = new_user(shared_server());
  for (const char* bad : {"%", "%4", "%zz", "%00", "%ff", "%c0%af"}) {
    INFO(bad);
    check_problem(anna.get(files("/" + anna.username + "/") + bad), 400, "invalid_request");
  }
}

TEST_CASE("A wrong method is 405 with the ones that are allowed, before any login", "[edge]") {
  HttpClient client = shared_server().client();
  for (const auto& [method, target, allowed] :
       std::vector<std::tuple<std::string, std::string, std::string>>{
           {"PUT", kApi + "/auth/login", "POST, OPTIONS"},
           {"POST", kApi + "/auth/me", "GET, HEAD, OPTIONS"},
           {"PATCH", kApi + "/files/anna/a", "GET, HEAD, PUT, DELETE, OPTIONS"},
           {"DELETE", kApi + "/users", "GET, HEAD, POST, OPTIONS"},
           {"POST", "/livez", "GET, HEAD, OPTIONS"}}) {
    INFO(method + " " + target);
    const Response response = client.request(method, target);
    check_problem(response, 405, "method_not_allowed");
    CHECK(response.header("Allow") == allowed);
  }
  for (const char* target : {"/", "/api", "/api/v2/auth/me", "/api/v1/users/a/b", "/livez/",
                             "/metrics", "//livez", "/api/v1/../v1/auth/me"}) {
    INFO(target);
    check_problem(client.request("GET", target), 404, "not_found");
  }
}

TEST_CASE("Checks come in their order: method, token, rights, content type, body", "[edge]") {
  Api anna = new_user(shared_server());
  Api stranger{shared_server()};
  const std::string users = kApi + "/users";
  const Headers text{{"Content-Type", "text/plain"}};
  check_problem(stranger.send("PUT", users, text, "x"), 405, "method_not_allowed");
  check_problem(stranger.send("POST", users, text, "x"), 401, "unauthenticated");
  check_problem(anna.send("POST", users, text, "x"), 403, "forbidden");
  Api root = admin(shared_server());
  check_problem(root.send("POST", users, text, "x"), 415, "unsupported_media_type");
  check_problem(root.send("POST", users, {}, "{}"), 415, "unsupported_media_type");
  check_problem(
      root.send("POST", users, {{"Content-Type", "application/json; charset=utf-16"}}, "{}"), 415,
      "unsupported_media_type");
  check_problem(
      root.send("POST", users, {{"Content-Type", "application/json; charset=UTF-8"}}, "x"), 400,
      "invalid_request");
}

TEST_CASE("A JSON body beyond 64 KiB is 413, and its sender is not asked for it", "[edge]") {
  Api root = admin(shared_server());
  const std::string big = "{\"username\":" + q(std::string(70'000, 'a')) + "}";
  check_problem(root.post(kApi + "/users", big), 413, "payload_too_large");
  check_problem(root.send("POST", kApi + "/users",
                          {{"Content-Type", "application/json"}, {"Transfer-Encoding", "chunked"}},
                          "11178\r\n" + big),
                413, "payload_too_large");
  HttpClient client = shared_server().client();
  client.connect();
  client.send("POST /api/v1/users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
              root.access_token +
              "\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nContent-Length: "
              "70000\r\n\r\n");
  CHECK(client.read_response().status == 413);
  client.connect();
  client.send(
      "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nExpect: "
      "100-continue\r\nContent-Length: 2\r\n\r\n");
  CHECK(client.read_response().status == 100);
  client.send("{}");
  check_problem(client.read_response(), 400, "invalid_request");
}

TEST_CASE("JSON is read strictly", "[edge][spec-26][spec-31][spec-32]") {
  Api root = admin(shared_server());
  const auto create = [&](const std::string& json) { return root.post(kApi + "/users", json); };
  const std::string good = R"("username":"strict-one","password":"a fine pass phrase")";
  const auto nested = [](int depth) {
    return "{\"username\":" + std::string(static_cast<std::size_t>(depth - 1), '[') +
           std::string(static_cast<std::size_t>(depth - 1), ']') + "}";
  };
  for (const std::string& json : std::vector<std::string>{
           "[]",
           "null",
           "1",
           "\"x\"",
           "{",
           "{" + good,
           "{" + good + ",}",
           "{" + good + "} x",
           "{" + good + "}{}",
           "{'username':'a'}",
           "{" + good + "/**/}",
           "\xef\xbb\xbf{" + good + "}",
           "{\"username\":\"a\xff"
           "b\",\"password\":\"a fine pass phrase\"}",
           "{\"username\":\"a\xc0\xaf\",\"password\":\"a fine pass phrase\"}",
           "{\"username\":\"\xed\xa0\x80\",\"password\":\"a fine pass phrase\"}",
           "{\"username\":\"a\tb\",\"password\":\"a fine pass phrase\"}",
           "{" + good + ",\"quota_bytes\":NaN}",
           R"({"username":"\ud800","password":"a fine pass phrase"})",
           "{" + good + ",\"quota_bytes\":01}",
           std::string{"{\0}", 3}}) {
    INFO(json);
    check_problem(create(json), 400, "invalid_request");
  }
  check_invalid(create("{" + good + ",\"nickname\":1}"), "/nickname");
  check_invalid(create("{" + good + ",\"a/b~c\":1}"), "/a~1b~0c");
  check_invalid(create("{" + good + ",\"username\":\"other\"}"), "/username");
  check_invalid(create(R"({"username":"a\u0000b","password":"a fine pass phrase"})"), "/username");
  check_invalid(create(R"({"username":1,"password":"a fine pass phrase"})"), "/username");
  check_invalid(create("{" + good + ",\"quota_bytes\":1.5}"), "/quota_bytes");
  check_invalid(create("{" + good + ",\"quota_bytes\":\"1\"}"), "/quota_bytes");
  check_invalid(create(nested(32)), "/username");
  const Response deep = create(nested(33));
  check_problem(deep, 400, "invalid_request");
  CHECK(deep.body.find("\"/username\"") == std::string::npos);
  CHECK(create("{\"username\":" + std::string(60'000, '[') + "}").status == 400);
  const std::string name = make_user(shared_server());
  for (const char* flag : {"1", "\"true\"", "null"})
    check_invalid(root.patch(kApi + "/users/" + name, std::string{"{\"enabled\":"} + flag + "}"),
                  "/enabled");
  CHECK(root.get(kApi + "/users/strict-one").status == 404);
}

TEST_CASE("A request's id is kept if it is one, and made otherwise", "[edge]") {
  HttpClient client = shared_server().client();
  for (const std::string& id : {std::string{"a"}, std::string{"A-b_c.9"}, std::string(64, 'x')})
    CHECK(client.request("GET", "/livez", {{"X-Request-Id", id}}).header("X-Request-Id") == id);
  std::set<std::string> made;
  for (const std::string& id :
       {std::string{}, std::string{"a b"}, std::string{"a\"b"}, std::string{"<b>"},
        std::string{"caf\xc3\xa9"}, std::string(65, 'x')}) {
    const std::string given =
        client.request("GET", "/livez", {{"X-Request-Id", id}}).header("X-Request-Id").value_or("");
    CHECK(given != id);
    CHECK(std::regex_match(given, std::regex{"[A-Za-z0-9._-]{1,64}"}));
    made.insert(given);
  }
  CHECK(made.size() == 6);
  check_problem(client.request("GET", "/nothing", {{"X-Request-Id", "mine"}}), 404, "not_found");
}

TEST_CASE("Every list has the same limits and cursors, and refuses other parameters", "[edge]") {
  Api root = admin(shared_server());
  for (int i = 0; i < 3; ++i)
    REQUIRE(root.post(dirs("/admin/list-" + std::to_string(i)) + "?parents=true").status / 100 ==
            2);
  for (const std::string list : {"/users", "/auth/sessions", "/dirs", "/dirs/", "/dirs/admin",
                                 "/audit/events", "/audit/seals", "/grants", "/search"}) {
    INFO(list);
    const std::string target = kApi + list +
                               (list == "/grants"   ? "?grantee=admin&"
                                : list == "/search" ? "?q=list&"
                                                    : "?");
    for (const char* bad : {"limit=0", "limit=1001", "limit=-1", "limit=x", "limit=", "limit=1.5",
                            "limit=%2B1", "limit=99999999999999999999", "cursor=garbage",
                            "cursor=%00", "limit=1&limit=2", "offset=1", "limit=1&x"}) {
      INFO(bad);
      check_problem(root.get(target + bad), 400, "invalid_request");
    }
    for (const char* good : {"limit=1", "limit=1000"}) {
      const Response response = root.get(target + good);
      REQUIRE(response.status == 200);
      const Json page = Json::parse(response.body);
      CHECK(page.keys() == std::vector<std::string>{"items", "next_cursor"});
      CHECK(page["items"].size() <= (std::string{good} == "limit=1" ? 1u : 1000u));
    }
  }
  // A page at a time shows each name once, though names are added before and after it meanwhile.
  std::vector<std::string> names;
  std::string cursor;
  for (int pages = 0; pages < 1000; ++pages) {
    const Json page = Json::parse(root.get(dirs("/admin") + "?limit=1" + cursor).body);
    for (std::size_t i = 0; i < page["items"].size(); ++i)
      names.push_back(page["items"][i]["name"].text());
    if (pages == 0) root.post(dirs("/admin/aaaa") + "?parents=true");
    if (page["next_cursor"].is_null()) break;
    cursor = "&cursor=" + percent_encode(page["next_cursor"].text());
  }
  CHECK(std::ranges::is_sorted(names));
  CHECK(std::ranges::adjacent_find(names) == names.end());
  for (int i = 0; i < 3; ++i) CHECK(std::ranges::count(names, "list-" + std::to_string(i)) == 1);
}

TEST_CASE(
    "Metrics have a listener of their own, the names of the contract, and no user or path in a "
    "label",
    "[edge]") {
  Server server{{.extra_toml = "metrics.listen = \"127.0.0.1:0\"\n"}};
  Api anna = new_user(server);
  REQUIRE(anna.put(files("/" + anna.username + "/secret-name.txt"), "hello").status == 201);
  REQUIRE(anna.get(files("/" + anna.username + "/secret-name.txt")).status == 200);
  CHECK(anna.get("/no/such/place").status == 404);
  CHECK(anna.login(anna.username, "wrong").status == 401);
  check_problem(anna.get("/metrics"), 404, "not_found");

  std::smatch url;
  std::string log = server.stderr_text();
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (!std::regex_search(log, url, std::regex{"metrics on (http://[0-9.:]+)"}) &&
         std::chrono::steady_clock::now() < deadline) {
    std::this_thread::yield();
    log = server.stderr_text();
  }
  REQUIRE(url.size() == 2);
  HttpClient metrics{url[1]};
  check_problem(metrics.request("GET", "/livez"), 404, "not_found");
  check_problem(metrics.request("GET", kApi + "/auth/me"), 404, "not_found");
  const Response response = metrics.request("GET", "/metrics");
  REQUIRE(response.status == 200);
  CHECK(response.header("Content-Type").value_or("").starts_with("text/plain; version=0.0.4"));
  for (const char* name :
       {"baluhost_http_requests_total{method=\"PUT\",route=\"/api/v1/files/{path}\",code=\"201\"} "
        "1\n",
        "baluhost_http_request_duration_seconds_bucket{route=",
        "baluhost_http_request_duration_seconds_sum",
        "baluhost_http_request_duration_seconds_count",
        "baluhost_transfer_bytes_total{direction=\"in\"} 5\n",
        "baluhost_uploads_total{result=\"success\"} 1\n",
        "baluhost_login_attempts_total{result=\"failure\"} 1\n",
        "baluhost_audit_events_total{event_type=\"FILE_ACCESS\"}",
        "baluhost_audit_unsealed_events ", "baluhost_audit_write_failures_total 0\n",
        "baluhost_audit_events_refused_total 0\n", "baluhost_commit_group_size_bucket{le=",
        "baluhost_worker_queue_length{pool=", "baluhost_database_retries_total ",
        "baluhost_build_info{version=\""}) {
    INFO(name);
    CHECK(response.body.find(name) != std::string::npos);
  }
  for (const std::string& leak :
       {anna.username, std::string{"secret-name"}, std::string{"127.0.0.1"},
        std::string{"/no/such"}, std::string{"\"admin\""}}) {
    INFO(leak);
    CHECK(response.body.find(leak) == std::string::npos);
  }
  const std::set<std::string> known{"method", "route",      "code", "le",     "direction",
                                    "result", "event_type", "pool", "version"};
  const std::regex label{"[{,](\\w+)=\""};
  for (std::sregex_iterator at{response.body.begin(), response.body.end(), label}, end; at != end;
       ++at)
    CHECK(known.contains((*at)[1]));
}

TEST_CASE("The server says whether it lives and whether it is ready", "[edge]") {
  HttpClient client = shared_server().client();
  CHECK(client.request("GET", "/livez").status == 200);
  for (const char* target : {"/readyz", "/healthz"}) {
    const Response response = client.request("GET", target);
    REQUIRE(response.status == 200);
    const Json json = Json::parse(response.body);
    CHECK(json.keys() == std::vector<std::string>{"checks", "status"});
    CHECK(json["status"].text() == "ready");
    CHECK(json["checks"].keys() ==
          std::vector<std::string>{"audit", "blob_store", "database", "disk_space"});
    for (const std::string& check : json["checks"].keys())
      CHECK(json["checks"][check.c_str()].text() == "ok");
  }
}

TEST_CASE("A NUL after a JSON body hides nothing", "[edge][fault-20]") {
  Api anna = new_user(shared_server());
  const std::string home = "/" + anna.username;
  REQUIRE(anna.put(files(home + "/a"), "x").status == 201);
  const std::string body = object({{"from", q(home + "/a")}, {"to", q(home + "/b")}}) + '\0';
  for (const std::string& more :
       {std::string{}, std::string{",\"overwrite\":true}"}, std::string{"rubbish"}}) {
    check_problem(anna.post(kApi + "/actions/move", body + more), 400, "invalid_request");
    check_problem(anna.post(kApi + "/actions/copy", body + more), 400, "invalid_request");
  }
  for (const char* route : {"/auth/login", "/auth/refresh", "/auth/password"})
    check_problem(anna.post(kApi + route, std::string{"{}\0", 3}), 400, "invalid_request");
  CHECK(anna.get(meta(home + "/a")).status == 200);
}

TEST_CASE("An encoded JSON body is 415 with the encoding that is taken", "[edge][fault-25b]") {
  Api anna = new_user(shared_server());
  for (const char* coding : {"gzip", "br", "x", "gzip, identity"}) {
    INFO(coding);
    const Response response = anna.post(kApi + "/auth/login", "{}", {{"Content-Encoding", coding}});
    check_problem(response, 415, "unsupported_media_type");
    CHECK(response.header("Accept-Encoding") == "identity");
    check_problem(anna.put(files("/" + anna.username + "/a"), "x", {{"Content-Encoding", coding}}),
                  415, "unsupported_media_type");
  }
  check_problem(anna.post(kApi + "/auth/login", "{}", {{"Content-Encoding", "Identity"}}), 400,
                "invalid_request");
}

TEST_CASE("A number that is too large is called so", "[edge][fault-29]") {
  Api root = admin(shared_server());
  const Response limit = root.get(kEvents + "?limit=4611686018427387904");
  check_invalid(limit, "/limit");
  CHECK(limit.body.find("between 1 and 1000") != std::string::npos);
  CHECK(root.get(kEvents + "?limit=99999999999999999999")
            .body.find("must not be larger than 9223372036854775807") != std::string::npos);
}
