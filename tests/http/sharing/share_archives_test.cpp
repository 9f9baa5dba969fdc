#include "files/archive_client.hpp"
#include "sharing/link.hpp"

// Archives by the token of a share: of what is shared, as long as the share lasts.

using namespace baluhost::test;

TEST_CASE("An archive by a share holds what is shared, and resumes", "[share_archives]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box());
  Api stranger = guest(shared_server(), link);
  const Json whole = make_archive(stranger, {"/~"});
  CHECK(whole["file_count"].integer() == 2);
  const std::string url = whole["url"].text();
  const Response got = stranger.get(url);
  REQUIRE(got.status == 200);
  CHECK(got.header("X-Robots-Tag") == "noindex");
  CHECK(std::to_string(got.body.size()) == got.header("Content-Length"));
  const auto contents = ArchiveFile{got.body}.contents();
  CHECK(contents.at("box/doc") == hex(digest(Hash::sha256, "text")));
  CHECK(contents.at("box/deep/note") == hex(digest(Hash::sha256, "deep")));
  CHECK(stranger.get(url, {{"Range", "bytes=10-"}}).body == got.body.substr(10));
  CHECK(ArchiveFile{stranger.get(make_archive(stranger, {"/~/deep"})["url"].text()).body}
            .contents()
            .contains("deep/note"));
  const auto events = who.owner.events("action=download&resource=" + who.box() + "/doc");
  REQUIRE(events.size() >= 1);
  CHECK(events[0]["user"].is_null());
  CHECK(events[0]["details"]["share"].text() == link.id);
  CHECK(events[0]["details"]["archive"].text() == whole["id"].text());
}

TEST_CASE("An archive by a share is the share's alone, and ends with it", "[share_archives]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box());
  Api stranger = guest(shared_server(), link);
  Api other = guest(shared_server(), make_link(who.owner, who.box()));
  const std::string url = make_archive(stranger, {"/~"})["url"].text();
  const std::string own = make_archive(who.owner, {who.box()})["url"].text();
  check_problem(other.get(url), 404, "not_found");
  check_problem(who.owner.get(url), 404, "not_found");
  check_problem(stranger.get(own), 404, "not_found");
  CHECK(guest(shared_server(), link).get(url).status == 200); // opened once more
  REQUIRE(who.owner.del(link.at()).status == 204);
  check_problem(stranger.get(url), 401, "token_revoked");
}

TEST_CASE("Guests of a share leave its creator archives to make", "[share_archives]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box());
  Api stranger = guest(shared_server(), link);
  for (int i = 0; i < 10; ++i) make_archive(stranger, {"/~"});
  const Response late =
      guest(shared_server(), link).post(kApi + "/archives", R"({"paths":["/~"]})");
  check_problem(late, 429, "rate_limited");
  CHECK(late.header("Retry-After"));
  make_archive(who.owner, {who.box()});
  Api other = guest(shared_server(), make_link(who.owner, who.box()));
  make_archive(other, {"/~"});
}

TEST_CASE("No archive reaches beyond what is shared, and none is made of a drop box",
          "[share_archives]") {
  Sharer who;
  Api stranger = guest(shared_server(), make_link(who.owner, who.box()));
  const auto make = [](Api& api, const std::string& path) {
    return api.post(kApi + "/archives", "{\"paths\":[" + q(path) + "]}");
  };
  check_problem(make(stranger, who.box()), 403, "forbidden");
  check_problem(make(stranger, who.path + "/secret"), 403, "forbidden");
  check_problem(make(stranger, "/~/nothing"), 404, "not_found");
  CHECK(make(stranger, "/~/../secret").status == 400);
  Api dropper = guest(shared_server(), make_link(who.owner, who.box(), R"(["create"])"));
  for (const auto* path : {"/~", "/~/doc", "/~/nothing"})
    check_problem(make(dropper, path), 403, "forbidden");
}

TEST_CASE("The cookie of a share reads its archives", "[share_archives]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box());
  Api stranger = guest(shared_server(), link);
  const std::string url = make_archive(stranger, {"/~"})["url"].text();
  const std::string set = open(stranger, link.id, link.secret, R"(,"transport":"cookie")")
                              .header("Set-Cookie")
                              .value_or("");
  const std::string cookie = set.substr(0, set.find(';'));
  Api browser{shared_server()};
  CHECK(browser.get(url, {{"Cookie", cookie}}).status == 200);
  CHECK(browser.head(url, {{"Cookie", cookie}}).status == 200);
  CHECK(browser.get(url, {{"Cookie", cookie}, {"Sec-Fetch-Site", "cross-site"}}).status == 401);
  CHECK(browser.get(url).status == 401);
}

