#include "fields/head_check.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace baluhost::http;

namespace {

struct Refused {
  std::string head;
  int status;
};

std::string get(const std::string& fields) {
  return "GET / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}
std::string post(const std::string& fields) {
  return "POST /x HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n";
}

/// As a connection treats it: first for its end, then for its sense. 0: accepted; -1: waits for
/// more.
int status_of_head(const std::string& raw) {
  HeadScan scan;
  const std::string received = raw.substr(scan.skip(raw));
  scan.look(received);
  if (scan.refusal) return scan.refusal->status;
  if (!scan.end) return -1;
  const std::string text = received.substr(0, *scan.end);
  RequestHead head;
  const auto refusal = check_head(text, head);
  return refusal ? refusal->status : 0;
}

} // namespace

TEST_CASE("A head that two parsers could read differently is refused", "[http][head]") {
  std::string many;
  for (int i = 0; i < 101; ++i) many += "X-" + std::to_string(i) + ": 1\r\n";
  const std::string nul(1, '\0');
  const Refused table[] = {
      {post("Transfer-Encoding: gzip\r\n"), 501},
      {post("Transfer-Encoding: gzip, chunked\r\n"), 501},
      {post("Transfer-Encoding: identity\r\n"), 501},
      {post("Transfer-Encoding: chunked, gzip\r\n"), 501},
      {post("Transfer-Encoding: xchunked\r\n"), 501},
      {post("Transfer-Encoding: chunked, chunked\r\n"), 400},
      {post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), 400},
      {post("Transfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n"), 400},
      {post("Transfer-Encoding:\r\n"), 400},
      {post("Transfer-Encoding: \"chunked\"\r\n"), 400},
      {post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"), 400},
      {post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"), 400},
      {"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
      {post("Content-Length: 5\r\nContent-Length: 5\r\n"), 400},
      {post("Content-Length: 5\r\nContent-Length: 6\r\n"), 400},
      {post("Content-Length: 5, 5\r\n"), 400},
      {post("Content-Length: +5\r\n"), 400},
      {post("Content-Length: -5\r\n"), 400},
      {post("Content-Length: 0x5\r\n"), 400},
      {post("Content-Length: 5 5\r\n"), 400},
      {post("Content-Length:\r\n"), 400},
      {post("Content-Length: 9223372036854775808\r\n"), 400},
      {post("Content-Length: 99999999999999999999\r\n"), 400},
      {get("X: a\r\n b\r\n"), 400},
      {get("X: a\r\n\tb\r\n"), 400},
      {"GET / HTTP/1.1\r\n Host: a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost:\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a:port\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a:70000\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a,b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n", 400},
      {"GET /\x80 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /\xc3\xa4 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /#f HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /\\ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET http:///a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET http://a:70000/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET http://a\\b/ HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET http://a/ HTTP/1.1\r\n\r\n", 400},
      {"GET http://a/ HTTP/1.1\r\nHost: a/b\r\n\r\n", 400},
      {"GET http://a/ HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", 400},
      {"GET http:/a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET /  HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
      {"GET /\r\nHost: a\r\n\r\n", 400},
      {"GET / http/1.1\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/1\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/1.10\r\nHost: a\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
      {"GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505},
      {"GET / HTTP/0.9\r\nHost: a\r\n\r\n", 505},
      {"G(T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"G\xc3T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {std::string(40, 'A') + " / HTTP/1.1\r\nHost: a\r\n\r\n", 501},
      {"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"\r\n\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
      {"\x16\x03\x01\x02", 400},
      {"GET / HTTP/1.1\nHost: a\n\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\n\r\n", 400},
      {"\n", 400},
      {get("X : a\r\n"), 400},
      {get("X\t: a\r\n"), 400},
      {get(": a\r\n"), 400},
      {get("X\r\n"), 400},
      {get("X Y: a\r\n"), 400},
      {get("X: a\rb\r\n"), 400},
      {get("X: a" + nul + "b\r\n"), 400},
      {get("X" + nul + ": a\r\n"), 400},
      {get("X: \x01\r\n"), 400},
      {get("X: \x7f\r\n"), 400},
      {get("Authorization: Bearer a\r\nAuthorization: Bearer b\r\n"), 400},
      {get("Content-Type: a/b\r\ncontent-type: c/d\r\n"), 400},
      {get("Expect: 200-ok\r\n"), 417},
      {get("Expect: 100-continue, x\r\n"), 417},
      {get(many), 431},
      {get("X: " + std::string(17000, 'a') + "\r\n"), 431},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(17000, 'a'), 431},
      {"GET /" + std::string(8192, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", 414},
      {"GET /" + std::string(9000, 'a'), 414},
  };
  STATIC_REQUIRE(std::size(table) >= 40);
  for (const Refused& refused : table) {
    INFO(refused.head.substr(0, 120));
    CHECK(status_of_head(refused.head) == refused.status);
  }
}

TEST_CASE("A head that is as it should be is read as it is", "[http][head]") {
  const std::string text =
      "PUT /a/b?c=d HTTP/1.1\r\nhOsT: example.org:8080\r\nX-A:\t 1 \r\nX-A: "
      "2\r\nX-E:\r\nContent-Length: 12\r\n"
      "Expect: 100-Continue\r\nX-B: \xc3\xa4\r\n\r\n";
  RequestHead head;
  REQUIRE_FALSE(check_head(text, head));
  CHECK(head.method == "PUT");
  CHECK(head.path == "/a/b");
  CHECK(head.query == "c=d");
  CHECK(head.host == "example.org:8080");
  CHECK(head.content_length == 12);
  CHECK(head.expects_continue);
  CHECK(head.keep_alive);
  CHECK(head.field("x-a") == "1");
  CHECK(head.list("X-A") == "1, 2");
  CHECK(head.has("x-e"));
  CHECK_FALSE(head.has("x-f"));
  CHECK(head.count() == 7);
}

TEST_CASE("Connections persist as version and header say", "[http][head]") {
  const auto persists = [](const std::string& text) {
    RequestHead head;
    REQUIRE_FALSE(check_head(text, head));
    return head.keep_alive;
  };
  CHECK(persists(get("")));
  CHECK_FALSE(persists(get("Connection: keep-alive, Close\r\n")));
  CHECK_FALSE(persists("GET / HTTP/1.0\r\n\r\n"));
  CHECK(persists("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
  for (const char* host : {"a", "a.b-c_d", "127.0.0.1:1", "[::1]", "[::1]:8080"})
    CHECK(is_valid_host(host));
}

TEST_CASE("A head that comes byte by byte ends at its empty line and not before", "[http][head]") {
  const std::string text = get("X: y\r\n");
  const std::string with_more = text + "GET";
  HeadScan scan;
  for (std::size_t i = 1; i < text.size(); ++i) {
    scan.look(with_more.substr(0, i));
    REQUIRE_FALSE(scan.end);
    REQUIRE_FALSE(scan.refusal);
  }
  scan.look(with_more);
  CHECK(scan.end == text.size());
}

TEST_CASE("An absolute target is read for its path, and its host counts instead of Host",
          "[http][head][fault-25]") {
  struct Read {
    std::string line;
    std::string host, path, query;
  };
  for (const auto& [line, host, path, query] : std::vector<Read>{
           {"GET http://b/c?d=e HTTP/1.1", "b", "/c", "d=e"},
           {"GET HTTPS://B.example:8443/%63 HTTP/1.1", "B.example:8443", "/%63", ""},
           {"GET http://[::1]:80/c HTTP/1.1", "[::1]:80", "/c", ""},
           {"GET http://b HTTP/1.1", "b", "/", ""},
           {"GET http://b?d=/e HTTP/1.1", "b", "/", "d=/e"},
           {"GET http://b/http://c/ HTTP/1.0", "b", "/http://c/", ""},
           {"OPTIONS http://b HTTP/1.1", "b", "*", ""},
           {"OPTIONS http://b/ HTTP/1.1", "b", "/", ""},
           {"OPTIONS * HTTP/1.1", "a", "*", ""},
           {"GET /c?http://b/ HTTP/1.1", "a", "/c", "http://b/"},
       }) {
    INFO(line);
    RequestHead head;
    const std::string text = line + "\r\nHost: a\r\n\r\n";
    REQUIRE_FALSE(check_head(text, head));
    CHECK(head.host == host);
    CHECK(head.path == path);
    CHECK(head.query == query);
  }
}

TEST_CASE("One empty line before a request is skipped, in whatever pieces it comes",
          "[http][head][fault-25]") {
  CHECK(status_of_head("\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n") == 0);
  CHECK(status_of_head("\r") == -1);
  CHECK(status_of_head("\r\n") == -1);
  CHECK(status_of_head("\r\n\r\n") == 400);
}
