#include "baluhost/host/host.hpp"
#include "baluhost/http/server.hpp"
#include "baluhost/test/http_client.hpp"
#include "baluhost/test/json.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>

using namespace baluhost;
using namespace baluhost::test;

namespace {

constexpr auto kReport = Action::custom("acme.report_made", EventType::file_access);

class NoLog final : public HttpLog {
 public:
  void message(LogLevel, std::string_view) override {}
  void access(const AccessEntry&) override {}
};

/// A host in memory with a server on it that has `routes` too, and one user, anna.
struct Site {
  explicit Site(std::vector<HttpRoute> routes = {})
      : server(make_http_server({.listen = {"127.0.0.1:0"}, .routes = std::move(routes)},
                                HttpServices::of(*host, metrics, log))
                   .value()),
        client(server->urls().front()) {
    REQUIRE(host->start());
    REQUIRE(host->users().create(
        admin, {.username = Username::parse("anna").value(), .password = Secret{kPassword}}));
    server->start();
    const auto login =
        client.request("POST", "/api/v1/auth/login", {{"Content-Type", "application/json"}},
                       R"({"username":"anna","password":"a fine pass phrase"})");
    REQUIRE(login.status == 200);
    bearer = {"Authorization", "Bearer " + Json::parse(login.body)["access_token"].text()};
  }
  ~Site() {
    server->stop(std::chrono::seconds{1});
    CHECK(host->close());
  }

  /// The newest event: "action user resource success error details".
  std::string newest() {
    const auto page = host->audit_queries().query(admin, {}, SortOrder::descending, {.limit = 1});
    REQUIRE(page);
    const AuditEvent& event = page->items.front();
    return event.action + " " + event.user.value_or("-") + " " + event.resource.value_or("-") +
           (event.success ? " ok " : " " + event.error_message.value_or("-") + " ") + event.details;
  }

  static constexpr const char* kPassword = "a fine pass phrase";
  Principal admin = Principal::local_operator("test");
  std::unique_ptr<Host> host =
      Host::in_memory({.auth = {.argon2_memory_kib = 7168, .argon2_iterations = 1}}).value();
  NoLog log;
  Metrics metrics{"test"};
  std::unique_ptr<HttpServer> server;
  HttpClient client;
  std::pair<std::string, std::string> bearer;
};

HttpRoute report(HttpHandler handler, HttpRouteTraits traits = {}) {
  return {HttpMethod::post, "/acme/reports/{name}", Permission::authenticated,
          kReport,          std::move(handler),     std::move(traits)};
}

} // namespace

TEST_CASE("a route of one's own is behind the checks of the API's") {
  Site site{{report(
      [](const HttpRequest& request) -> Result<HttpResponse> {
        return HttpResponse{.status = 201,
                            .content_type = "text/plain",
                            .body = request.caller->name() + " " + request.parameters[0] + " " +
                                    request.query("depth").value_or("-") + " " +
                                    std::string{request.field("x-color")} + " " +
                                    std::string{request.body},
                            .fields = {{"X-Report", "1"}}};
      },
      {.query = "depth", .max_body = 8})}};
  const auto made = site.client.request("POST", "/acme/reports/a%20b?depth=2",
                                        {site.bearer, {"X-Color", "red"}}, "all");
  CHECK(made.status == 201);
  CHECK(made.body == "anna a b 2 red all");
  CHECK(made.header("X-Report") == "1");
  CHECK(made.header("X-Content-Type-Options") == "nosniff");
  CHECK(made.header("Cache-Control") == "no-store");

  CHECK(site.client.request("POST", "/acme/reports/a").status == 401);
  CHECK(site.newest().starts_with("invalid_token "));
  CHECK(site.client.request("POST", "/acme/reports/a?breadth=1", {site.bearer}).status == 400);
  CHECK(site.newest() == "acme.report_made anna - invalid_request {}");
  CHECK(site.client.request("POST", "/acme/reports/a", {site.bearer}, "123456789").status == 413);
  CHECK(site.newest() == "acme.report_made anna - payload_too_large {}");
  const auto wrong_method = site.client.request("GET", "/acme/reports/a", {site.bearer});
  CHECK(wrong_method.status == 405);
  CHECK(wrong_method.header("Allow") == "POST, OPTIONS");
}

