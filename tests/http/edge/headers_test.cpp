#include "routes.hpp"

#include <filesystem>
#include <map>
#include <regex>
#include <set>

// The headers that every response carries, on every route of the OpenAPI document and in every
// class of status that can be brought about.

using namespace baluhost::test;

namespace {

const std::map<std::string, std::string> kAlways{
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
};
const std::string kOwnPolicy =
    "default-src 'self'; form-action 'self'; base-uri 'self'; object-src 'none'; frame-ancestors "
    "'none'";
const std::string kUserPolicy = "default-src 'none'; sandbox";

enum class Content { own, user };

void check_headers(const Response& response, bool tls, Content content = Content::own) {
  REQUIRE(response.status != 0);
  const auto once = [&](const std::string& name, const std::string& value) {
    INFO(name);
    CHECK(response.count(name) == 1);
    CHECK(response.header(name) == value);
  };
  for (const auto& [name, value] : kAlways) once(name, value);
  once("Content-Security-Policy", content == Content::user ? kUserPolicy : kOwnPolicy);
  once("Cache-Control", content == Content::user ? "private, no-cache" : "no-store");
  CHECK(response.count("X-Request-Id") == 1);
  CHECK(response.count("Server") == 0);
  CHECK(response.count("X-Powered-By") == 0);
  if (tls)
    once("Strict-Transport-Security", "max-age=31536000; includeSubDomains");
  else
    CHECK(response.count("Strict-Transport-Security") == 0);
  const bool without_content = response.status == 204 || response.status == 304;
  CHECK(response.count("Content-Type") == (without_content ? 0 : 1));
  if (response.status >= 400) CHECK(response.header("Content-Type") == "application/problem+json");
}

/// The head of an answer, whose content may never end.
Response head_of(HttpClient& client, const Operation& operation, const std::string& target,
                 const std::string& token, const std::string& extra = {}) {
  client.connect();
  const bool json =
      operation.method == "POST" || operation.method == "PUT" || operation.method == "PATCH";
  std::string request =
      operation.method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n" + extra;
  if (!token.empty()) request += "Authorization: Bearer " + token + "\r\n";
  if (json) request += "Content-Type: application/json\r\nContent-Length: 2\r\n";
  client.send(request + "\r\n" + (json ? "{}" : ""));
  return client.read_response(true);
}

std::string second_url(const Server& server) {
  const auto out = std::filesystem::path{server.config_file()}.parent_path() / "stdout-1";
  std::string line = read_file(out);
  return line.substr(line.rfind("http://"), line.size() - line.rfind("http://") - 1);
}

} // namespace

TEST_CASE("Every operation of the OpenAPI document is there, and no other", "[headers]") {
  Server& server = shared_server();
  HttpClient client = server.client();
  CHECK(client.request("GET", kApi + "/openapi.yaml").body ==
        read_file(std::string{BALUHOST_TEST_HTTP_DIR} + "/../../docs/openapi.yaml"));
  const auto all = operations(server);
  REQUIRE(all.size() >= 44);
  for (const Operation& operation : all) {
    INFO(operation.method + " " + operation.path);
    Place place{server};
    const std::string target = place.target(operation);
    const Response response = head_of(client, operation, target, place.api.access_token);
    CHECK(response.status != 0);
    CHECK(response.status < 500);
    CHECK(response.status != 404);
    CHECK(response.status != 405);
  }
  // The methods that the server allows on a path are the document's, and those that go without
  // saying.
  Place place{server};
  std::map<std::string, std::set<std::string>> methods;
  for (const Operation& operation : all) methods[operation.path].insert(operation.method);
  for (auto [path, documented] : methods) {
    INFO(path);
    const Response refused = client.request("TRACE", place.target({path, "TRACE"}), {{"X-A", "1"}});
    check_problem(refused, 405, "method_not_allowed");
    std::set<std::string> allowed;
    const std::string list = refused.header("Allow").value_or("");
    const std::regex word{"[A-Z]+"};
    for (std::sregex_iterator at{list.begin(), list.end(), word}, end; at != end; ++at)
      allowed.insert(at->str());
    documented.insert("OPTIONS");
    if (documented.contains("GET")) documented.insert("HEAD");
    if (path == "/api/v1/dirs/")
      documented.insert("POST"); // as /api/v1/dirs/{path} with an empty path, which is 400
    if (path == "/api/v1/versions/{path}/restore")
      documented.insert({"GET", "HEAD", "DELETE"}); // of a file of that name
    CHECK(allowed == documented);
  }
}

