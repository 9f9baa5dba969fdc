#include "wire.hpp"

#include <regex>

// The web application: what of it is served, how, and where else there is none of it.

using namespace baluhost::test;

namespace {

const Headers kHtml{{"Accept", "text/html,application/xhtml+xml,*/*;q=0.8"}};
const std::string kForever = "public, max-age=31536000, immutable";

/// The path of the script that the page loads.
std::string script_of(const std::string& page) {
  std::smatch found;
  REQUIRE(std::regex_search(page, found, std::regex{R"re(src="(/assets/[^"]+\.js)")re"}));
  return found[1];
}

Headers coded(const std::string& codings) { return {{"Accept-Encoding", codings}}; }

} // namespace

TEST_CASE("The page is at every path of the application, and is asked for again", "[assets]") {
  HttpClient client = shared_server().client();
  const auto page = client.request("GET", "/", kHtml);
  REQUIRE(page.status == 200);
  CHECK(page.header("Content-Type") == "text/html; charset=utf-8");
  CHECK(page.header("Cache-Control") == "no-cache");
  CHECK(page.count("Cache-Control") == 1);
  CHECK(page.header("Vary") == "Accept, Accept-Encoding");
  CHECK(page.header("Content-Security-Policy").value_or("").starts_with("default-src 'self';"));
  CHECK(page.header("X-Content-Type-Options") == "nosniff");
  CHECK(page.body.starts_with("<!doctype html>"));
  const auto etag = page.header("ETag");
  REQUIRE(etag);
  for (const char* path : {"/files", "/files/anna/a%20b", "/login", "/s/1234", "/index.html",
                           "/apiary", "/a.b/c", "/%", "/files/100%", "/files/%ff/a"}) {
    INFO(path);
    const auto same = client.request("GET", path, kHtml);
    CHECK(same.status == 200);
    CHECK(same.header("ETag") == etag);
    CHECK(same.body == page.body);
  }
  const auto known =
      client.request("GET", "/files", {{"Accept", "text/html"}, {"If-None-Match", *etag}});
  CHECK(known.status == 304);
  CHECK(known.body.empty());
  CHECK(known.header("ETag") == etag);
  CHECK(known.header("Cache-Control") == "no-cache");
  CHECK(known.count("Content-Type") == 0);
  for (const std::string& tag : {"W/" + *etag, "\"other\", " + *etag, std::string{"*"}})
    CHECK(client.request("GET", "/", {{"Accept", "text/html"}, {"If-None-Match", tag}}).status ==
          304);
  for (const char* tag : {"\"other\"", "malformed"})
    CHECK(client.request("GET", "/", {{"Accept", "text/html"}, {"If-None-Match", tag}}).status ==
          200);
}

TEST_CASE("Where it is turned off there is none of it", "[assets]") {
  Server off{{.extra_toml = "web.enabled = false\n"}};
  check_problem(off.client().request("GET", "/", kHtml), 404, "not_found");
  CHECK(off.client().request("GET", "/livez").status == 200);
}

TEST_CASE("What is no page of the application stays what it was", "[assets]") {
  HttpClient client = shared_server().client();
  for (const char* path : {"/api", "/api/v1", "/api/v1/nothing", "/dav", "/dav/anna"}) {
    INFO(path);
    check_problem(client.request("GET", path, kHtml), 404, "not_found");
  }
  for (const char* path : {"/api/%", "/%61pi/v1/%zz", "/dav/%"}) {
    INFO(path);
    check_problem(client.request("GET", path, kHtml), 400, "invalid_request");
  }
  check_problem(client.request("GET", "/files/%"), 400, "invalid_request");
  for (const char* accept : {"*/*", "application/json", "text/*", "text/html;q=0"}) {
    INFO(accept);
    check_problem(client.request("GET", "/files", {{"Accept", accept}}), 404, "not_found");
  }
  check_problem(client.request("GET", "/files"), 404, "not_found");
  check_problem(client.request("GET", "/assets/gone-1234.js"), 404, "not_found");
  for (const char* method : {"POST", "PUT", "DELETE", "PATCH"}) {
    INFO(method);
    check_problem(client.request(method, "/", kHtml), 404, "not_found");
  }
  check_problem(client.request("PUT", "/livez", kHtml), 405, "method_not_allowed");
  CHECK(client.request("GET", "/livez", kHtml).header("Content-Type") == "application/json");
}

TEST_CASE("A file whose name has its hash is kept for ever", "[assets]") {
  HttpClient client = shared_server().client();
  const auto path = script_of(client.request("GET", "/", kHtml).body);
  const auto script = client.request("GET", path);
  REQUIRE(script.status == 200);
  CHECK(script.header("Content-Type") == "text/javascript; charset=utf-8");
  CHECK(script.header("Cache-Control") == kForever);
  CHECK(script.header("Vary") == "Accept-Encoding");
  CHECK(script.count("Content-Encoding") == 0);
  CHECK(script.header("ETag") == etag_of(script.body));
  const auto head = client.request("HEAD", path);
  CHECK(head.status == 200);
  CHECK(head.body.empty());
  CHECK(head.header("Content-Length") == std::to_string(script.body.size()));
  CHECK(head.header("ETag") == script.header("ETag"));
  const auto known = client.request("GET", path, {{"If-None-Match", *script.header("ETag")}});
  CHECK(known.status == 304);
  CHECK(known.header("Cache-Control") == kForever);
  const auto icon = client.request("GET", "/icon.svg");
  CHECK(icon.status == 200);
  CHECK(icon.header("Cache-Control") == "no-cache");
}

TEST_CASE("A file comes with the best coding that its client takes", "[assets]") {
  HttpClient client = shared_server().client();
  const auto path = script_of(client.request("GET", "/", kHtml).body);
  const auto plain = client.request("GET", path);
  struct Case {
    std::string accepted;
    std::string coding;
  };
  for (const auto& [accepted, coding] : std::vector<Case>{
           {"gzip, deflate, br, zstd", "br"},
           {"gzip", "gzip"},
           {"GZIP;q=0.5", "gzip"},
           {"br;q=0, gzip", "gzip"},
           {"br; q=0.000, *", "gzip"},
           {"*", "br"},
           {"identity", ""},
           {"gzip;q=0, br;q=0.0", ""},
           {"*;q=0", ""},
       }) {
    INFO(accepted);
    const auto answer = client.request("GET", path, coded(accepted));
    REQUIRE(answer.status == 200);
    CHECK(answer.header("Content-Encoding").value_or("") == coding);
    CHECK((answer.body.size() < plain.body.size()) == !coding.empty());
    CHECK(answer.header("ETag") !=
          (coding.empty() ? std::optional<std::string>{} : plain.header("ETag")));
  }
  // Each coding has an entity tag of its own.
  const auto gzip = client.request("GET", path, coded("gzip"));
  auto headers = coded("br");
  headers.emplace_back("If-None-Match", *gzip.header("ETag"));
  CHECK(client.request("GET", path, headers).status == 200);
  headers = coded("gzip");
  headers.emplace_back("If-None-Match", *gzip.header("ETag"));
  CHECK(client.request("GET", path, headers).status == 304);
  const TempDirectory directory;
  write_file(directory.path() + "/coded.gz", gzip.body);
  CHECK(run({"gzip", "-dc", directory.path() + "/coded.gz"}).out == plain.body);
}
