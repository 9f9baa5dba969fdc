#include "wire.hpp"

#include <chrono>
#include <random>
#include <regex>
#include <set>
#include <thread>

// What arrives before a route is known: framing in every form that two programs could read
// differently. Each request here carries a second one behind it; an answer to that one is a
// smuggled request.

using namespace baluhost::test;

namespace {

const std::string kHidden = "GET /livez HTTP/1.1\r\nHost: x\r\nX-Request-Id: hidden\r\n\r\n";

struct Malformed {
  std::string name;
  std::string bytes;
  int status{400};
  std::string code{"invalid_request"};
};

std::string get(const std::string& fields, const std::string& target = "/livez",
                const std::string& version = "HTTP/1.1") {
  return "GET " + target + " " + version + "\r\n" + fields + "\r\n";
}

std::string post(const std::string& fields, const std::string& body) {
  return "POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n" +
         fields + "\r\n" + body;
}

std::string chunked(const std::string& body) {
  return post("Transfer-Encoding: chunked\r\n", body);
}

std::string many_fields(int count) {
  std::string fields;
  for (int i = 0; i < count; ++i) fields += "X-" + std::to_string(i) + ": 1\r\n";
  return fields;
}

std::vector<Malformed> malformed_requests() {
  const std::string host = "Host: x\r\n";
  const std::string cl = "Content-Length: 2\r\n", te = "Transfer-Encoding: chunked\r\n",
                    end = "0\r\n\r\n";
  return {
      {"Content-Length, then Transfer-Encoding", post(cl + te, end)},
      {"Transfer-Encoding, then Content-Length", post(te + cl, end)},
      {"both, the length 0", post("Content-Length: 0\r\n" + te, end)},
      {"an unknown coding", post("Transfer-Encoding: xchunked\r\n", end), 501, "not_implemented"},
      {"identity", post("Transfer-Encoding: identity\r\n", end), 501, "not_implemented"},
      {"gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", end), 501, "not_implemented"},
      {"chunked, gzip", post("Transfer-Encoding: chunked, gzip\r\n", end), 501, "not_implemented"},
      {"chunked twice in a list", post("Transfer-Encoding: chunked, chunked\r\n", end)},
      {"Transfer-Encoding twice", post(te + te, end)},
      {"Transfer-Encoding twice, the first unknown", post("Transfer-Encoding: x\r\n" + te, end),
       501, "not_implemented"},
      {"Transfer-Encoding empty", post("Transfer-Encoding:\r\n", end)},
      {"chunked in quotes", post("Transfer-Encoding: \"chunked\"\r\n", end)},
      {"chunked and a vertical tab", post("Transfer-Encoding: \x0b"
                                          "chunked\r\n",
                                          end)},
      {"Transfer-Encoding in HTTP/1.0",
       "POST /api/v1/auth/login HTTP/1.0\r\nHost: x\r\n" + te + "\r\n" + end},
      {"Content-Length twice, different", post(cl + "Content-Length: 40\r\n", "{}")},
      {"Content-Length twice, equal", post(cl + cl, "{}")},
      {"Content-Length as a list", post("Content-Length: 2, 2\r\n", "{}")},
      {"Content-Length with a plus", post("Content-Length: +5\r\n", "{}   ")},
      {"Content-Length negative", post("Content-Length: -1\r\n", "{}")},
      {"Content-Length hexadecimal", post("Content-Length: 0x2\r\n", "{}")},
      {"Content-Length with a fraction", post("Content-Length: 2.0\r\n", "{}")},
      {"Content-Length empty", post("Content-Length:\r\n", "{}")},
      {"Content-Length beyond 64 bits", post("Content-Length: 18446744073709551618\r\n", "{}")},
      {"Content-Length beyond 63 bits", post("Content-Length: 9223372036854775808\r\n", "{}")},
      {"a chunk's size is no number", chunked("x\r\n{}\r\n" + end)},
      {"a chunk's size is negative", chunked("-2\r\n{}\r\n" + end)},
      {"a chunk's size has a prefix", chunked("0x2\r\n{}\r\n" + end)},
      {"a chunk's size is empty", chunked("\r\n{}\r\n" + end)},
      {"a chunk's size overflows", chunked("10000000000000002\r\n{}\r\n" + end)},
      {"a chunk is longer than its size", chunked("2\r\n{}}\r\n" + end)},
      {"a chunk ends with a bare feed", chunked("2\r\n{}\n" + end)},
      {"a chunk's head ends with a bare feed", chunked("2\n{}\r\n" + end)},
      {"a chunk's head goes on in the next line, in quotes", chunked("2;a=\"\r\n{}\r\n" + end)},
      {"a chunk's extension has a bare feed in quotes", chunked("2;a=\"\n\"\r\n{}\r\n" + end)},
      {"a chunk's extensions never end", chunked("2;" + std::string(9 * 1024, 'a'))},
      {"a trailer goes on in the next line", chunked("2\r\n{}\r\n0\r\nX-A: 1\r\n b\r\n\r\n")},
      {"a trailer names a length", chunked("2\r\n{}\r\n0\r\nContent-Length: 2\r\n\r\n")},
      {"a field goes on in the next line", get(host + "X-A: 1\r\n b\r\n")},
      {"Transfer-Encoding hidden by a fold",
       post("X-A: 1\r\n Transfer-Encoding: chunked\r\n", end)},
      {"the first field is indented", get(" X-A: 1\r\n" + host)},
      {"no Host", get("")},
      {"Host twice", get(host + "Host: y\r\n")},
      {"Host twice, equal", get(host + host)},
      {"Host empty", get("Host:\r\n")},
      {"Host with a user", get("Host: a@b\r\n")},
      {"Host with a path", get("Host: a/b\r\n")},
      {"Host with a space", get("Host: a b\r\n")},
      {"Host with a bad port", get("Host: a:99999\r\n")},
      {"Host with a port that is no number", get("Host: a:8x\r\n")},
      {"Host with a broken IPv6 address", get("Host: [::1\r\n")},
      {"raw bytes in the target", get(host, "/caf\xc3\xa9")},
      {"a broken byte in the target", get(host, "/\xff")},
      {"a tab in the target", get(host, "/a\tb")},
      {"a space in the target", get(host, "/a b")},
      {"a fragment in the target", get(host, "/livez#x")},
      {"a backslash in the target", get(host, "/\\livez")},
      {"an absolute target without a host", get(host, "http:///livez")},
      {"an absolute target with a user", get(host, "http://a@x/livez")},
      {"an absolute target of another scheme", get(host, "ftp://x/livez")},
      {"an absolute target without Host", get("", "http://x/livez")},
      {"an absolute target, Host twice", get(host + host, "http://x/livez")},
      {"two empty lines before the request", "\r\n\r\n" + get(host)},
      {"a target without a slash", get(host, "livez")},
      {"the target * for GET", get(host, "*")},
      {"the target of a proxy", "CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"101 fields", get(host + many_fields(100)), 431, "header_too_large"},
      {"a head of more than 16 KiB", get(host + "X-A: " + std::string(17 * 1024, 'a') + "\r\n"),
       431, "header_too_large"},
      {"a head that never ends",
       get(host).substr(0, get(host).size() - 2) + "X-A: " + std::string(20 * 1024, 'a'), 431,
       "header_too_large"},
      {"a target of more than 8 KiB", get(host, "/" + std::string(8 * 1024, 'a')), 414,
       "uri_too_long"},
      {"a target that never ends", "GET /" + std::string(20 * 1024, 'a'), 414, "uri_too_long"},
      {"bare feeds only", "GET /livez HTTP/1.1\nHost: x\n\n"},
      {"one bare feed", "GET /livez HTTP/1.1\r\nHost: x\nX-A: 1\r\n\r\n"},
      {"a bare return", "GET /livez HTTP/1.1\r\nHost: x\rX-A: 1\r\n\r\n"},
      {"NUL in a value", get(host + "X-A: a" + std::string(1, '\0') + "b\r\n")},
      {"NUL in a name", get(host + "X-A" + std::string(1, '\0') + ": a\r\n")},
      {"NUL in the target", get(host, "/a" + std::string(1, '\0'))},
      {"DEL in a value", get(host + "X-A: \x7f\r\n")},
      {"a space before the colon", get(host + "X-A : 1\r\n")},
      {"a space before the colon of Transfer-Encoding",
       post("Transfer-Encoding : chunked\r\n", end)},
      {"a tab before the colon of Content-Length", post("Content-Length\t: 2\r\n", "{}")},
      {"a field without a colon", get(host + "X-A\r\n")},
      {"a field without a name", get(host + ": 1\r\n")},
      {"a name in quotes", get(host + "\"X\": 1\r\n")},
      {"Authorization twice", get(host + "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n")},
      {"Content-Type twice", post(cl + "Content-Type: text/plain\r\n", "{}")},
      {"HTTP/2.0", get(host, "/livez", "HTTP/2.0"), 505, "http_version_not_supported"},
      {"HTTP/0.9", get(host, "/livez", "HTTP/0.9"), 505, "http_version_not_supported"},
      {"HTTP/1.2", get(host, "/livez", "HTTP/1.2"), 505, "http_version_not_supported"},
      {"no version", "GET /livez\r\nHost: x\r\n\r\n"},
      {"a version in small letters", get(host, "/livez", "http/1.1")},
      {"a version with two digits", get(host, "/livez", "HTTP/1.10")},
      {"another protocol", get(host, "/livez", "RTSP/1.0")},
      {"a method that is no token", "G(T /livez HTTP/1.1\r\nHost: x\r\n\r\n"},
      {"a method without end", std::string(33, 'A') + " /livez HTTP/1.1\r\nHost: x\r\n\r\n", 501,
       "not_implemented"},
      {"a TLS greeting", "\x16\x03\x01\x02" + std::string(16, '\0') + "\r\n\r\n"},
      {"the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505,
       "http_version_not_supported"},
      {"an unknown expectation", post("Expect: 200-ok\r\n" + cl, "{}"), 417, "expectation_failed"},
      {"a second expectation", post("Expect: 100-continue\r\nExpect: x\r\n" + cl, "{}")},
  };
}

std::size_t occurrences(const std::string& text, const std::string& needle) {
  std::size_t count = 0;
  for (auto at = text.find(needle); at != std::string::npos; at = text.find(needle, at + 1))
    ++count;
  return count;
}

/// The status codes of all answers in a stream of bytes.
std::vector<int> statuses(const std::string& text) {
  std::vector<int> found;
  for (auto at = text.find("HTTP/1.1 "); at != std::string::npos;
       at = text.find("HTTP/1.1 ", at + 1)) {
    if (at + 12 < text.size() && std::isdigit(static_cast<unsigned char>(text[at + 9])) != 0 &&
        text[at + 12] == ' ') {
      found.push_back(std::stoi(text.substr(at + 9, 3)));
    }
  }
  return found;
}

std::string mutated(std::string text, std::mt19937& random) {
  const auto below = [&](std::size_t n) {
    return static_cast<std::size_t>(random() % std::max<std::size_t>(n, 1));
  };
  static const std::string kSpecial =
      std::string{"\r\n\t :;,/%\"\\{}[]?&=#*+-0\x7f\x80\xff"} + '\0';
  for (auto rounds = 1 + below(4); rounds > 0; --rounds) {
    const auto at = below(text.size());
    switch (below(5)) {
      case 0:
        text[at] = static_cast<char>(below(256));
        break;
      case 1:
        text[at] = kSpecial[below(kSpecial.size())];
        break;
      case 2:
        text.insert(at, 1, kSpecial[below(kSpecial.size())]);
        break;
      case 3:
        text.erase(at, 1 + below(8));
        break;
      default:
        text.insert(at, text.substr(below(text.size()), 1 + below(24)));
    }
    if (text.empty()) text = "G";
  }
  return text;
}

} // namespace

