#include "wire.hpp"

#include <functional>

// Who may do what is looked at when a request begins and again when it changes something: uploads
// that are under way while that is taken away.

using namespace baluhost::test;

namespace {

const std::string kUploads = kApi + "/uploads";
const std::string kOctets = "application/offset+octet-stream";

/// The home of a user, and somebody who may write there.
struct Home {
  Server& server = shared_server();
  Api boss{server, "admin", kAdminPassword};
  Api owner = new_user(server);
  Api guest = new_user(server);
  std::string path = "/" + owner.username;

  Home() { grant(R"(["read","write"])"); }
  void grant(const std::string& rights) {
    const auto body =
        object({{"path", q(path)}, {"grantee", q(guest.username)}, {"rights", rights}});
    REQUIRE(owner.put_json(kApi + "/grants", body).status < 300);
  }
  void revoke() {
    REQUIRE(owner.del(kApi + "/grants?path=" + percent_encode(path) + "&grantee=" + guest.username)
                .status == 204);
  }
  void change(const Api& user, const std::string& json) {
    REQUIRE(boss.patch(kApi + "/users/" + user.username, json).status == 200);
  }
};

/// A request whose body has been let in, and has not come yet.
HttpClient let_in(const Server& server, const Api& who, const std::string& method,
                  const std::string& target, const std::string& fields) {
  HttpClient client = server.client();
  client.connect();
  client.send(method + " " + target + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
              who.access_token + "\r\nExpect: 100-continue\r\nContent-Length: 3\r\n" + fields +
              "\r\n");
  std::string interim;
  while (!interim.ends_with("\r\n\r\n")) interim += client.read_some(1);
  REQUIRE(interim.starts_with("HTTP/1.1 100"));
  return client;
}

Response rest(HttpClient& client) {
  client.send("abc");
  return client.read_response();
}

std::string begin(Api& who, const std::string& path, std::size_t length) {
  const Response made = who.send("POST", kUploads,
                                 {{"Tus-Resumable", "1.0.0"},
                                  {"Upload-Length", std::to_string(length)},
                                  {"Upload-Metadata", "path " + base64(path)}},
                                 "");
  REQUIRE(made.status == 201);
  return made.header("Location").value_or("");
}

Response append(Api& who, const std::string& location, std::size_t offset, std::string_view bytes) {
  return who.send("PATCH", location,
                  {{"Tus-Resumable", "1.0.0"},
                   {"Upload-Offset", std::to_string(offset)},
                   {"Content-Type", kOctets}},
                  bytes);
}

Response end(Api& who, const std::string& location) {
  return who.del(location, {{"Tus-Resumable", "1.0.0"}});
}

std::vector<std::string> listed(Api& who, const std::string& query = {}) {
  const Response response = who.get(kUploads + query);
  REQUIRE(response.status == 200);
  std::vector<std::string> locations;
  const Json items = Json::parse(response.body)["items"];
  for (std::size_t i = 0; i < items.size(); ++i)
    locations.push_back(kUploads + "/" + items[i]["id"].text());
  return locations;
}

} // namespace

TEST_CASE("An upload under way stores nothing for who may not store it any more",
          "[rights][fault-12]") {
  struct Case {
    const char* what;
    std::function<void(Home&)> take_away;
    int status;
    const char* code;
  };
  const std::vector<Case> cases{
      {"a grant is revoked", [](Home& h) { h.revoke(); }, 404, "not_found"},
      {"a grant is lowered", [](Home& h) { h.grant(R"(["read"])"); }, 403, "forbidden"},
      {"the user is disabled", [](Home& h) { h.change(h.guest, R"({"enabled":false})"); }, 401,
       "token_revoked"},
      {"the session is ended",
       [](Home& h) { REQUIRE(h.guest.post(kApi + "/auth/logout").status == 204); }, 401,
       "token_revoked"},
      {"the password is set",
       [](Home& h) { h.change(h.guest, R"({"password":"another fine phrase"})"); }, 401,
       "token_revoked"},
  };
  for (const auto& [what, take_away, status, code] : cases) {
    INFO(what);
    Home home;
    const std::string target = home.path + "/put";
    const std::string resumed = home.path + "/resumed";
    const std::string location = begin(home.guest, resumed, 3);
    HttpClient put = let_in(home.server, home.guest, "PUT", files(target), "");
    HttpClient patch =
        let_in(home.server, home.guest, "PATCH", location,
               "Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: " + kOctets + "\r\n");
    take_away(home);
    check_problem(rest(put), status, code);
    CHECK(rest(patch).status >= 400);
    CHECK(home.owner.get(files(target)).status == 404);
    CHECK(home.owner.get(files(resumed)).status == 404);
    CHECK(usage(home.owner).bytes == 0);
    CHECK(home.boss.events("action=upload&success=true&user=" + home.guest.username).empty());
  }
}

