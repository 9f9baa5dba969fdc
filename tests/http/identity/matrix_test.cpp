#include "identity/matrix.hpp"
#include "identity/factor_rows.hpp"

#include "routes/route_table.hpp"

#include <map>
#include <set>

// Who may do what, over the wire: every route of the server's own table × everyone who could ask. A
// route that is not below fails the test. What each should be answered is derived here from the
// contract's sentences, not from the server's policy. Each refusal for lack of rights must be one
// event.

using namespace baluhost::test;
using namespace baluhost::test::matrix;
namespace http = baluhost::http;

namespace {

std::string name_of(const http::Route& route) {
  return std::string{http::to_string(route.method)} + " " + std::string{route.pattern};
}

/// What a key needs for a route; one that is not here no key opens.
const std::map<std::string, std::set<std::string>> kScopes{
    {"GET /api/v1/auth/me", {}},
    {"GET /api/v1/users", {"admin"}},
    {"POST /api/v1/users", {"admin"}},
    {"GET /api/v1/users/{username}", {"admin"}},
    {"PATCH /api/v1/users/{username}", {"admin"}},
    {"DELETE /api/v1/users/{username}", {"admin"}},
    {"DELETE /api/v1/users/{username}/sessions", {"admin"}},
    {"PUT /api/v1/grants", {"shares"}},
    {"GET /api/v1/grants", {"shares"}},
    {"DELETE /api/v1/grants", {"shares"}},
    {"POST /api/v1/shares", {"shares"}},
    {"GET /api/v1/shares", {"shares"}},
    {"GET /api/v1/shares/{id}", {"shares"}},
    {"PATCH /api/v1/shares/{id}", {"shares"}},
    {"DELETE /api/v1/shares/{id}", {"shares"}},
    {"POST /api/v1/shares/{id}/secret", {"shares"}},
    {"GET /api/v1/files/{path}", {"files:read"}},
    {"PUT /api/v1/files/{path}", {"files:write"}},
    {"DELETE /api/v1/files/{path}", {"files:delete"}},
    {"GET /api/v1/meta/{path}", {"files:read"}},
    {"GET /api/v1/dirs", {"files:read"}},
    {"GET /api/v1/dirs/", {"files:read"}},
    {"GET /api/v1/dirs/{path}", {"files:read"}},
    {"POST /api/v1/dirs/{path}", {"files:write"}},
    {"GET /api/v1/search", {"files:read"}},
    {"POST /api/v1/actions/move", {"files:read", "files:write"}},
    {"POST /api/v1/actions/copy", {"files:read", "files:write"}},
    {"GET /api/v1/usage", {"files:read"}},
    {"GET /api/v1/trash", {"files:read"}},
    {"DELETE /api/v1/trash", {"files:delete"}},
    {"POST /api/v1/trash/{id}/restore", {"files:write"}},
    {"DELETE /api/v1/trash/{id}", {"files:delete"}},
    {"GET /api/v1/versions/{path}", {"files:read"}},
    {"POST /api/v1/versions/{path}/restore", {"files:write"}},
    {"DELETE /api/v1/versions/{path}", {"files:delete"}},
    {"GET /api/v1/archives/{id}", {"files:read"}},
    {"GET /api/v1/uploads", {"files:write"}},
    {"POST /api/v1/uploads", {"files:write"}},
    {"HEAD /api/v1/uploads/{id}", {"files:write"}},
    {"PATCH /api/v1/uploads/{id}", {"files:write"}},
    {"DELETE /api/v1/uploads/{id}", {"files:write"}},
    {"GET /api/v1/system", {"admin"}},
    {"GET /api/v1/audit/events", {"audit:read"}},
    {"GET /api/v1/audit/events/{id}", {"audit:read"}},
    {"GET /api/v1/audit/events/{id}/proof", {"audit:read"}},
    {"GET /api/v1/audit/status", {"audit:read"}},
    {"GET /api/v1/audit/stats", {"audit:read"}},
    {"GET /api/v1/audit/export", {"audit:read"}},
    {"GET /api/v1/audit/stream", {"audit:read"}},
    {"GET /api/v1/audit/seals", {"audit:read"}},
    {"POST /api/v1/audit/verify", {"audit:read"}},
};

/// True where a key is kept out by what it is, whatever its owner may do: by its scopes, or by its
/// path, outside of which it finds nothing and administers nothing.
bool keeps_out(const Stage& stage, const std::string& route, const Row& row, const Caller& key) {
  const auto scopes = kScopes.find(route);
  if (scopes == kScopes.end() || !std::ranges::includes(key.scopes, scopes->second)) return true;
  if (key.bound_to.empty()) return false;
  if (scopes->second.contains("admin") || scopes->second.contains("audit:read")) return true;
  if (route == "GET /api/v1/uploads" || route == "GET /api/v1/shares") return true;
  const bool about_the_box = row.needs == Needs::rights || route.find("/uploads/") < route.size() ||
                             route.find("/archives/") < route.size() ||
                             route.find("/trash/") < route.size() ||
                             route.find("/shares/") < route.size();
  return about_the_box && key.bound_to != stage.box();
}

/// What each right of a share opens; what is not here is closed to every share.
const std::map<std::string, std::string> kOfShares{
    {"GET /api/v1/files/{path}", "read"},   {"PUT /api/v1/files/{path}", "create"},
    {"GET /api/v1/meta/{path}", "read"},    {"GET /api/v1/dirs/{path}", "read"},
    {"POST /api/v1/dirs/{path}", "both"},   {"POST /api/v1/uploads", "create"},
    {"POST /api/v1/archives", "read"},      {"GET /api/v1/archives/{id}", "own"},
    {"HEAD /api/v1/uploads/{id}", "own"},   {"PATCH /api/v1/uploads/{id}", "own"},
    {"DELETE /api/v1/uploads/{id}", "own"},
};

int expected_of_share(const http::Route& route, const Row& row, const Caller& caller) {
  const auto found = kOfShares.find(name_of(route));
  if (found == kOfShares.end()) return 403;
  if (found->second == "own") return 404; // the owner's, by no share
  if (found->second == "both") return caller.share.size() == 2 ? row.success : 403;
  return caller.share.contains(found->second) ? row.success : 403;
}

/// The request as it is made below `/~`.
Request below_share(const Stage& stage, Request request) {
  const auto box = percent_encode(stage.box());
  if (const auto at = request.target.find(box); at != std::string::npos)
    request.target.replace(at, box.size(), "/~");
  if (const auto at = request.body.find(stage.box());
      at != std::string::npos && request.target.ends_with("/archives"))
    request.body.replace(at, stage.box().size(), "/~");
  for (auto& [name, value] : request.headers) {
    if (name != "Upload-Metadata") continue;
    const auto path = run({"base64", "-d"}, {}, value.substr(5)).out;
    value = "path " + base64("/~" + path.substr(stage.box().size()));
  }
  return request;
}

/// By the contract: 401 without a good token; 404 for what one has no right to at all; 403 for what
/// one sees and may not do.
int expected(const Stage& stage, const http::Route& route, const Row& row, const Caller& caller) {
  const auto declared = route.permission;
  if (declared == baluhost::Permission::anyone) return row.success;
  if (!caller.known) return 401;
  if (!caller.share.empty()) return expected_of_share(route, row, caller);
  if (caller.is_key() && keeps_out(stage, name_of(route), row, caller)) return 403;
  const bool admin = caller.role == "admin";
  const bool owner = caller.is_owner();
  switch (row.needs) {
    case Needs::account:
      if (!admin && !owner) return 404;
      break;
    case Needs::trail:
      if (!admin && !owner && caller.role != "auditor") return 404;
      break;
    case Needs::filter:
      if (!admin && !owner && caller.role != "auditor") return 403;
      break;
    case Needs::creator:
      if (!owner) return 404;
      break;
    case Needs::rights:
      if (owner || admin) break;
      if (caller.rights.empty()) return 404;
      if (!std::ranges::includes(caller.rights, row.rights)) return 403;
      break;
    case Needs::route:
      break;
  }
  if (declared == baluhost::Permission::administer && !admin) return 403;
  if (declared == baluhost::Permission::audit && !admin && caller.role != "auditor") return 403;
  return row.success;
}

/// Only the head of an answer that may never end.
Response ask(Stage& stage, Caller& caller, const std::string& method, const Request& request) {
  if (!request.target.ends_with("/audit/stream"))
    return caller.api.send(method, request.target, request.headers, request.body);
  HttpClient client = stage.server.client();
  client.connect();
  client.send("GET " + request.target + " HTTP/1.1\r\nHost: localhost\r\n" +
              (caller.api.access_token.empty()
                   ? ""
                   : "Authorization: Bearer " + caller.api.access_token + "\r\n") +
              "\r\n");
  return client.read_response(true);
}

} // namespace