TEST_CASE("A malformed request is refused, the connection ends, and nothing behind it is answered",
          "[edge]") {
  HttpClient client = shared_server().client();
  for (const Malformed& request : malformed_requests()) {
    INFO(request.name);
    client.connect();
    client.send(request.bytes + kHidden);
    const std::string answer = client.read_until_closed();
    REQUIRE(statuses(answer) == std::vector<int>{request.status});
    CHECK(client.closed_by_server());
    CHECK(answer.find("\r\nConnection: close\r\n") != std::string::npos);
    CHECK(answer.find("\r\nContent-Type: application/problem+json\r\n") != std::string::npos);
    CHECK(answer.find("\"code\":" + q(request.code)) != std::string::npos);
    CHECK(occurrences(answer, "X-Request-Id:") == 1);
    CHECK(answer.find("hidden") == std::string::npos);
  }
  CHECK(client.request("GET", "/livez").status == 200);
}

TEST_CASE("Well-formed requests behind one another on one connection are answered each, in order",
          "[edge]") {
  HttpClient client = shared_server().client();
  client.connect();
  const auto named = [](const std::string& id) { return "X-Request-Id: " + id + "\r\n"; };
  client.send(get("Host: x\r\n" + named("one")) +
              post(named("two") + "Content-Length: 2\r\n", "{}") +
              post(named("three") + "Transfer-Encoding: chunked\r\n",
                   "1;a=b\r\n{\r\n1\r\n}\r\n0\r\nX-Trailer: 1\r\n\r\n") +
              kHidden);
  for (const auto& [id, status] : std::vector<std::pair<std::string, int>>{
           {"one", 200}, {"two", 400}, {"three", 400}, {"hidden", 200}}) {
    const Response response = client.read_response();
    CHECK(response.header("X-Request-Id") == id);
    CHECK(response.status == status);
  }
}