TEST_CASE("Every route has every header in every class of status, over plain HTTP and over TLS",
          "[headers][spec-24][spec-37][spec-38][spec-39][spec-40][spec-41][spec-42][spec-43]"
          "[spec-44][spec-56]") {
  const bool tls = GENERATE(false, true);
  Server server{{.extra_toml = "auth.max_attempts = 100000\n", .tls = tls}};
  HttpClient client = server.client();
  std::set<int> seen;
  const auto check = [&](const Response& response, Content content = Content::own) {
    INFO(response.status);
    check_headers(response, tls, content);
    seen.insert(response.status);
  };
  const std::string other = make_user(server);
  for (const Operation& operation : operations(server)) {
    INFO(operation.method + " " + operation.path);
    Place place{server};
    const std::string target = place.target(operation);
    const bool content = operation.method == "GET" && (operation.path == "/api/v1/files/{path}" ||
                                                       operation.path == "/api/v1/archives/{id}");
    const Response done = head_of(client, operation, target, place.api.access_token);
    check(done, content && done.status == 200 ? Content::user : Content::own);
    check(head_of(client, operation, target, ""));
    check(head_of(client, operation, target, "not.a.token"));
    check(head_of(client, operation, target, Api{server, other}.access_token));
    check(head_of(client, {operation.path, "TRACE"}, target, ""));
    check(head_of(client, {operation.path, "OPTIONS"}, target, ""));
    check(head_of(client, {operation.path, "BREW"}, target, ""));
    check(head_of(client, operation, target + "?no-such-parameter=1", place.api.access_token));
    check(head_of(client, operation, target + "/no/such/thing", place.api.access_token));
    check(head_of(client, operation, target, "",
                  "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"));
    check(head_of(client, operation, target, "", "Expect: tea\r\n"));
    check(head_of(client, operation, target, "", "X-A: " + std::string(17 * 1024, 'a') + "\r\n"));
    check(head_of(client, operation, target + "?" + std::string(9 * 1024, 'a'), ""));
  }
  Place place{server};
  const std::string file = files("/" + place.api.username + "/dir/file.txt");
  const Response whole = place.api.get(file);
  const std::string tag = whole.header("ETag").value_or("");
  check(whole, Content::user);
  check(place.api.get(file, {{"Range", "bytes=1-2"}}), Content::user);
  check(place.api.get(file, {{"If-None-Match", tag}}), Content::user);
  check(place.api.get(file, {{"Range", "bytes=99-"}}));
  check(place.api.get(file, {{"If-Match", "\"other\""}}));
  check(place.api.put(file, "again"));
  check(place.api.put(file + ".new", "more"));
  check(place.api.put(file, "again", {{"Content-Digest", "sha-256=:AAAA:"}}));
  check(place.api.post(kApi + "/users", "{\"username\":" + q(std::string(70'000, 'a')) + "}"));
  check(place.api.send("POST", kApi + "/users", {{"Content-Type", "text/plain"}}, "{}"));
  check(place.api.send("PATCH", kApi + "/uploads/" + place.upload,
                       {{"Tus-Resumable", "1.0.0"},
                        {"Upload-Offset", "0"},
                        {"Content-Type", "application/offset+octet-stream"},
                        {"Upload-Checksum", "sha1 " + base64(std::string(20, 'x'))}},
                       "hello"));
  check(place.api.del(file));
  client.connect();
  client.send("GET / HTTP/3.0\r\n\r\n");
  check(client.read_response());
  client.connect();
  client.send(
      "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: "
      "application/json\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n");
  check(client.read_response());
  for (const int status : {200, 201, 204, 206, 304, 400, 401, 403, 404, 405, 409,
                           412, 413, 414, 415, 416, 417, 431, 460, 501, 505}) {
    INFO(status);
    CHECK(seen.contains(status));
  }
}

TEST_CASE("What the server cannot do for want of space or patience has the headers too",
          "[headers][spec-42][spec-56]") {
  Server server{{.extra_toml = "auth.max_attempts = 1\n",
                 .environment = {{"BALUHOST_FILES__MIN_FREE_BYTES", "900000TiB"}}}};
  Api root = admin(server);
  const Response full = root.put(files("/admin/a.txt"), "hello");
  check_problem(full, 507, "insufficient_storage");
  check_headers(full, false);
  const Response ready = root.get("/readyz");
  CHECK(ready.status == 503);
  CHECK(ready.header("Content-Type") == "application/json");
  CHECK(ready.header("Retry-After").has_value());
  CHECK(ready.header("X-Content-Type-Options") == "nosniff");
  CHECK(Json::parse(ready.body)["status"].text() == "unavailable");
  CHECK(Json::parse(ready.body)["checks"]["disk_space"].text() != "ok");
  CHECK(root.get("/livez").status == 200);
  Api stranger{server};
  while (stranger.login("nobody-here", "wrong").status == 401) {
  }
  const Response throttled = stranger.login("nobody-here", "wrong");
  check_problem(throttled, 429, "rate_limited");
  CHECK(throttled.header("Retry-After").has_value());
  check_headers(throttled, false);
}

TEST_CASE("Redirects and refusals of the plain listener have the headers too, without HSTS",
          "[headers][spec-43][spec-56]") {
  Server server{{.extra_arguments = {"--listen", "127.0.0.1:0", "--listen", "http://127.0.0.1:0"},
                 .tls = true}};
  HttpClient plain{second_url(server)};
  const Response redirect = plain.request("GET", "/index.html");
  CHECK(redirect.status == 308);
  check_headers(redirect, false);
  const Response refused = plain.request("GET", kApi + "/auth/me");
  check_problem(refused, 403, "forbidden");
  check_headers(refused, false);
}
