#include "routes.hpp"

#include "dispatch/route.hpp"
#include "routes/route_table.hpp"

#include <set>

using namespace baluhost::test;
namespace http = baluhost::http;

namespace {

/// The routes that the contract opens to the read cookie.
const std::set<std::string> kOpened{"GET /api/v1/files/{path}", "GET /api/v1/versions/{path}",
                                    "GET /api/v1/archives/{id}", "GET /api/v1/audit/export",
                                    "GET /api/v1/audit/stream"};

Response login_by_cookie(Api& api, const std::string& name) {
  return api.post(
      kApi + "/auth/login",
      object({{"username", q(name)}, {"password", q(kPassword)}, {"transport", q("cookie")}}));
}

/// The whole Set-Cookie of the cookie `name`; empty where there is none.
std::string set_cookie(const Response& response, const std::string& name) {
  for (const auto& [key, value] : response.headers)
    if (key == "Set-Cookie" && value.starts_with(name + "=")) return value;
  return {};
}

/// As a browser sends it back.
std::string pair_of(const std::string& set_cookie) {
  return set_cookie.substr(0, set_cookie.find(';'));
}

std::string token_of(const std::string& pair) { return pair.substr(pair.find('=') + 1); }

/// The status of a request with no header but these; only the head of an answer is read.
int status_of(const Server& server, const std::string& method, const std::string& target,
              const Headers& headers) {
  HttpClient client = server.client();
  client.connect();
  std::string request = method + " " + target + " HTTP/1.1\r\nHost: localhost\r\n";
  for (const auto& [name, value] : headers) request += name + ": " + value + "\r\n";
  client.send(request + "\r\n");
  return client.read_response(true).status;
}

/// Somebody with an administrator's rights on every route, by cookie.
struct Reader {
  explicit Reader(const Server& server) : place(server) {
    const Response login = login_by_cookie(place.api, place.api.username);
    REQUIRE(login.status == 200);
    access = Json::parse(login.body)["access_token"].text();
    cookie = pair_of(set_cookie(login, "baluhost_read"));
    refresh_cookie = pair_of(set_cookie(login, "baluhost_refresh"));
    token = token_of(cookie);
  }

  Place place;
  std::string access;
  std::string cookie;
  std::string refresh_cookie;
  std::string token;
};

} // namespace

TEST_CASE(
    "A login and a refresh by cookie set a read cookie that lives as long as the access token",
    "[read_cookie]") {
  Api anna{shared_server()};
  const std::string name = make_user(shared_server());
  const Response login = login_by_cookie(anna, name);
  const Response refreshed = anna.send("POST", kApi + "/auth/refresh",
                                       {{"Cookie", pair_of(set_cookie(login, "baluhost_refresh"))},
                                        {"X-Requested-With", "baluhost"}},
                                       "");
  for (const Response& response : {login, refreshed}) {
    REQUIRE(response.status == 200);
    const std::string cookie = set_cookie(response, "baluhost_read");
    const Json reply = Json::parse(response.body);
    CHECK(cookie.ends_with("; HttpOnly; SameSite=Strict; Path=/; Max-Age=" +
                           std::to_string(reply["expires_in"].integer())));
    const Json claims = claims_of(token_of(pair_of(cookie)));
    const Json access = claims_of(reply["access_token"].text());
    CHECK(claims["aud"].text() == "baluhost:read");
    CHECK(claims["type"].text() == "read");
    CHECK(claims["exp"].integer() == access["exp"].integer());
    CHECK(claims["sid"].text() == access["sid"].text());
    CHECK(claims["jti"].text() != access["jti"].text());
  }
  CHECK(set_cookie(login, "baluhost_read") != set_cookie(refreshed, "baluhost_read"));
  CHECK(anna.login(name, kPassword).count("Set-Cookie") == 0);
}

TEST_CASE("Over TLS the read cookie is Secure and has the __Host- prefix", "[read_cookie]") {
  Server server{{.tls = true}};
  Api anna{server};
  const std::string name = make_user(server);
  const Response login = login_by_cookie(anna, name);
  const std::string cookie = set_cookie(login, "__Host-baluhost_read");
  CHECK(cookie.find("; Secure; HttpOnly; SameSite=Strict; Path=/; Max-Age=") != std::string::npos);
  REQUIRE(Api{server, name}.put(files("/" + name + "/a.txt"), "hello").status == 201);
  CHECK(anna.send("GET", files("/" + name + "/a.txt"), {{"Cookie", pair_of(cookie)}}, "").body ==
        "hello");
  CHECK(anna.send("GET", files("/" + name + "/a.txt"),
                  {{"Cookie", "baluhost_read=" + token_of(pair_of(cookie))}}, "")
            .status == 401);
}

TEST_CASE("Of all routes only those that browsers read from take the read cookie",
          "[read_cookie]") {
  Server& server = shared_server();
  Reader reader{server};
  std::set<std::string> opened;
  for (const http::Route& route : http::api().routes) {
    if (route.permission == baluhost::Permission::anyone) continue;
    const Operation operation{.path = std::string{route.pattern},
                              .method = std::string{http::to_string(route.method)}};
    const std::string name = operation.method + " " + operation.path;
    const std::string target = reader.place.target(operation);
    INFO(name);
    std::vector<std::string> methods{operation.method};
    if (route.method == http::Method::get) methods.emplace_back("HEAD");
    for (const std::string& method : methods) {
      const auto status = [&](const Headers& headers) {
        return status_of(server, method, target, headers);
      };
      const int by_cookie = status({{"Cookie", reader.cookie}});
      if (by_cookie != 401) {
        CHECK(by_cookie == 200);
        opened.insert(name);
      }
      // A token has its own way, and each cookie its own token.
      CHECK(status({{"Authorization", "Bearer " + reader.token}}) == 401);
      CHECK(status({{"Cookie", "baluhost_read=" + reader.access}}) == 401);
      CHECK(status({{"Cookie", "baluhost_read=" + token_of(reader.refresh_cookie)}}) == 401);
      CHECK(status({{"Cookie", "baluhost_refresh=" + reader.token}}) == 401);
      CHECK(status({{"Cookie", reader.refresh_cookie}}) == 401);
    }
  }
  CHECK(opened == kOpened);
}

