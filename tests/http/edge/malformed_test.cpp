#include "wire.hpp"

#include <random>

// What arrives before a route is known: framing in every form that two programs could read
// differently. Each request here carries a second one after it; an answer to that one is a
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

TEST_CASE("A malformed request is refused, the connection ends, and nothing after it is answered",
          "[malformed]") {
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

TEST_CASE("Well-formed requests one after another on one connection are answered each, in order",
          "[malformed]") {
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

TEST_CASE("The limits of a head are where they are said to be", "[malformed]") {
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
          "[malformed]") {
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

TEST_CASE("A target may be absolute, on every route, and its host counts",
          "[malformed][fault-25]") {
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
    "One empty line before a request is skipped, and a request after a body's stray line end is "
    "answered",
    "[malformed][fault-25]") {
  HttpClient client = shared_server().client();
  client.connect();
  client.send("\r\n" + get("Host: x\r\n") + post("Content-Length: 2\r\n", "{}") + "\r\n" +
              get("Host: x\r\n"));
  for (const int status : {200, 400, 200}) CHECK(client.read_response().status == status);
}
