#include "wire.hpp"

using namespace baluhost::test;

namespace {

Response login_by_cookie(Api& api, const std::string& name) {
  return api.post(
      kApi + "/auth/login",
      object({{"username", q(name)}, {"password", q(kPassword)}, {"transport", q("cookie")}}));
}

std::string cookie_of(const Response& response) {
  const std::string set = response.header("Set-Cookie").value_or("");
  return set.substr(0, set.find(';'));
}

} // namespace

TEST_CASE(
    "Over plain HTTP the refresh cookie is HttpOnly and SameSite=Strict, and the body has no "
    "refresh token",
    "[cookie][spec-54][spec-55]") {
  Api anna{shared_server()};
  const Response response = login_by_cookie(anna, make_user(shared_server()));
  REQUIRE(response.status == 200);
  CHECK_FALSE(Json::parse(response.body).has("refresh_token"));
  const std::string cookie = response.header("Set-Cookie").value_or("");
  CHECK(cookie.starts_with("baluhost_refresh="));
  CHECK(cookie.find("; HttpOnly") != std::string::npos);
  CHECK(cookie.find("; SameSite=Strict") != std::string::npos);
  CHECK(cookie.find("; Path=/") != std::string::npos);
  CHECK(cookie.find("Domain") == std::string::npos);
}

TEST_CASE("Over TLS the refresh cookie is Secure and has the __Host- prefix", "[cookie][spec-53]") {
  Server server{{.tls = true}};
  Api anna{server};
  const Response response = login_by_cookie(anna, make_user(server));
  REQUIRE(response.status == 200);
  const std::string cookie = response.header("Set-Cookie").value_or("");
  CHECK(cookie.starts_with("__Host-baluhost_refresh="));
  CHECK(cookie.find("; Secure") != std::string::npos);
  CHECK(cookie.find("; HttpOnly") != std::string::npos);
  CHECK(anna.send("POST", kApi + "/auth/refresh",
                  {{"Cookie", cookie_of(response)}, {"X-Requested-With", "baluhost"}}, "")
            .status == 200);
}

TEST_CASE("Behind a proxy that is trusted the refresh cookie goes by what the proxy says of TLS",
          "[cookie][spec-36][spec-53]") {
  Server server{{.extra_toml = "server.trusted_proxies = [\"127.0.0.1\"]\n"}};
  Api anna{server};
  const std::string body = object(
      {{"username", q(make_user(server))}, {"password", q(kPassword)}, {"transport", q("cookie")}});
  const auto login = [&](Api& api, const std::string& scheme) {
    return api.post(kApi + "/auth/login", body,
                    {{"X-Forwarded-For", "198.51.100.7"}, {"X-Forwarded-Proto", scheme}});
  };
  const std::string cookie = cookie_of(login(anna, "https"));
  CHECK(cookie.starts_with("__Host-baluhost_refresh="));
  check_invalid(login(anna, "http"), "/transport");
  const auto refresh = [&](const std::string& origin) {
    return anna.send("POST", kApi + "/auth/refresh",
                     {{"Cookie", cookie},
                      {"X-Requested-With", "baluhost"},
                      {"Host", "files.example.org"},
                      {"Origin", origin},
                      {"X-Forwarded-For", "198.51.100.7"},
                      {"X-Forwarded-Proto", "https"}},
                     "");
  };
  check_problem(refresh("http://files.example.org"), 403, "forbidden");
  check_problem(refresh("https://other.example.org"), 403, "forbidden");
  CHECK(refresh("https://files.example.org").status == 200);

  Server direct;
  Api boris{direct};
  const Response untrusted = boris.post(kApi + "/auth/login",
                                        object({{"username", q(make_user(direct))},
                                                {"password", q(kPassword)},
                                                {"transport", q("cookie")}}),
                                        {{"X-Forwarded-Proto", "https"}});
  CHECK(cookie_of(untrusted).starts_with("baluhost_refresh="));
}