TEST_CASE("The read cookie counts only where no other site's page can have caused the request",
          "[read_cookie]") {
  Server& server = shared_server();
  const Reader reader{server};
  const std::string target = files("/" + reader.place.api.username + "/dir/file.txt");
  const auto status = [&](Headers headers) {
    headers.emplace_back("Cookie", reader.cookie);
    return status_of(server, "GET", target, headers);
  };
  CHECK(status({}) == 200);
  CHECK(status({{"Sec-Fetch-Site", "same-origin"}}) == 200);
  CHECK(status({{"Sec-Fetch-Site", "none"}}) == 200);
  for (const char* site :
       {"cross-site", "same-site", "", "Same-Origin", "same-origin, cross-site"}) {
    INFO(site);
    CHECK(status({{"Sec-Fetch-Site", site}}) == 401);
  }
  CHECK(status({{"Sec-Fetch-Site", "same-origin"}, {"Sec-Fetch-Site", "cross-site"}}) != 200);
  CHECK(status_of(server, "GET", target, {{"Cookie", reader.cookie + "; " + reader.cookie}}) ==
        401);
}

TEST_CASE("An Authorization header that is there decides alone", "[read_cookie]") {
  Server& server = shared_server();
  const Reader reader{server};
  const std::string target = files("/" + reader.place.api.username + "/dir/file.txt");
  for (const std::string& value : {std::string{"Bearer nonsense"}, std::string{"Basic YTpi"}}) {
    INFO(value);
    CHECK(status_of(server, "GET", target, {{"Cookie", reader.cookie}, {"Authorization", value}}) ==
          401);
  }
  CHECK(status_of(server, "GET", target,
                  {{"Cookie", "baluhost_read=nonsense"},
                   {"Authorization", "Bearer " + reader.access}}) == 200);
  CHECK(status_of(server, "GET", target, {{"Cookie", "baluhost_read=nonsense"}}) == 401);
}

TEST_CASE("By the read cookie ranges and conditions work, and the download is recorded",
          "[read_cookie]") {
  Server& server = shared_server();
  Reader reader{server};
  Api& anna = reader.place.api;
  const std::string path = "/" + anna.username + "/film.mp4";
  const std::string content = pattern(100'000);
  REQUIRE(anna.put(files(path), content).status == 201);
  HttpClient browser = server.client();
  const Response part =
      browser.request("GET", files(path), {{"Cookie", reader.cookie}, {"Range", "bytes=500-1499"}});
  CHECK(part.status == 206);
  CHECK(part.body == content.substr(500, 1000));
  CHECK(browser
            .request("GET", files(path),
                     {{"Cookie", reader.cookie}, {"If-None-Match", etag_of(content)}})
            .status == 304);
  REQUIRE(soon([&] {
    return anna.events("action=download&user=" + anna.username + "&resource=" + path).size() == 1;
  }));
}

TEST_CASE("The read cookie ends with its session, and logout takes it from the browser",
          "[read_cookie]") {
  Server& server = shared_server();
  for (const char* route : {"/auth/logout", "/auth/logout-all"}) {
    Reader reader{server};
    const std::string target = files("/" + reader.place.api.username + "/dir/file.txt");
    REQUIRE(status_of(server, "GET", target, {{"Cookie", reader.cookie}}) == 200);
    const Response ended =
        server.client().request("POST", kApi + route,
                                {{"Authorization", "Bearer " + reader.access},
                                 {"Cookie", reader.cookie + "; " + reader.refresh_cookie}});
    REQUIRE(ended.status == 204);
    CHECK(set_cookie(ended, "baluhost_read").find("; Max-Age=0") != std::string::npos);
    CHECK(set_cookie(ended, "baluhost_refresh").find("; Max-Age=0") != std::string::npos);
    CHECK(status_of(server, "GET", target, {{"Cookie", reader.cookie}}) == 401);
  }
}

TEST_CASE("A change of password takes the read cookie from the browser, and others' are dead",
          "[read_cookie]") {
  Server& server = shared_server();
  Reader reader{server};
  Api other{server};
  const std::string elsewhere =
      pair_of(set_cookie(login_by_cookie(other, reader.place.api.username), "baluhost_read"));
  const std::string target = files("/" + reader.place.api.username + "/dir/file.txt");
  REQUIRE(status_of(server, "GET", target, {{"Cookie", elsewhere}}) == 200);
  const Response changed =
      server.client().request("POST", kApi + "/auth/password",
                              {{"Authorization", "Bearer " + reader.access},
                               {"Cookie", reader.cookie},
                               {"Content-Type", "application/json"}},
                              object({{"current_password", q(kPassword)},
                                      {"new_password", q("another fine pass phrase")}}));
  REQUIRE(changed.status == 204);
  CHECK(set_cookie(changed, "baluhost_read").find("; Max-Age=0") != std::string::npos);
  CHECK(status_of(server, "GET", target, {{"Cookie", elsewhere}}) == 401);
}