TEST_CASE(
    "Every route of the table refuses and admits everyone as the contract says, and each refusal "
    "is one event",
    "[matrix]") {
  Stage stage;
  auto by_route = rows(stage);
  by_route.merge(factor_rows(stage));
  int cells = 0;
  for (const http::Route& route : http::api().routes) {
    const std::string name = name_of(route);
    INFO(name);
    const auto found = by_route.find(name);
    REQUIRE(found != by_route.end());
    for (Caller& caller : stage.callers) {
      INFO(caller.name);
      const int status = expected(stage, route, found->second, caller);
      Request request = found->second.make(caller);
      if (!caller.share.empty()) request = below_share(stage, std::move(request));
      const Response response =
          ask(stage, caller, std::string{http::to_string(route.method)}, request);
      INFO(response.body);
      CHECK(response.status == status);
      if (status == 401)
        CHECK(response.header("WWW-Authenticate").value_or("").starts_with("Bearer"));
      caller.refusals += status != found->second.success && (status == 403 || status == 404);
      if (status == 204 && name.starts_with("POST /api/v1/auth/"))
        REQUIRE(caller.api.login(caller.api.username, kPassword).status == 200);
      ++cells;
    }
    by_route.erase(found);
  }
  CHECK(by_route.empty()); // what is below and not in the table
  CHECK(cells == static_cast<int>(http::api().routes.size() * stage.callers.size()));
  std::map<std::string, int> refusals; // of a session and of keys together
  for (const Caller& caller : stage.callers)
    if (caller.known && caller.share.empty()) refusals[caller.api.username] += caller.refusals;
  for (const auto& [name, count] : refusals) {
    INFO(name);
    CHECK(static_cast<int>(
              stage.owner().events("action=access_denied&limit=1000&user=" + name).size()) ==
          count);
  }
}

