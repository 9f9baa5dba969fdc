#include "wire.hpp"

using namespace baluhost::test;

namespace {

const std::string kApp = "https://app.example.org";
const std::string kOther = "http://192.168.1.20:3000";

Server& allowing_server() {
  static Server server{
      {.extra_toml = "cors.allowed_origins = [\"" + kApp + "\", \"" + kOther + "\"]\n"}};
  return server;
}

const std::vector<std::string> kForeign{"https://evil.example",
                                        "https://app.example.org.evil.example",
                                        "https://evil-app.example.org",
                                        "https://x.app.example.org",
                                        "https://app.example.or",
                                        "https://example.org",
                                        "https://APP.example.org",
                                        "HTTPS://app.example.org",
                                        "http://app.example.org",
                                        "https://app.example.org:443",
                                        "https://app.example.org:8443",
                                        "https://app.example.org/",
                                        "https://app.example.org@evil.example",
                                        "https://app.example.org, https://evil.example",
                                        "https://app.example.org https://evil.example",
                                        "http://192.168.1.20",
                                        "http://192.168.1.20:30000",
                                        "null",
                                        "*",
                                        "",
                                        "file://",
                                        "app.example.org"};

void check_nothing_allowed(const Response& response) {
  for (const auto& [name, value] : response.headers) {
    INFO(name + ": " + value);
    CHECK(name.find("Access-Control-") == std::string::npos);
  }
}

Response preflight(Api& api, const std::string& origin, const std::string& target) {
  return api.send("OPTIONS", target,
                  {{"Origin", origin},
                   {"Access-Control-Request-Method", "PUT"},
                   {"Access-Control-Request-Headers", "authorization"}},
                  "");
}

} // namespace

TEST_CASE("An allow-listed origin may read answers, with credentials, on every status",
          "[cors][spec-50][spec-52][fault-29]") {
  Api anna = new_user(allowing_server());
  for (const std::string& origin : {kApp, kOther}) {
    for (const Response& response : {anna.get(kApi + "/auth/me", {{"Origin", origin}}),
                                     anna.get("/nothing", {{"Origin", origin}}),
                                     anna.get(files("/nobody/x"), {{"Origin", origin}}),
                                     anna.post(kApi + "/auth/me", "{}", {{"Origin", origin}})}) {
      INFO(response.status);
      CHECK(response.count("Access-Control-Allow-Origin") == 1);
      CHECK(response.header("Access-Control-Allow-Origin") == origin);
      CHECK(response.header("Access-Control-Allow-Credentials") == "true");
      const std::string exposed = response.header("Access-Control-Expose-Headers").value_or("");
      for (const char* name : {"X-Request-Id",
                               "Tus-Version",
                               "Tus-Extension",
                               "Tus-Max-Size",
                               "Tus-Checksum-Algorithm",
                               "Tus-Resumable",
                               "Upload-Offset",
                               "Upload-Length",
                               "Upload-Metadata",
                               "Upload-Expires",
                               "Location",
                               "ETag",
                               "Last-Modified",
                               "Date",
                               "Accept-Ranges",
                               "Content-Range",
                               "Content-Length",
                               "Content-Disposition",
                               "Repr-Digest",
                               "Retry-After"}) {
        INFO(name);
        CHECK(exposed.find(name) != std::string::npos);
      }
      CHECK(response.header("Vary") == "Origin");
    }
  }
}

TEST_CASE("An allow-listed origin's preflight names the methods and headers of the route",
          "[cors][spec-50]") {
  Api stranger{allowing_server()};
  const Response response = preflight(stranger, kApp, kApi + "/files/anna/a.txt");
  CHECK(response.status == 204);
  CHECK(response.header("Access-Control-Allow-Origin") == kApp);
  CHECK(response.header("Access-Control-Allow-Methods") == "GET, HEAD, PUT, DELETE, OPTIONS");
  const std::string headers = response.header("Access-Control-Allow-Headers").value_or("");
  for (const char* name :
       {"Authorization", "Content-Type", "If-Match", "Upload-Offset", "X-Requested-With"})
    CHECK(headers.find(name) != std::string::npos);
  CHECK(headers.find('*') == std::string::npos);
  CHECK(response.header("Access-Control-Max-Age").has_value());
  CHECK(response.header("Vary") == "Origin");
  const Response uploads = preflight(stranger, kApp, kApi + "/uploads");
  CHECK(uploads.status == 204);
  CHECK(uploads.header("Access-Control-Allow-Methods").value_or("").find("POST") !=
        std::string::npos);
}

TEST_CASE("An origin that is not exactly on the list gets nothing", "[cors][spec-51][spec-52]") {
  Api anna = new_user(allowing_server());
  for (const std::string& origin : kForeign) {
    INFO(origin);
    const Response response = anna.get(kApi + "/auth/me", {{"Origin", origin}});
    CHECK(response.status == 200);
    check_nothing_allowed(response);
    CHECK(response.header("Vary") == "Origin");
    check_nothing_allowed(preflight(anna, origin, kApi + "/files/anna/a.txt"));
    check_nothing_allowed(preflight(anna, origin, kApi + "/uploads"));
  }
  const Response twice =
      anna.get(kApi + "/auth/me", {{"Origin", kApp}, {"Origin", "https://evil.example"}});
  CHECK(twice.status == 400);
  check_nothing_allowed(twice);
  const Response without = anna.get(kApi + "/auth/me");
  check_nothing_allowed(without);
  CHECK(without.header("Vary") == "Origin");
}

TEST_CASE("Without a configuration no origin gets anything", "[cors][spec-51]") {
  Api anna = new_user(shared_server());
  for (const std::string& origin : {kApp, shared_server().url(), std::string{"null"}}) {
    check_nothing_allowed(anna.get(kApi + "/auth/me", {{"Origin", origin}}));
    check_nothing_allowed(preflight(anna, origin, kApi + "/files/anna/a.txt"));
  }
}

TEST_CASE("The start is refused with a star, null or no origin in the configuration",
          "[cors][spec-51][spec-52]") {
  for (const char* origin :
       {"*", "null", "https://*.example.org", "app.example.org", "https://app.example.org/",
        "https://app.example.org/path", "ftp://a.example", ""}) {
    INFO(origin);
    CHECK_THROWS_WITH(
        Server({.extra_toml = "cors.allowed_origins = [\"" + kApp + "\", \"" + origin + "\"]\n"}),
        Catch::StartsWith("baluhostd ended with 2: ") && Catch::Contains("cors.allowed_origins"));
  }
}

TEST_CASE("An allowed origin may be configured in capitals or with its scheme's port",
          "[cors][fault-26]") {
  Server server{{.extra_toml = "cors.allowed_origins = [\"https://App.Example.org:443\", "
                               "\"HTTP://Other.Example:80\"]\n"}};
  Api stranger{server};
  for (const std::string& origin :
       {std::string{"https://app.example.org"}, std::string{"http://other.example"}})
    CHECK(stranger.get("/livez", {{"Origin", origin}}).header("Access-Control-Allow-Origin") ==
          origin);
  check_nothing_allowed(stranger.get("/livez", {{"Origin", "http://app.example.org"}}));
  CHECK_THROWS_WITH(Server({.extra_toml = "cors.allowed_origins = [\"https://b\xc3\xbc"
                                          "cher.example\"]\n"}),
                    Catch::Contains("cors.allowed_origins"));
}
