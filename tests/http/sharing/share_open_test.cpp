#include "sharing/link.hpp"

#include <atomic>
#include <thread>

// Opening a share: the secret first, then the password, then one use.

using namespace baluhost::test;

TEST_CASE("A share is opened by its secret, and tells what it is", "[share_open]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box(), R"(["read"])", R"(,"note":"hello")");
  Api stranger{shared_server()};
  const Response opened = open(stranger, link.id, link.secret);
  REQUIRE(opened.status == 200);
  CHECK(opened.header("X-Robots-Tag") == "noindex");
  const Json reply = Json::parse(opened.body);
  CHECK(reply.keys() == std::vector<std::string>{"access_token", "expires_in", "share"});
  CHECK(reply["expires_in"].integer() == 900);
  CHECK(reply["share"].keys() ==
        std::vector<std::string>{"expires_at", "kind", "name", "note", "rights"});
  CHECK(reply["share"]["kind"].text() == "directory");
  CHECK(reply["share"]["name"].text() == "box");
  CHECK(reply["share"]["note"].text() == "hello");
  CHECK(claims_of(reply["access_token"].text())["aud"].text() == "baluhost:share");
  const Json after = Json::parse(who.owner.get(link.at()).body);
  CHECK(after["uses"].integer() == 1);
  CHECK_FALSE(after["last_used_at"].is_null());
  const auto events = who.owner.events("action=share_opened&resource=" + who.box());
  REQUIRE(events.size() == 1);
  CHECK(events[0]["user"].is_null());
  CHECK(events[0]["success"].flag());
  CHECK(events[0]["details"]["share"].text() == link.id);
}

TEST_CASE("Unknown, ended, expired and a wrong secret are one answer; who has the secret is told",
          "[share_open]") {
  Sharer who;
  const Link ended = make_link(who.owner, who.box());
  REQUIRE(who.owner.del(ended.at()).status == 204);
  const Link used = make_link(who.owner, who.box(), R"(["read"])", R"(,"max_uses":1)");
  guest(shared_server(), used);
  const Link expired = make_link(who.owner, who.box());
  const std::string at_once = "update shares set expires_at = 1 where id = '" + expired.id + "'";
  sql(shared_server(), at_once, at_once);
  Api stranger{shared_server()};
  const Link live = make_link(who.owner, who.box());
  const Link locked =
      make_link(who.owner, who.box(), R"(["read"])", R"(,"password":"a fine pass phrase")");
  const auto guess = [&](const std::string& id) {
    const Response answer = stranger.post(kShares + "/" + id + "/open", R"({"secret":"wrong"})",
                                          {{"X-Request-Id", "r"}});
    check_problem(answer, 404, "not_found");
    return answer.body;
  };
  const std::string unknown = guess(std::string(32, 'a'));
  for (const Link* link : {&ended, &used, &expired, &live, &locked})
    CHECK(guess(link->id) == unknown);
  for (const Link* link : {&ended, &used, &expired})
    check_problem(open(stranger, link->id, link->secret), 410, "gone");
}

TEST_CASE("The password is looked at after the secret, by the server", "[share_open]") {
  Sharer who;
  const std::string with = R"(,"password":"a fine pass phrase")";
  const Link link = make_link(who.owner, who.box(), R"(["read"])", with);
  Api stranger{shared_server()};
  check_problem(open(stranger, link.id, "wrong", with), 404, "not_found");
  check_problem(open(stranger, link.id, link.secret), 401, "invalid_credentials");
  const auto wrong = open(stranger, link.id, link.secret, R"(,"password":"another pass phrase")");
  check_problem(wrong, 401, "invalid_credentials");
  CHECK(Json::parse(wrong.body)["detail"].text() == "The password of the link does not fit.");
  CHECK(wrong.header("WWW-Authenticate"));
  CHECK(open(stranger, link.id, link.secret, with).status == 200);
  CHECK(Json::parse(who.owner.get(link.at()).body)["uses"].integer() == 1);
  const std::string stored = "select password_hash from shares where id = '" + link.id + "'";
  CHECK(sql(shared_server(), stored, stored).starts_with("$argon2id$"));
  // Another password, or none, ends what was got by the one of before.
  Api inside = guest(shared_server(), link, with);
  REQUIRE(who.owner.patch(link.at(), R"({"password":null})").status == 200);
  check_problem(inside.get(files("/~/doc")), 401, "token_revoked");
  CHECK(open(stranger, link.id, link.secret).status == 200);
}