TEST_CASE("Who has to set up a second factor first is let into what does, and nothing else",
          "[matrix]") {
  const std::set<std::string> open{"POST /api/v1/auth/logout",
                                   "GET /api/v1/auth/me",
                                   "POST /api/v1/auth/totp",
                                   "POST /api/v1/auth/totp/confirm",
                                   "POST /api/v1/auth/totp/recovery-codes",
                                   "DELETE /api/v1/auth/totp"};
  Server server{{.extra_toml = "auth.require_second_factor = \"all\"\n"}};
  std::size_t refusals = 0;
  std::set<std::string> opened;
  for (const http::Route& route : http::api().routes) {
    if (route.permission == baluhost::Permission::anyone) continue;
    Api pending{server, "admin", kAdminPassword};
    const std::string name = name_of(route);
    INFO(name);
    std::string target{route.pattern};
    for (const auto& [placeholder, value] :
         {std::pair{std::string{"{path}"}, std::string{"admin/file"}},
          {"{username}", "admin"},
          {"{id}", std::string(32, '0')}}) {
      if (const auto at = target.find(placeholder); at != std::string::npos)
        target.replace(at, placeholder.size(), value);
    }
    const Response response =
        pending.send(std::string{http::to_string(route.method)}, target, {}, "");
    INFO(response.body);
    if (open.contains(name)) {
      CHECK(response.status != 403);
      CHECK(response.status != 401);
      opened.insert(name);
    } else {
      CHECK(response.status == 403);
      if (route.method != http::Method::head)
        check_problem(response, 403, "second_factor_setup_required");
      ++refusals;
    }
  }
  CHECK(opened == open);
  const Json denied = Json::parse(
      server.ctl({"audit", "list", "--action", "access_denied", "--json"}).out)["items"];
  CHECK(denied.size() == refusals);
  for (std::size_t i = 0; i < denied.size(); ++i) {
    CHECK(denied[i]["error_message"].text() == "second_factor_setup_required");
    CHECK(denied[i]["details"]["required_permission"].text() == "second_factor");
  }
}
