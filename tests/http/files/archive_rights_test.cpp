#include "archive_client.hpp"

#include <functional>

using namespace baluhost::test;

namespace {

/// More than the system keeps of an answer that is not read.
constexpr std::size_t kLong = 24'000'000;

/// An account with `d/a` and `d/b`, of `size` bytes each.
struct Owner {
  explicit Owner(std::size_t size) : api(new_user(shared_server())), home("/" + api.username) {
    for (const char* name : {"a", "b"})
      REQUIRE(api.put(files(home + "/d/" + name) + "?parents=true",
                      pattern(size, static_cast<std::uint32_t>(name[0])))
                  .status == 201);
  }

  Api api;
  std::string home;
};

Api with_key(Api& owner, const std::string& scopes, const std::string& path = {}) {
  const Response made = owner.post(
      kApi + "/auth/keys",
      object(
          {{"name", q("a key")}, {"scopes", scopes}, {"path", path.empty() ? "null" : q(path)}}));
  REQUIRE(made.status == 201);
  Api api{shared_server()};
  api.username = owner.username;
  api.access_token = Json::parse(made.body)["secret"].text();
  return api;
}

void give_read(Api& owner, const std::string& path, const std::string& grantee) {
  REQUIRE(
      owner
          .put_json(kApi + "/grants",
                    object({{"path", q(path)}, {"grantee", q(grantee)}, {"rights", R"(["read"])"}}))
          .status == 201);
}

/// What arrives of the answer, its head too, where `meanwhile` happens once its first content is
/// there.
std::string get_while(const Api& api, const std::string& url,
                      const std::function<void()>& meanwhile) {
  HttpClient client = shared_server().client();
  client.connect();
  client.send("GET " + url +
              " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer " +
              api.access_token + "\r\n\r\n");
  std::string got;
  while (got.size() < 10'000) {
    const std::string some = client.read_some(10'000);
    REQUIRE_FALSE(some.empty());
    got += some;
  }
  REQUIRE(got.starts_with("HTTP/1.1 200 "));
  meanwhile();
  return got + client.read_until_closed();
}

/// Of the last refusal of that user.
Json last_refusal(Api& api) {
  return api.events("action=access_denied&limit=1&user=" + api.username).at(0);
}

} // namespace

TEST_CASE("An archive that is read to its end while nothing changes is whole", "[archive_rights]") {
  Owner anna{kLong};
  const Json made = make_archive(anna.api, {anna.home + "/d"});
  const std::string got = get_while(anna.api, made["url"].text(), [] {});
  CHECK(static_cast<std::int64_t>(got.size() - got.find("\r\n\r\n") - 4) == made["size"].integer());
}

TEST_CASE("A right that is withdrawn in the middle ends an archive before the next file",
          "[archive_rights]") {
  Owner anna{kLong};
  Api bert = new_user(shared_server());
  give_read(anna.api, anna.home + "/d", bert.username);
  const Json made = make_archive(bert, {anna.home + "/d"});
  const std::string got = get_while(bert, made["url"].text(), [&] {
    REQUIRE(anna.api
                .del(kApi + "/grants?path=" + percent_encode(anna.home + "/d") +
                     "&grantee=" + bert.username)
                .status == 204);
  });
  // What was under way is whole, and of the next one there is not even the name.
  CHECK(got.size() > kLong);
  CHECK(got.size() < kLong + 2000);
  CHECK(got.find("d/b") == std::string::npos);
  const Json refused = last_refusal(bert);
  CHECK(refused["resource"].text() == anna.home + "/d/b");
  CHECK(refused["details"]["required_permission"].text() == "read");
  CHECK(refused["details"]["operation"].text() == "download");
  const auto downloads = [&] { return bert.events("action=download&user=" + bert.username); };
  REQUIRE(soon([&] { return downloads().size() == 1; }));
  CHECK(downloads().at(0)["resource"].text() == anna.home + "/d/a");
  CHECK(downloads().at(0)["success"].flag());
}

TEST_CASE("A session that ends in the middle ends its archive there", "[archive_rights]") {
  Owner anna{kLong};
  const Json made = make_archive(anna.api, {anna.home + "/d"});
  const std::string got = get_while(anna.api, made["url"].text(), [&] {
    REQUIRE(anna.api.post(kApi + "/auth/logout").status == 204);
  });
  CHECK(got.size() < kLong);
  const auto failed = [&] {
    return anna.api.events("action=download&success=false&user=" + anna.api.username);
  };
  REQUIRE(soon([&] { return failed().size() == 1; }));
  const Json event = failed().at(0);
  CHECK(event["resource"].text() == anna.home + "/d/a");
  CHECK_FALSE(event["details"]["complete"].flag());
  CHECK(event["details"]["bytes_sent"].integer() < static_cast<std::int64_t>(kLong));
}

TEST_CASE("A part of an archive needs the rights on what is in it, its directory too",
          "[archive_rights]") {
  Owner anna{5000};
  Api bert = new_user(shared_server());
  give_read(anna.api, anna.home + "/d/a", bert.username);
  give_read(anna.api, anna.home + "/d/b", bert.username);
  const std::string url =
      make_archive(bert, {anna.home + "/d/a", anna.home + "/d/b"})["url"].text();
  const std::string whole = bert.get(url).body;
  REQUIRE(anna.api
              .del(kApi + "/grants?path=" + percent_encode(anna.home + "/d/b") +
                   "&grantee=" + bert.username)
              .status == 204);
  CHECK(bert.get(url, {{"Range", "bytes=100-200"}}).status == 206);
  check_problem(bert.get(url, {{"Range", "bytes=6000-6010"}}), 403, "forbidden");
  CHECK(last_refusal(bert)["resource"].text() == anna.home + "/d/b");
  // The first name in the directory is that of a file that may be read, the next one is not.
  const auto directory = whole.find("PK\x01\x02");
  REQUIRE(directory != std::string::npos);
  const Response names = bert.get(url, {{"Range", "bytes=" + std::to_string(directory) + "-"}});
  CHECK(names.body.size() < whole.size() - directory);
  CHECK(whole.substr(directory).starts_with(names.body));
  const auto second = whole.find("PK\x01\x02", directory + 4);
  check_problem(bert.get(url, {{"Range", "bytes=" + std::to_string(second) + "-"}}), 403,
                "forbidden");
  CHECK(bert.events("action=access_denied&user=" + bert.username).size() == 3);
}

TEST_CASE("A key downloads an archive and makes none", "[archive_rights]") {
  Owner anna{5000};
  const std::string body = "{\"paths\":[" + q(anna.home + "/d") + "]}";
  Api all = with_key(
      anna.api, R"(["files:read","files:write","files:delete","shares","audit:read","admin"])");
  check_problem(all.post(kApi + "/archives", body), 403, "forbidden");
  const Json refused = last_refusal(anna.api);
  CHECK(refused["resource"].text() == kApi + "/archives");
  CHECK(refused["details"]["required_permission"].text() == "session");
  CHECK(refused["details"]["operation"].text() == "download");
  CHECK(refused["details"].has("key"));

  const Json made = make_archive(anna.api, {anna.home + "/d"});
  const std::string url = made["url"].text();
  Api reader = with_key(anna.api, R"(["files:read"])");
  CHECK(reader.head(url).status == 200);
  const std::string whole = reader.get(url).body;
  CHECK(static_cast<std::int64_t>(whole.size()) == made["size"].integer());
  const auto downloads = [&] {
    return anna.api.events("action=download&user=" + anna.api.username);
  };
  REQUIRE(soon([&] { return downloads().size() == 2; }));
  for (const auto& event : downloads()) CHECK(event["details"].has("key"));

  Api writer = with_key(anna.api, R"(["files:write","files:delete"])");
  check_problem(writer.get(url), 403, "forbidden");
  CHECK(last_refusal(anna.api)["details"]["required_permission"].text() == "files:read");
}

TEST_CASE("A key that is bound to a path gets of an archive what lies below it",
          "[archive_rights]") {
  Owner anna{5000};
  const std::string url =
      make_archive(anna.api, {anna.home + "/d/a", anna.home + "/d/b"})["url"].text();
  const std::string whole = anna.api.get(url).body;
  CHECK(with_key(anna.api, R"(["files:read"])", anna.home + "/d").get(url).body == whole);
  Api half = with_key(anna.api, R"(["files:read"])", anna.home + "/d/a");
  const Response cut = half.get(url);
  CHECK(cut.status == 200);
  CHECK(cut.body.size() < 5200);
  CHECK(whole.starts_with(cut.body));
  check_problem(half.get(url, {{"Range", "bytes=6000-6010"}}), 403, "forbidden");
  REQUIRE(anna.api.post(dirs(anna.home + "/beside")).status == 201);
  Api beside = with_key(anna.api, R"(["files:read"])", anna.home + "/beside");
  check_problem(beside.get(url), 403, "forbidden");
  CHECK(beside.head(url).status == 403);
  // Gone, it is for nobody whose bounds it would have to lie in.
  REQUIRE(anna.api.del(files(anna.home + "/d/b") + "?permanent=true").status == 204);
  CHECK(with_key(anna.api, R"(["files:read"])", anna.home + "/d").get(url).body == cut.body);
  CHECK(anna.api.get(url).body == whole);
  CHECK(half.get(url).body == cut.body);
}

TEST_CASE("A link in a browser downloads an archive by the read cookie, and resumes",
          "[archive_rights]") {
  Owner anna{5000};
  const Response login =
      anna.api.post(kApi + "/auth/login", object({{"username", q(anna.api.username)},
                                                  {"password", q(kPassword)},
                                                  {"transport", q("cookie")}}));
  REQUIRE(login.status == 200);
  std::string cookie;
  for (const auto& [name, value] : login.headers)
    if (name == "Set-Cookie" && value.starts_with("baluhost_read="))
      cookie = value.substr(0, value.find(';'));
  REQUIRE_FALSE(cookie.empty());
  const std::string url = make_archive(anna.api, {anna.home + "/d"})["url"].text();
  const std::string whole = anna.api.get(url).body;
  HttpClient browser = shared_server().client();
  CHECK(browser.request("GET", url, {{"Cookie", cookie}}).body == whole);
  CHECK(browser.request("HEAD", url, {{"Cookie", cookie}}).status == 200);
  const Response rest = browser.request(
      "GET", url, {{"Cookie", cookie}, {"Range", "bytes=777-"}, {"Sec-Fetch-Site", "same-origin"}});
  CHECK(rest.status == 206);
  CHECK(rest.body == whole.substr(777));
  CHECK(
      browser.request("GET", url, {{"Cookie", cookie}, {"Sec-Fetch-Site", "cross-site"}}).status ==
      401);
  CHECK(browser
            .request("POST", kApi + "/archives",
                     {{"Cookie", cookie}, {"Content-Type", "application/json"}},
                     "{\"paths\":[" + q(anna.home + "/d") + "]}")
            .status == 401);
}
