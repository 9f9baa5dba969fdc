#include "sharing/link.hpp"

// What other file hosts' advisories told of their share links, each as a test: the weakness is in
// the name.

using namespace baluhost::test;

TEST_CASE("Advisory: the password is checked in the page only. Here no route opens without it",
          "[share_advisories]") {
  Sharer who;
  const Link link =
      make_link(who.owner, who.box(), R"(["read"])", R"(,"password":"a fine pass phrase")");
  Api stranger{shared_server()};
  check_problem(open(stranger, link.id, link.secret), 401, "invalid_credentials");
  for (const auto& token : {link.secret, link.id, link.id + "#" + link.secret}) {
    stranger.access_token = token;
    check_problem(stranger.get(files("/~/doc")), 401, "unauthenticated");
  }
}

TEST_CASE("Advisory: a share's info holds its token. Here nothing but the reply to `open` does",
          "[share_advisories]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box());
  Api stranger{shared_server()};
  const std::string token =
      Json::parse(open(stranger, link.id, link.secret).body)["access_token"].text();
  Api boss = admin(shared_server());
  for (const auto& target : {link.at(), kShares, kEvents + "?action=share_opened&limit=1000"}) {
    const std::string body = boss.get(target).body;
    CHECK(body.find(token) == std::string::npos);
    CHECK(body.find(link.secret) == std::string::npos);
  }
  CHECK(stranger.get(link.at()).status == 401);
}

TEST_CASE("Advisory: the hash of the password stands in a list. Here only that there is one",
          "[share_advisories]") {
  Sharer who;
  make_link(who.owner, who.box(), R"(["read"])", R"(,"password":"a fine pass phrase")");
  const std::string body = who.owner.get(kShares).body;
  CHECK(body.find("argon2") == std::string::npos);
  CHECK(body.find("has_password\":true") != std::string::npos);
  CHECK(body.find("secret") == std::string::npos);
}

TEST_CASE("Advisory: anyone deletes anyone's. Here only the creator and administrators",
          "[share_advisories]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box());
  Api bob = new_user(shared_server());
  Api stranger = guest(shared_server(), link);
  check_problem(bob.del(link.at()), 404, "not_found");
  check_problem(stranger.del(link.at()), 403, "forbidden");
  CHECK(Api{shared_server()}.del(link.at()).status == 401);
  CHECK(stranger.get(files("/~/doc")).status == 200);
}

TEST_CASE("Advisory: rights are not checked again. Here in each request", "[share_advisories]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box(), R"(["read","create"])");
  Api stranger = guest(shared_server(), link);
  REQUIRE(stranger.put(files("/~/a"), "1").status == 201);
  REQUIRE(who.owner.patch(link.at(), R"({"rights":["read"]})").status == 200);
  check_problem(stranger.put(files("/~/b"), "1"), 403, "forbidden");
  REQUIRE(who.owner.patch(link.at(), R"({"rights":["create"]})").status == 200);
  check_problem(stranger.get(files("/~/a")), 403, "forbidden");
}

TEST_CASE("Advisory: a share on a path that does not exist yet. Here it is not made",
          "[share_advisories]") {
  Sharer who;
  check_problem(share(who.owner, who.path + "/later"), 404, "not_found");
  Api bob = new_user(shared_server());
  check_problem(share(bob, "/nobody.yet/x"), 404, "not_found");
}

TEST_CASE("Advisory: siblings and parents are exposed. Here nothing above or beside is named",
          "[share_advisories]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box() + "/deep");
  Api stranger = guest(shared_server(), link);
  for (const auto& target : {files("/~/doc"), files("/~/secret"), meta("/~/box"), dirs("/~/box")})
    check_problem(stranger.get(target), 404, "not_found");
  for (const auto& raw : {"/~/../doc", "/~/%2e%2e/doc", "/~/..%2fdoc", "/~/%2e%2e%2fdoc", "/~//doc",
                          "/~/./../../secret", "/~\\..\\doc"}) {
    INFO(raw);
    const int status = stranger.get(kApi + "/files" + raw).status;
    CHECK((status == 400 || status == 404));
  }
  for (const auto& path : {who.path, who.box(), who.box() + "/doc", who.box() + "/deep"})
    check_problem(stranger.get(files(path)), 403, "forbidden");
}

