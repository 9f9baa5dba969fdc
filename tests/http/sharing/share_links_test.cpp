#include "sharing/link.hpp"

#include <algorithm>
#include <chrono>
#include <tuple>

// What the contract says of making and keeping shares, line by line.

using namespace baluhost::test;

TEST_CASE("A share has its members, and its secret in the fragment of its link, once",
          "[share_links]") {
  Sharer who;
  const Response made = share(who.owner, who.box(), R"(["read","create"])",
                              R"(,"password":"a fine pass phrase","max_uses":3,"max_bytes":100,)"
                              R"("note":"for \u00e4ll","expires_at":"2999-01-01T00:00:00Z")");
  REQUIRE(made.status == 201);
  const Link link = read_link(made);
  CHECK(link.json.keys() == std::vector<std::string>{"created_at", "created_by", "expires_at",
                                                     "has_password", "id", "kind", "last_used_at",
                                                     "max_bytes", "max_uses", "note", "path",
                                                     "rights", "url", "uses"});
  CHECK(made.header("Location") == link.at());
  CHECK(link.json["path"].text() == who.box());
  CHECK(link.json["kind"].text() == "directory");
  CHECK(link.json["rights"].dump() == R"(["read","create"])");
  CHECK(link.json["has_password"].flag());
  CHECK(link.json["expires_at"].text() == "2999-01-01T00:00:00.000000Z");
  CHECK(link.json["max_uses"].integer() == 3);
  CHECK(link.json["uses"].integer() == 0);
  CHECK(link.json["max_bytes"].integer() == 100);
  CHECK(link.json["created_by"].text() == who.owner.username);
  CHECK(link.json["last_used_at"].is_null());
  const std::string url = link.json["url"].text();
  CHECK(url.find("/s/" + link.id + "#") != std::string::npos);
  CHECK(link.secret.size() >= 22);

  const Response shown = who.owner.get(link.at());
  REQUIRE(shown.status == 200);
  CHECK_FALSE(Json::parse(shown.body).has("url"));
  CHECK(shown.body.find(link.secret) == std::string::npos);
  CHECK(sql(shared_server(), "select secret from shares where id = '" + link.id + "'",
            "select secret from shares where id = '" + link.id + "'")
            .find(hex(digest(Hash::sha256, link.secret))) != std::string::npos);

  const auto events = who.owner.events("action=share_created&user=" + who.owner.username);
  REQUIRE(events.size() == 1);
  CHECK(events[0]["event_type"].text() == "SECURITY");
  CHECK(events[0]["resource"].text() == who.box());
  CHECK(events[0]["details"]["share"].text() == link.id);
  CHECK(events[0].dump().find(link.secret) == std::string::npos);
}

TEST_CASE("A share expires after 30 days unless it says otherwise, and null means never",
          "[share_links]") {
  Sharer who;
  CHECK_FALSE(make_link(who.owner, who.box()).json["expires_at"].is_null());
  CHECK(make_link(who.owner, who.box(), R"(["read"])", R"(,"expires_at":null)")
            .json["expires_at"]
            .is_null());
}

TEST_CASE("What breaks a rule is refused with its member", "[share_links]") {
  Sharer who;
  for (const char* rights : {"[]", R"(["write"])", R"(["read","read"])"})
    CHECK(share(who.owner, who.box(), rights).status == 400);
  check_invalid(share(who.owner, who.box() + "/doc", R"(["create"])"), "/rights");
  for (const auto& [more, pointer] :
       {std::pair{R"(,"expires_at":"2001-01-01T00:00:00Z")", "/expires_at"},
        {R"(,"expires_at":"soon")", "/expires_at"},
        {R"(,"max_uses":0)", "/max_uses"},
        {R"(,"max_bytes":0)", "/max_bytes"},
        {R"(,"password":"short")", "/password"},
        {R"(,"note":"a\u0007b")", "/note"}})
    check_invalid(share(who.owner, who.box(), R"(["read"])", more), pointer);
  CHECK(share(who.owner, who.box(), R"(["read"])", R"(,"url":"x")").status == 400);
  check_invalid(
      share(who.owner, who.box(), R"(["read"])", ",\"note\":" + q(std::string(1001, 'n'))),
      "/note");
}