TEST_CASE("what a route of one's own refuses or breaks is answered and on record") {
  const auto right = [](const Principal& caller, const HttpRequest& request) {
    return caller.name() == request.parameters[0];
  };
  Site site{{report(
      [](const HttpRequest& request) -> Result<HttpResponse> {
        if (request.body == "throw") throw std::runtime_error{"a secret of ours"};
        if (request.body == "split")
          return HttpResponse{.fields = {{"X-Report", "a\r\nSet-Cookie: b=c"}}};
        if (request.body == "length") return HttpResponse{.fields = {{"Content-Length", "7"}}};
        if (request.body == "status") return HttpResponse{.status = 100};
        return Error{.code = Errc::conflict, .detail = "a secret of ours"};
      },
      {.right = HttpRight{"acme.reports", right}})}};
  const auto post = [&](const std::string& name, const std::string& body) {
    return site.client.request("POST", "/acme/reports/" + name, {site.bearer}, body);
  };
  CHECK(post("bert", "").status == 403);
  CHECK(site.newest() ==
        R"(access_denied anna /acme/reports/bert forbidden )"
        R"({"required_permission":"acme.reports","operation":"acme.report_made"})");
  const auto taken = post("anna", "");
  CHECK(taken.status == 409);
  CHECK(taken.body.find("secret") == std::string::npos);
  CHECK(site.newest() == "acme.report_made anna /acme/reports/anna conflict {}");
  for (const char* body : {"throw", "split", "length", "status"}) {
    INFO(body);
    const auto broken = post("anna", body);
    CHECK(broken.status == 500);
    CHECK(broken.body.find("secret") == std::string::npos);
    CHECK(broken.header("Set-Cookie") == std::nullopt);
    CHECK(site.newest() == "acme.report_made anna /acme/reports/anna internal {}");
  }
}

TEST_CASE("an event of one's own is sealed and found like others") {
  Site site;
  auto event = site.host->audit_log().draft(kReport, site.admin);
  event.resource = "/anna/report";
  REQUIRE(site.host->audit_log().record(std::move(event)));
  REQUIRE(site.host->sealer().seal_now());
  const auto found = site.host->audit_queries().query(site.admin, {.action = "acme.report_made"},
                                                      SortOrder::descending, {.limit = 10});
  REQUIRE(found);
  REQUIRE(found->items.size() == 1);
  CHECK(found->items.front().type == EventType::file_access);
}

TEST_CASE("routes that are the server's, not well formed or without a right's ground are refused") {
  const HttpHandler handler = [](const HttpRequest&) -> Result<HttpResponse> {
    return HttpResponse{};
  };
  const auto code = [&](HttpRoute route) {
    std::vector<HttpRoute> routes;
    routes.push_back(std::move(route));
    const auto checked = check_http_options({.routes = routes});
    return checked ? std::string{"ok"} : checked.error().fields.at(0).pointer;
  };
  const auto at = [&](const char* pattern) {
    return code({HttpMethod::get, pattern, Permission::anyone, kReport, handler});
  };
  for (const char* pattern : {"/acme", "/acme/{name}/x", "/acme/{path}", "/acme.v1/~a"})
    CHECK(at(pattern) == "ok");
  for (const char* pattern :
       {"", "acme", "/", "/acme/", "/acme//a", "/{name}", "/api/v1/users", "/dav/x", "/livez",
        "/acme/{path}/x", "/acme/a%20b", "/acme?x", "/a b"})
    CHECK(at(pattern) == "routes");
  CHECK(code({HttpMethod::get, "/acme", Permission::anyone, Action::upload, handler}) == "routes");
  CHECK(code({HttpMethod::get, "/acme", Permission::anyone, kReport, nullptr}) == "routes");
  const HttpRight right{"acme", [](const Principal&, const HttpRequest&) { return true; }};
  CHECK(code({HttpMethod::get, "/acme", Permission::anyone, kReport, handler,
              HttpRouteTraits{.right = right}}) == "routes");
  const HttpRoute twice{HttpMethod::get, "/acme", Permission::anyone, kReport, handler};
  CHECK_FALSE(check_http_options({.routes = {twice, twice}}));
}