TEST_CASE("Of the two cookies of a browser that is signed in the one counts that an archive is of",
          "[share_archives]") {
  Sharer who;
  const Link link = make_link(who.owner, who.box());
  Api stranger = guest(shared_server(), link);
  const auto pair = [](const Response& response, const std::string& name) {
    for (const auto& [key, value] : response.headers)
      if (key == "Set-Cookie" && value.starts_with(name + "="))
        return value.substr(0, value.find(';'));
    return std::string{};
  };
  const std::string by_link =
      pair(open(stranger, link.id, link.secret, R"(,"transport":"cookie")"), "baluhost_share");
  Api anna = new_user(shared_server());
  const std::string own_path = "/" + anna.username + "/own";
  REQUIRE(anna.put(files(own_path), "own").status == 201);
  const Response login = anna.post(
      kApi + "/auth/login",
      json_of({{"username", anna.username}, {"password", kPassword}, {"transport", "cookie"}}));
  const std::string by_login = pair(login, "baluhost_read");
  REQUIRE_FALSE(by_link.empty());
  REQUIRE_FALSE(by_login.empty());

  const std::string shared = make_archive(stranger, {"/~"})["url"].text();
  const std::string own = make_archive(anna, {own_path})["url"].text();
  const std::string owners = make_archive(who.owner, {who.box()})["url"].text();
  Api browser{shared_server()};
  const auto status = [&](const std::string& url, const std::string& cookies,
                          const char* method = "GET") {
    return browser.send(method, url, {{"Cookie", cookies}}, "").status;
  };
  for (const std::string& both : {by_link + "; " + by_login, by_login + "; " + by_link}) {
    for (const char* method : {"GET", "HEAD"}) {
      CHECK(status(shared, both, method) == 200);
      CHECK(status(own, both, method) == 200);
      CHECK(status(owners, both, method) == 404);
    }
    const Response part = browser.get(shared, {{"Cookie", both}, {"Range", "bytes=4-"}});
    CHECK(part.status == 206);
    CHECK(part.header("X-Robots-Tag") == "noindex");
    CHECK(browser.get(own, {{"Cookie", both}}).count("X-Robots-Tag") == 0);
    CHECK(browser.get(shared, {{"Cookie", both}, {"Sec-Fetch-Site", "cross-site"}}).status == 401);
  }
  CHECK(status(own, by_link) == 404);
  CHECK(status(shared, by_login) == 404);
  const auto downloads = [&](const std::string& resource) {
    return who.owner.events("action=download&success=true&resource=" + resource);
  };
  REQUIRE(soon([&] { return downloads(who.box() + "/doc").size() >= 2; }));
  for (const auto& event : downloads(who.box() + "/doc")) {
    CHECK(event["user"].is_null());
    CHECK(event["details"]["share"].text() == link.id);
  }
  // One that is over does the other no harm.
  const std::string both = by_login + "; " + by_link;
  CHECK(status(shared, "baluhost_read=nonsense; " + by_link) == 200);
  CHECK(status(own, "baluhost_read=nonsense; " + by_link) == 404);
  CHECK(status(shared, "baluhost_share=nonsense; baluhost_read=nonsense") == 401);
  CHECK(status(own, by_login + "; baluhost_share=nonsense") == 200);
  REQUIRE(who.owner.del(link.at()).status == 204);
  CHECK(status(shared, both) == 404);
  CHECK(status(own, both) == 200);
}

TEST_CASE("What the creator may read no more is not in the rest of an archive by a share",
          "[share_archives]") {
  Sharer who;
  Api bob = new_user(shared_server());
  who.grant(who.box(), bob, R"(["read","share"])");
  Api stranger = guest(shared_server(), make_link(bob, who.box()));
  const std::string url = make_archive(stranger, {"/~"})["url"].text();
  REQUIRE(stranger.get(url).status == 200);
  who.grant(who.box(), bob, R"(["read"])");
  CHECK(stranger.get(url).status != 200);
}