TEST_CASE("Making one needs `share` and the rights that it gives", "[share_links]") {
  Sharer who;
  Api bob = new_user(shared_server());
  check_problem(share(bob, who.box()), 404, "not_found");
  who.grant(who.box(), bob, R"(["read"])");
  check_problem(share(bob, who.box()), 403, "forbidden");
  who.grant(who.box(), bob, R"(["read","share"])");
  check_problem(share(bob, who.box(), R"(["create"])"), 403, "forbidden");
  CHECK(share(bob, who.box()).status == 201);
  check_problem(share(bob, who.box() + "/nothing"), 404, "not_found");
}

TEST_CASE("One's own are those that one made; others' do not exist, but for administrators",
          "[share_links]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box());
  make_link(who.owner, who.path + "/secret");
  Api bob = new_user(shared_server());
  const auto ids = [](Api& api, const std::string& query) {
    std::vector<std::string> found;
    const Response response = api.get(kShares + query);
    REQUIRE(response.status == 200);
    const Json page = Json::parse(response.body);
    for (std::size_t i = 0; i < page["items"].size(); ++i)
      found.push_back(page["items"][i]["id"].text());
    return found;
  };
  CHECK(ids(who.owner, "").size() == 2);
  CHECK(ids(who.owner, "?path=" + percent_encode(who.box())) == std::vector{link.id});
  CHECK(ids(who.owner, "?limit=1").size() == 1);
  CHECK(ids(bob, "").empty());
  check_problem(bob.get(kShares + "?path=" + percent_encode(who.box())), 404, "not_found");
  for (const auto* method : {"GET", "DELETE"})
    check_problem(bob.send(method, link.at(), {}, ""), 404, "not_found");
  check_problem(bob.patch(link.at(), R"({"note":"mine"})"), 404, "not_found");
  check_problem(bob.post(link.at() + "/secret"), 404, "not_found");
  Api boss = new_user(shared_server(), "admin");
  CHECK(boss.get(link.at()).status == 200);
  CHECK(ids(boss, "?path=" + percent_encode(who.box())) == std::vector{link.id});
  const auto all = ids(boss, "?limit=1000");
  CHECK(std::ranges::find(all, link.id) != all.end());
  CHECK(all.size() >= 2);
  CHECK(boss.patch(link.at(), R"({"note":"seen"})").status == 200);
  CHECK(boss.del(link.at()).status == 204);
  check_problem(who.owner.get(link.at()), 404, "not_found");
  check_problem(who.owner.get(kShares + "/nonsense"), 404, "not_found");
}

TEST_CASE("PATCH sets what it names, null takes away, and what it changed is on record",
          "[share_links]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box(), R"(["read"])", R"(,"note":"old","max_uses":5)");
  const Response changed =
      who.owner.patch(link.at(), R"({"rights":["create"],"note":null,"max_bytes":7})");
  REQUIRE(changed.status == 200);
  const Json share = Json::parse(changed.body);
  CHECK(share["rights"].dump() == R"(["create"])");
  CHECK(share["note"].is_null());
  CHECK(share["max_uses"].integer() == 5);
  CHECK(share["max_bytes"].integer() == 7);
  CHECK(who.owner.patch(link.at(), R"({"path":"/x"})").status == 400);
  CHECK(who.owner.patch(link.at(), R"({"rights":[]})").status == 400);
  const auto events =
      who.owner.events("action=share_changed&user=" + who.owner.username + "&success=true");
  REQUIRE(events.size() == 1);
  CHECK(events[0]["details"]["changes"].size() == 3);
  CHECK(events[0]["resource"].text() == who.box());
}

TEST_CASE("PATCH takes each member that POST does, but the path", "[share_links]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box());
  for (const auto& [member, value, shown] :
       {std::tuple{"rights", R"(["read","create"])", R"(["read","create"])"},
        {"password", R"("a fine pass phrase")", "true"},
        {"expires_at", R"("2999-01-01T00:00:00.000000Z")", R"("2999-01-01T00:00:00.000000Z")"},
        {"expires_at", "null", "null"},
        {"max_uses", "9", "9"},
        {"max_bytes", "10", "10"},
        {"note", R"("for anna")", R"("for anna")"}}) {
    INFO(member);
    const Response changed = who.owner.patch(link.at(), object({{member, value}}));
    REQUIRE(changed.status == 200);
    const std::string name = std::string{member} == "password" ? "has_password" : member;
    CHECK(Json::parse(changed.body)[name.c_str()].dump() == shown);
    CHECK(Json::parse(who.owner.get(link.at()).body)[name.c_str()].dump() == shown);
    if (name == "has_password") {
      Api stranger{shared_server()};
      check_problem(open(stranger, link.id, link.secret), 401, "invalid_credentials");
    }
  }
  for (const auto& [member, value] : {std::pair{"rights", "[]"},
                                      {"password", R"("short")"},
                                      {"expires_at", R"("yesterday")"},
                                      {"max_uses", "0"},
                                      {"max_bytes", "-1"},
                                      {"note", "7"}})
    check_invalid(who.owner.patch(link.at(), object({{member, value}})), "/" + std::string{member});
  check_invalid(who.owner.patch(link.at(), object({{"path", q(who.path)}})), "/path");
}

