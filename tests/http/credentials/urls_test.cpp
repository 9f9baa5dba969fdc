#include "identity/totp.hpp"
#include "sharing/link.hpp"

#include <algorithm>

// A URL stands in logs, histories and referrers: what lets somebody in is in a header or a body.

using namespace baluhost::test;

TEST_CASE("What lets somebody in is taken from no URL", "[urls]") {
  Server server;
  Sharer who{server};
  const std::string doc = files(who.box() + "/doc");
  const Link link = make_link(who.owner, who.box());
  const std::string shared = guest(server, link).access_token;
  const std::string key =
      Json::parse(who.owner.post(kApi + "/auth/keys", R"({"name":"k","scopes":["files:read"]})")
                      .body)["secret"]
          .text();
  const Response login = who.owner.post(
      kApi + "/auth/login",
      json_of(
          {{"username", who.owner.username}, {"password", kPassword}, {"transport", "cookie"}}));
  std::string cookie;
  for (const auto& [name, value] : login.headers)
    if (name == "Set-Cookie" && value.starts_with("baluhost_read="))
      cookie = value.substr(14, value.find(';') - 14);
  REQUIRE_FALSE(cookie.empty());

  Api nobody{server};
  for (const std::string& token : {who.owner.access_token, key, shared, cookie}) {
    for (const char* name : {"access_token", "token", "key", "api_key", "authorization",
                             "baluhost_read", "share", "secret"}) {
      INFO(name);
      for (const std::string& target : {doc, files("/~/doc"), kApi + "/auth/me"}) {
        const int status = nobody.get(target + "?" + name + "=" + token).status;
        CHECK((status == 400 || status == 401));
      }
    }
    const int user = server.client()
                         .request("GET", "http://" + who.owner.username + ":" + token + "@x" + doc)
                         .status;
    CHECK((user == 400 || user == 401));
  }
  // Nor what a body has to bring.
  check_problem(nobody.post(kShares + "/" + link.id + "/open?secret=" + link.secret, "{}"), 400,
                "invalid_request");
  const Enrolled anna{server};
  const std::string challenge = anna.challenge();
  check_problem(nobody.post(kLoginCode + "?challenge=" + challenge + "&code=" + anna.code(), "{}"),
                400, "invalid_request");
  CHECK(anna.answer(challenge, anna.code()).status == 200);
}

TEST_CASE("No answer names a URL with what lets somebody in, but a link with its fragment",
          "[urls]") {
  Sharer who;
  const Response made = share(who.owner, who.box());
  REQUIRE(made.status == 201);
  const Link link = read_link(made);
  const std::string url = link.json["url"].text();
  CHECK(url.substr(0, url.find('#')).find(link.secret) == std::string::npos);
  CHECK(made.header("Location").value_or("").find(link.secret) == std::string::npos);
  Api stranger = guest(shared_server(), link);
  const Json archive = Json::parse(stranger.post(kApi + "/archives", R"({"paths":["/~"]})").body);
  const std::string at = archive["url"].text();
  CHECK(at == kApi + "/archives/" + archive["id"].text());
  CHECK(Api{shared_server()}.get(at).status == 401); // its id opens nothing
}