TEST_CASE("Of many who open at once exactly as many get in as may", "[share_open]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box(), R"(["read"])", R"(,"max_uses":3)");
  std::atomic<int> opened{0};
  std::atomic<int> gone{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i) {
    threads.emplace_back([&] {
      Api stranger{shared_server()};
      const int status = open(stranger, link.id, link.secret).status;
      if (status == 200) ++opened;
      if (status == 410) ++gone;
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(opened == 3);
  CHECK(gone == 9);
  CHECK(Json::parse(who.owner.get(link.at()).body)["uses"].integer() == 3);
}

TEST_CASE("The cookie of a share reads what is shared, for the same site, and nothing else",
          "[share_open]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box(), R"(["read","create"])");
  Api stranger{shared_server()};
  const Response opened = open(stranger, link.id, link.secret, R"(,"transport":"cookie")");
  REQUIRE(opened.status == 200);
  const std::string set = opened.header("Set-Cookie").value_or("");
  REQUIRE(set.starts_with("baluhost_share="));
  CHECK(set.find("HttpOnly") != std::string::npos);
  CHECK(set.find("SameSite=Strict") != std::string::npos);
  const std::string cookie = set.substr(0, set.find(';'));
  CHECK(stranger.get(files("/~/doc"), {{"Cookie", cookie}}).body == "text");
  CHECK(stranger.get(files("/~/doc"), {{"Cookie", cookie}, {"Sec-Fetch-Site", "same-origin"}})
            .status == 200);
  CHECK(stranger.get(files("/~/doc"), {{"Cookie", cookie}, {"Sec-Fetch-Site", "cross-site"}})
            .status == 401);
  CHECK(stranger.put(files("/~/new"), "x", {{"Cookie", cookie}}).status == 401);
  CHECK(stranger.get(dirs("/~"), {{"Cookie", cookie}}).status == 401);
  stranger.access_token = cookie.substr(cookie.find('=') + 1);
  CHECK(stranger.get(files("/~/doc")).status == 401); // a cookie is no token
  CHECK(open(who.owner, link.id, link.secret, R"(,"transport":"pigeon")").status == 400);
}

TEST_CASE("Over TLS the cookie of a share is bound to its host, and is no other cookie",
          "[share_open]") {
  Server server{{.tls = true}};
  Sharer who{server};
  const Link link = make_link(who.owner, who.box());
  Api stranger{server};
  const Response opened = open(stranger, link.id, link.secret, R"(,"transport":"cookie")");
  REQUIRE(opened.status == 200);
  const std::string set = opened.header("Set-Cookie").value_or("");
  REQUIRE(set.starts_with("__Host-baluhost_share="));
  for (const char* attribute : {"; Secure", "; HttpOnly", "; SameSite=Strict", "; Path=/;"})
    CHECK(set.find(attribute) != std::string::npos);
  const std::string value = set.substr(set.find('='), set.find(';') - set.find('='));
  const auto status = [&](const std::string& name, const std::string& target) {
    return stranger.get(target, {{"Cookie", name + value}}).status;
  };
  CHECK(status("__Host-baluhost_share", files("/~/doc")) == 200);
  CHECK(status("baluhost_share", files("/~/doc")) == 401);
  CHECK(status("__Host-baluhost_read", files("/~/doc")) == 401);
  CHECK(status("__Host-baluhost_read", files(who.box() + "/doc")) == 401);
  CHECK(status("__Host-baluhost_share", files(who.box() + "/doc")) == 401);
}