TEST_CASE("A new secret kills the link of before and every token got by it", "[share_links]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box());
  Api stranger = guest(shared_server(), link);
  REQUIRE(stranger.get(files("/~/doc")).status == 200);
  const Response renewed = who.owner.post(link.at() + "/secret");
  REQUIRE(renewed.status == 200);
  const Link fresh = read_link(renewed);
  CHECK(fresh.secret != link.secret);
  check_problem(stranger.get(files("/~/doc")), 401, "token_revoked");
  Api other{shared_server()};
  check_problem(open(other, link.id, link.secret), 404, "not_found");
  CHECK(open(other, fresh.id, fresh.secret).status == 200);
}

TEST_CASE("A share that is ended is gone for who has its secret, and not there for others",
          "[share_links]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box());
  Api stranger = guest(shared_server(), link);
  REQUIRE(who.owner.del(link.at()).status == 204);
  check_problem(stranger.get(files("/~/doc")), 401, "token_revoked");
  check_problem(open(stranger, link.id, link.secret), 410, "gone");
  check_problem(open(stranger, link.id, "wrong"), 404, "not_found");
  check_problem(who.owner.get(link.at()), 404, "not_found");
  check_problem(who.owner.del(link.at()), 404, "not_found");
  const auto events =
      who.owner.events("action=share_ended&user=" + who.owner.username + "&success=true");
  REQUIRE(events.size() == 1);
  CHECK(events[0]["details"]["uses"].integer() == 1);
}

TEST_CASE("The configuration sets how long shares last, asks for passwords or switches them off",
          "[share_links]") {
  Server server{{.extra_toml = "shares.default_days = 2\nshares.max_days = 3\n"
                               "shares.require_password = true\n"}};
  Sharer who{server};
  check_invalid(share(who.owner, who.box()), "/password");
  const std::string password = R"(,"password":"a fine pass phrase")";
  check_invalid(share(who.owner, who.box(), R"(["read"])", password + R"(,"expires_at":null)"),
                "/expires_at");
  const Link link = make_link(who.owner, who.box(), R"(["read"])", password);
  const auto day_of = [](const std::string& time) {
    return std::chrono::sys_days{std::chrono::year{std::stoi(time.substr(0, 4))} /
                                 std::stoi(time.substr(5, 2)) / std::stoi(time.substr(8, 2))};
  };
  CHECK(day_of(link.json["expires_at"].text()) - day_of(link.json["created_at"].text()) ==
        std::chrono::days{2});
  check_invalid(who.owner.patch(link.at(), R"({"password":null})"), "/password");

  Server off{{.extra_toml = "shares.enabled = false\n"}};
  Sharer none{off};
  check_problem(share(none.owner, none.box()), 403, "forbidden");
  check_problem(open(none.owner, link.id, link.secret), 404, "not_found");
}

TEST_CASE("An operator lists and ends shares without a server's help", "[share_links]") {
  Server server;
  Sharer who{server};
  const Link link = make_link(who.owner, who.box());
  const auto listed = server.ctl({"share", "list", "--json", "--path", who.box()});
  REQUIRE(listed.exit_code == 0);
  CHECK(Json::parse(listed.out)["items"][0]["id"].text() == link.id);
  CHECK(listed.out.find(link.secret) == std::string::npos);
  CHECK(server.ctl({"share", "list"}).out.find(link.id) != std::string::npos);
  CHECK(server.ctl({"share", "end", link.id}).exit_code == 0);
  CHECK(server.ctl({"share", "end", link.id}).exit_code == 1);
  CHECK(server.ctl({"share", "end", "nonsense"}).exit_code == 2);
  Api stranger{server};
  check_problem(open(stranger, link.id, link.secret), 410, "gone");
}