TEST_CASE(
    "A refresh by cookie needs the custom header and a fitting origin, and a refused one does not "
    "use the token",
    "[cookie][spec-36]") {
  Server server{{.extra_toml = "cors.allowed_origins = [\"https://app.example.org\"]\n"}};
  Api anna{server};
  const Response login = login_by_cookie(anna, make_user(server));
  const std::string cookie = cookie_of(login);
  const auto refresh = [&](Headers headers) {
    headers.emplace_back("Cookie", cookie);
    return anna.send("POST", kApi + "/auth/refresh", headers, "");
  };
  const std::string own = server.url();
  check_problem(refresh({}), 403, "forbidden");
  check_problem(refresh({{"X-Requested-With", "other"}}), 403, "forbidden");
  check_problem(refresh({{"X-Requested-With", "baluhost"}, {"Origin", "https://evil.example"}}),
                403, "forbidden");
  check_problem(refresh({{"X-Requested-With", "baluhost"}, {"Origin", "null"}}), 403, "forbidden");
  check_problem(refresh({{"X-Requested-With", "baluhost"}, {"Origin", own + ".evil.example"}}), 403,
                "forbidden");
  check_problem(refresh({{"X-Requested-With", "baluhost"}, {"Sec-Fetch-Site", "cross-site"}}), 403,
                "forbidden");
  const Response first = refresh(
      {{"X-Requested-With", "baluhost"}, {"Origin", own}, {"Sec-Fetch-Site", "same-origin"}});
  REQUIRE(first.status == 200);
  CHECK(cookie_of(first) != cookie);
  const Response second = anna.send("POST", kApi + "/auth/refresh",
                                    {{"Cookie", cookie_of(first)},
                                     {"X-Requested-With", "baluhost"},
                                     {"Origin", "https://app.example.org"}},
                                    "");
  CHECK(second.status == 200);
}

TEST_CASE("A refresh by cookie compares origins, not their spelling", "[cookie][fault-26]") {
  Server server{{.extra_toml = "server.trusted_proxies = [\"127.0.0.1\"]\nserver.public_url = "
                               "\"https://Public.example:443\"\n"}};
  Api anna{server};
  std::string cookie = cookie_of(login_by_cookie(anna, make_user(server)));
  std::string secure =
      cookie_of(anna.post(kApi + "/auth/login",
                          object({{"username", q(make_user(server))},
                                  {"password", q(kPassword)},
                                  {"transport", q("cookie")}}),
                          {{"X-Forwarded-For", "198.51.100.7"}, {"X-Forwarded-Proto", "https"}}));
  const auto refresh = [&](std::string& of, const std::string& host, const std::string& origin,
                           const std::string& scheme) {
    const Response response = anna.send("POST", kApi + "/auth/refresh",
                                        {{"Cookie", of},
                                         {"X-Requested-With", "baluhost"},
                                         {"Host", host},
                                         {"Origin", origin},
                                         {"X-Forwarded-Proto", scheme}},
                                        "");
    if (response.status == 200) of = cookie_of(response);
    return response.status;
  };
  for (const char* host :
       {"files.example", "files.example:80", "FILES.example", "Files.Example:0080"}) {
    INFO(host);
    CHECK(refresh(cookie, host, "http://files.example", "http") == 200);
  }
  for (const char* host : {"files.example", "files.example:443", "FILES.example"}) {
    INFO(host);
    CHECK(refresh(secure, host, "https://files.example", "https") == 200);
    CHECK(refresh(secure, host, "https://public.example", "https") == 200);
  }
  CHECK(refresh(cookie, "files.example:443", "http://files.example", "http") == 403);
  CHECK(refresh(cookie, "files.example", "https://files.example", "http") == 403);
  CHECK(refresh(cookie, "files.example", "http://files.example:8080", "http") == 403);
  CHECK(refresh(cookie, "files.example", "http://files.example/", "http") == 403);
  CHECK(refresh(secure, "files.example:80", "https://files.example", "https") == 403);
}