TEST_CASE("A demoted administrator's upload under way does not go into another's home",
          "[rights][fault-12]") {
  Home home;
  Api chief = new_user(home.server, "admin");
  const std::string target = home.path + "/put";
  HttpClient put = let_in(home.server, chief, "PUT", files(target), "");
  HttpClient own = let_in(home.server, chief, "PUT", files("/" + chief.username + "/own"), "");
  home.change(chief, R"({"role":"user"})");
  check_problem(rest(put), 404, "not_found");
  CHECK(home.owner.get(files(target)).status == 404);
  CHECK(rest(own).status == 201); // what a user may, he may
  const auto denied = home.boss.events("action=access_denied&user=" + chief.username);
  REQUIRE(denied.size() == 1);
  CHECK(denied[0]["resource"].text() == target);
}

TEST_CASE("An upload into another's home ends with the right to write there, and frees the quota",
          "[rights][fault-16]") {
  for (const bool lowered : {false, true}) {
    Home home;
    home.change(home.owner, R"({"quota_bytes":100})");
    const std::string location = begin(home.guest, home.path + "/big", 90);
    REQUIRE(append(home.guest, location, 0, "ten bytes!").status == 204);
    const std::string own = begin(home.owner, home.path + "/own", 5);
    check_problem(home.owner.put(files(home.path + "/mine"), std::string(50, 'x')), 413,
                  "quota_exceeded");
    lowered ? home.grant(R"(["read"])") : home.revoke();
    CHECK(home.owner.put(files(home.path + "/mine"), std::string(50, 'x')).status == 201);
    check_problem(append(home.guest, location, 10, "more"), 404, "not_found");
    CHECK(listed(home.owner) == std::vector{own});
    CHECK(listed(home.guest).empty());
    const auto ended = home.boss.events("action=upload&success=false&user=" + home.owner.username +
                                        "&resource=" + percent_encode(home.path + "/big"));
    REQUIRE(ended.size() == 1);
    CHECK(ended[0]["error_message"].text() == "forbidden");
    CHECK(ended[0]["details"]["creator"].text() == home.guest.username);
  }
}

TEST_CASE("Whose home it is lists and ends what goes there; others see and end their own",
          "[rights][fault-16]") {
  Home home;
  REQUIRE(home.owner.post(dirs(home.path + "/box")).status == 201);
  const std::string location = begin(home.guest, home.path + "/box/of-guest", 90);
  const std::string elsewhere = begin(home.guest, "/" + home.guest.username + "/elsewhere", 7);
  CHECK(listed(home.owner) == std::vector{location});
  CHECK(listed(home.owner, "?path=" + percent_encode(home.path + "/box")) == std::vector{location});
  CHECK(listed(home.owner, "?path=" + percent_encode(home.path + "/bo")).empty());
  CHECK(listed(home.guest).size() == 2);
  CHECK(listed(home.guest, "?path=" + percent_encode(home.path)) == std::vector{location});
  CHECK(listed(home.boss, "?path=" + percent_encode(home.path)) == std::vector{location});
  const Json page = Json::parse(home.guest.get(kUploads + "?limit=1").body);
  CHECK(page["items"].size() == 1);
  CHECK(
      listed(home.guest, "?limit=1&cursor=" + percent_encode(page["next_cursor"].text())).size() ==
      1);

  Api stranger = new_user(home.server);
  CHECK(listed(stranger).empty());
  check_problem(stranger.get(kUploads + "?path=" + percent_encode(home.path)), 404, "not_found");
  check_problem(end(stranger, location), 404, "not_found");
  check_problem(end(home.owner, elsewhere), 404, "not_found");

  // While the guest writes to it.
  HttpClient patch =
      let_in(home.server, home.guest, "PATCH", location,
             "Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: " + kOctets + "\r\n");
  CHECK(end(home.owner, location).status == 204);
  check_problem(rest(patch), 404, "not_found");
  CHECK(listed(home.owner).empty());
  CHECK(end(home.boss, elsewhere).status == 204);
  CHECK(listed(home.guest).empty());
}

TEST_CASE("A request without a byte does not renew an upload", "[rights][fault-16]") {
  Home home;
  const std::string location = begin(home.guest, home.path + "/slow", 90);
  const auto renewed_at = [&] {
    return Json::parse(home.guest.get(kUploads).body)["items"][0]["expires_at"].text();
  };
  const std::string before = renewed_at();
  CHECK(append(home.guest, location, 0, "").status == 204);
  CHECK(renewed_at() == before);
  CHECK(append(home.guest, location, 0, "x").status == 204);
  CHECK(renewed_at() > before);
}