TEST_CASE("Advisory: a prefix without a boundary. Here /boxes is not in /box",
          "[share_advisories]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box());
  Api stranger = guest(shared_server(), link);
  check_problem(stranger.get(files(who.path + "/boxes")), 403, "forbidden");
  check_problem(stranger.get(files("/~es")), 400, "invalid_request");
  check_problem(stranger.get(kApi + "/files/~es"), 400, "invalid_request");
}

TEST_CASE("Advisory: another protocol forgot the filter. Here resumable uploads keep it",
          "[share_advisories]") {
  Sharer who;
  Api reader = guest(shared_server(), make_link(who.owner, who.box()));
  const auto create = [](Api& api, const std::string& path) {
    return api
        .send("POST", kApi + "/uploads",
              {{"Tus-Resumable", "1.0.0"},
               {"Upload-Length", "1"},
               {"Upload-Metadata", "path " + base64(path)}},
              "")
        .status;
  };
  CHECK(create(reader, "/~/new") == 403);
  Api adder = guest(shared_server(), make_link(who.owner, who.box(), R"(["create"])"));
  CHECK(create(adder, who.path + "/new") == 403);
  CHECK(create(adder, "/~/new") == 201);
}

TEST_CASE("Advisory: ../ in its deletion. Here an id is an id", "[share_advisories]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box());
  const std::string below = "files%2f" + who.owner.username + "%2fbox%2fdoc";
  for (const auto& raw :
       {"..%2f" + below, "..%252f" + below, "%2e%2e%2f" + below, "..%2fshares%2f" + link.id,
        link.id + "%2f..", std::string{"%00"}, std::string{"%27%20or%201=1%20--"}}) {
    INFO(raw);
    const int status = who.owner.del(kShares + "/" + raw).status;
    CHECK((status == 404 || status == 400));
  }
  CHECK(who.owner.get(files(who.box() + "/doc")).status == 200);
  CHECK(who.owner.get(link.at()).status == 200);
}

TEST_CASE("Advisory: a stored script. Here what is shared cannot run, nor what is noted",
          "[share_advisories]") {
  Sharer who;
  const std::string script = "<script>alert(1)</script>";
  REQUIRE(who.owner.put(files(who.box() + "/x.html"), script).status == 201);
  const Link link = make_link(who.owner, who.box(), R"(["read"])", ",\"note\":" + q(script));
  Api stranger{shared_server()};
  const Response opened = open(stranger, link.id, link.secret);
  CHECK(opened.header("Content-Type").value_or("").starts_with("application/json"));
  CHECK(opened.header("X-Content-Type-Options") == "nosniff");
  stranger.access_token = Json::parse(opened.body)["access_token"].text();
  const Response page = stranger.get(files("/~/x.html"));
  CHECK(page.header("Content-Disposition").value_or("").starts_with("attachment"));
  CHECK(page.header("Content-Security-Policy").value_or("").find("sandbox") != std::string::npos);
  CHECK(page.header("X-Robots-Tag") == "noindex");
}

TEST_CASE("Advisory: it works after its deletion. Here the next request is refused",
          "[share_advisories]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box());
  Api stranger = guest(shared_server(), link);
  const Response cookie = open(stranger, link.id, link.secret, R"(,"transport":"cookie")");
  const std::string set = cookie.header("Set-Cookie").value_or("");
  REQUIRE(who.owner.del(link.at()).status == 204);
  check_problem(stranger.get(files("/~/doc")), 401, "token_revoked");
  Api browser{shared_server()};
  CHECK(browser.get(files("/~/doc"), {{"Cookie", set.substr(0, set.find(';'))}}).status == 401);
}

TEST_CASE("Advisory: previews and HEAD eat the count. Here one opening is one use",
          "[share_advisories]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box(), R"(["read"])", R"(,"max_uses":1)");
  Api stranger = guest(shared_server(), link);
  for (int i = 0; i < 3; ++i) {
    CHECK(stranger.head(files("/~/doc")).status == 200);
    CHECK(stranger.get(files("/~/doc"), {{"Range", "bytes=0-1"}}).status == 206);
    CHECK(stranger.get(files("/~/doc")).status == 200);
    CHECK(stranger.get(dirs("/~")).status == 200);
  }
  for (const auto* method : {"GET", "HEAD"})
    CHECK(Api{shared_server()}.send(method, kShares + "/" + link.id + "/open", {}, "").status ==
          405);
  CHECK(Json::parse(who.owner.get(link.at()).body)["uses"].integer() == 1);
}