TEST_CASE("The limits of a head are where they are said to be", "[edge]") {
  HttpClient client = shared_server().client();
  const auto status = [&](const std::string& request) {
    client.connect();
    client.send(request);
    return client.read_response().status;
  };
  CHECK(status(get("Host: x\r\n" + many_fields(99))) == 200);
  CHECK(status(get("Host: x\r\n", "/" + std::string(8 * 1024 - 1, 'a'))) == 404);
  const std::string small = get("Host: x\r\nX-A: \r\n");
  CHECK(status(get("Host: x\r\nX-A: " + std::string(16 * 1024 - small.size(), 'a') + "\r\n")) ==
        200);
  CHECK(status(get("Host: x\r\nX-A: " + std::string(16 * 1024 - small.size() + 1, 'a') + "\r\n")) ==
        431);
}

TEST_CASE("Ten thousand damaged requests bring no error of the server's own, no hang and no crash",
          "[edge]") {
  const std::string host = "Host: localhost\r\n";
  const std::vector<std::string> models{
      get(host + "Authorization: Bearer a.b.c\r\n", "/api/v1/audit/events?limit=5&order=asc"),
      get(host + "Range: bytes=0-5\r\nIf-None-Match: \"x\", W/\"y\"\r\n",
          "/api/v1/files/anna/a%20b.txt"),
      post("Content-Length: 31\r\n", R"({"username":"a","password":"b"})"),
      chunked("1f\r\n{\"username\":\"a\",\"password\":\"b\"}\r\n0\r\n\r\n"),
      "OPTIONS /api/v1/uploads HTTP/1.1\r\n" + host +
          "Origin: https://a.example\r\nAccess-Control-Request-Method: PUT\r\n\r\n",
      "PUT /api/v1/files/anna/x HTTP/1.1\r\n" + host +
          "Expect: 100-continue\r\nContent-Length: 3\r\nRepr-Digest: sha-256=:AAAA:\r\n\r\nabc",
      "PATCH /api/v1/uploads/1 HTTP/1.1\r\n" + host +
          "Upload-Offset: 0\r\nTus-Resumable: 1.0.0\r\nContent-Length: 3\r\n\r\nabc",
  };
  std::mt19937 random{20261124};
  HttpClient client = shared_server().client();
  constexpr int kMutants = 10'000;
  int answered = 0;
  for (int i = 0; i < kMutants; ++i) {
    const std::string request =
        mutated(models[static_cast<std::size_t>(i) % models.size()], random);
    client.connect();
    client.send(request);
    client.end_sending();
    const std::string answer = client.read_until_closed();
    INFO(Catch::StringMaker<std::string>::convert(request));
    REQUIRE(client.closed_by_server());
    for (const int status : statuses(answer)) {
      ++answered;
      CHECK((status < 500 || status == 501 || status == 505));
    }
  }
  CHECK(answered > kMutants / 2);
  CHECK(shared_server().client().request("GET", "/readyz").status == 200);
}

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
                                 "/audit/events", "/audit/seals", "/grants"}) {
    INFO(list);
    const std::string target = kApi + list + (list == "/grants" ? "?grantee=admin&" : "?");
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
  // A page at a time shows each name once, though names are added in front and behind meanwhile.
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

TEST_CASE("A NUL behind a JSON body hides nothing", "[edge][fault-20]") {
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

TEST_CASE("A target may be absolute, on every route, and its host counts", "[edge][fault-25]") {
  HttpClient client = shared_server().client();
  client.connect();
  const std::string id = "Host: other.example\r\nX-Request-Id: ";
  client.send(get(id + "one\r\n", "http://files.example/livez") +
              get(id + "two\r\n", "HTTPS://files.example:8443/readyz") +
              get(id + "three\r\n", "http://files.example/api/v1/auth/me?x=1") +
              get(id + "four\r\n", "http://files.example") +
              "OPTIONS http://files.example HTTP/1.1\r\n" + id + "five\r\n\r\n" +
              "OPTIONS * HTTP/1.1\r\n" + id + "six\r\n\r\n");
  const std::vector<std::pair<std::string, int>> answers{
      {"one", 200}, {"two", 200}, {"three", 401}, {"four", 404}, {"five", 204}, {"six", 204}};
  for (const auto& [name, status] : answers) {
    const Response response = client.read_response();
    CHECK(response.header("X-Request-Id") == name);
    CHECK(response.status == status);
    if (status == 204) CHECK(response.header("Allow").has_value());
  }
  Api anna = new_user(shared_server());
  const std::string target = "http://files.example" + files("/" + anna.username + "/a b");
  CHECK(anna.put(target, "x").status == 201);
  CHECK(anna.get(target + "").body == "x");
}

TEST_CASE(
    "One empty line before a request is skipped, and a request behind a body's stray line end is "
    "answered",
    "[edge][fault-25]") {
  HttpClient client = shared_server().client();
  client.connect();
  client.send("\r\n" + get("Host: x\r\n") + post("Content-Length: 2\r\n", "{}") + "\r\n" +
              get("Host: x\r\n"));
  for (const int status : {200, 400, 200}) CHECK(client.read_response().status == status);
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
