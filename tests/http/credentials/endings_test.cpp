#include "files/archive_client.hpp"
#include "files/tus.hpp"
#include "sharing/link.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

// What ends a key or a share: each of both, by each cause, at each moment.

using namespace baluhost::test;

namespace {

enum class Kind { key, share };
enum class Cause {
  revoked,
  expired,
  owner_disabled,
  owner_demoted,
  owner_deleted,
  grant_withdrawn
};

const std::vector<std::pair<Kind, std::string>> kKinds{{Kind::key, "key"}, {Kind::share, "share"}};
const std::vector<std::pair<Cause, std::string>> kCauses{
    {Cause::revoked, "revoked"},
    {Cause::expired, "expired"},
    {Cause::owner_disabled, "its owner is disabled"},
    {Cause::owner_demoted, "its owner is demoted"},
    {Cause::owner_deleted, "its owner is deleted"},
    {Cause::grant_withdrawn, "its grant is withdrawn"}};

/// More than the system keeps of an answer that is not read.
constexpr std::size_t kLong = 24'000'000;

/// What keys and shares are for, in somebody's home: `doc`, and two large files in `d`.
struct Box {
  explicit Box(const Server& on) : server(on), owner(new_user(on)) {
    path = "/" + owner.username + "/box";
    REQUIRE(owner.put(files(path + "/doc") + "?parents=true", "text").status == 201);
  }
  void fill() {
    for (const char* name : {"a", "b"})
      REQUIRE(owner
                  .put(files(path + "/d/" + name) + "?parents=true",
                       pattern(kLong, static_cast<std::uint32_t>(name[0])))
                  .status == 201);
  }

  const Server& server;
  Api owner;
  std::string path;
};

/// A key or a share of the box that another account made, and who comes by it. The account has the
/// box by its role where it is to be demoted, else by a grant.
class Credential {
 public:
  Credential(Box& of, Kind a_kind, Cause a_cause)
      : box(of),
        kind(a_kind),
        cause(a_cause),
        holder(new_user(of.server, a_cause == Cause::owner_demoted ? "admin" : "user")),
        caller(of.server) {
    if (cause != Cause::owner_demoted)
      REQUIRE(box.owner
                  .put_json(kApi + "/grants", object({{"path", q(box.path)},
                                                      {"grantee", q(holder.username)},
                                                      {"rights", R"(["read","write","share"])"}}))
                  .status == 201);
    if (kind == Kind::key) {
      root = box.path;
      const Response made =
          holder.post(kApi + "/auth/keys",
                      R"({"name":"k","scopes":["files:read","files:write","audit:read","admin"]})");
      REQUIRE(made.status == 201);
      id = Json::parse(made.body)["id"].text();
      caller.access_token = Json::parse(made.body)["secret"].text();
    } else {
      root = "/~";
      const Link link = make_link(holder, box.path, R"(["read","create"])");
      id = link.id;
      caller.access_token = guest(box.server, link).access_token;
    }
    REQUIRE(caller.get(doc()).status == 200);
  }

  [[nodiscard]] std::string doc() const { return files(root + "/doc"); }
  [[nodiscard]] std::string at(const std::string& name) const { return files(root + "/" + name); }

  /// The same caller at another server.
  [[nodiscard]] Api there(const Server& other) const {
    Api api{other};
    api.access_token = caller.access_token;
    return api;
  }

  bool is_refused() {
    const int status = caller.get(doc()).status;
    return status == 401 || status == 403 || status == 404;
  }

  /// By a request to this server. Time does what expiry takes: the row is changed by hand.
  void end() {
    Api boss = admin(box.server);
    const std::string user = kApi + "/users/" + holder.username;
    switch (cause) {
      case Cause::revoked:
        REQUIRE(
            holder.del((kind == Kind::key ? kApi + "/auth/keys/" : kShares + "/") + id).status ==
            204);
        return;
      case Cause::expired:
        expire();
        REQUIRE(soon([&] { return is_refused(); }));
        return;
      case Cause::owner_disabled:
        REQUIRE(boss.patch(user, R"({"enabled":false})").status == 200);
        return;
      case Cause::owner_demoted:
        REQUIRE(boss.patch(user, R"({"role":"user"})").status == 200);
        return;
      case Cause::owner_deleted:
        REQUIRE(boss.del(user).status == 204);
        return;
      case Cause::grant_withdrawn:
        REQUIRE(box.owner
                    .del(kApi + "/grants?path=" + percent_encode(box.path) +
                         "&grantee=" + holder.username)
                    .status == 204);
        return;
    }
  }

  /// By another program on the same database.
  void end_elsewhere() const {
    const auto ctl = [&](const std::vector<std::string>& arguments) {
      const auto done = box.server.ctl(arguments);
      INFO(done.err);
      REQUIRE(done.exit_code == 0);
    };
    switch (cause) {
      case Cause::revoked:
        if (kind == Kind::key) return ctl({"key", "revoke", id});
        return ctl({"share", "end", id});
      case Cause::expired:
        return expire();
      case Cause::owner_disabled:
        return ctl({"user", "disable", holder.username});
      case Cause::owner_demoted:
        return ctl({"user", "role", holder.username, "user"});
      case Cause::owner_deleted:
        return ctl({"user", "delete", holder.username});
      case Cause::grant_withdrawn:
        return ctl({"grant", "remove", box.path, holder.username});
    }
  }

  Box& box;
  Kind kind;
  Cause cause;
  Api holder;
  Api caller;
  std::string id;
  std::string root;

 private:
  void expire() const {
    for (const std::string& statement :
         {"update " + std::string{kind == Kind::key ? "keys" : "shares"} +
              " set expires_at = 1 where id = '" + id + "'",
          std::string{"update identity_version set version = version + 1"}})
      sql(box.server, statement, statement);
  }
};

/// `work` with each key and share and each cause.
template <class Work>
void for_each_ending(Box& box, const Work& work) {
  for (const auto& [kind, kind_name] : kKinds) {
    for (const auto& [cause, cause_name] : kCauses) {
      INFO(kind_name << ": " << cause_name);
      Credential credential(box, kind, cause);
      work(credential);
    }
  }
}

} // namespace

TEST_CASE("A key or a share that is over is refused on the next request", "[endings]") {
  Box box{shared_server()};
  for_each_ending(box, [](Credential& credential) {
    credential.end();
    CHECK(credential.is_refused());
    CHECK(credential.caller.head(credential.doc()).status >= 401);
    CHECK(credential.caller.put(credential.at("new"), "x").status >= 401);
    CHECK(credential.box.owner.get(files(credential.box.path + "/new")).status == 404);
  });
}

TEST_CASE("A key or a share that another program ended is refused within a second", "[endings]") {
  using Clock = std::chrono::steady_clock;
  Box box{shared_server()};
  std::vector<Clock::duration> waits;
  for_each_ending(box, [&](Credential& credential) {
    credential.end_elsewhere();
    const auto ended = Clock::now();
    CHECK(soon([&] { return credential.is_refused(); }));
    waits.push_back(Clock::now() - ended);
  });
  // Not the longest: the machine may be busy.
  std::ranges::sort(waits);
  CHECK(waits.at(waits.size() / 2) < std::chrono::seconds{1});
}

TEST_CASE("A key or a share that one server ended is refused by another within a second",
          "[endings]") {
  if (database_kind() != "postgresql") return; // SQLite has one server
  using Clock = std::chrono::steady_clock;
  Server one;
  Server two{{.data_dir = one.data_dir(), .database_url = one.database_url()}};
  Box box{one};
  std::vector<Clock::duration> waits;
  for_each_ending(box, [&](Credential& credential) {
    Api there = credential.there(two);
    REQUIRE(there.get(credential.doc()).status == 200);
    credential.end();
    const auto ended = Clock::now();
    CHECK(soon([&] {
      const int status = there.get(credential.doc()).status;
      return status == 401 || status == 403 || status == 404;
    }));
    waits.push_back(Clock::now() - ended);
  });
  std::ranges::sort(waits);
  CHECK(waits.at(waits.size() / 2) < std::chrono::seconds{1});
}

TEST_CASE("An upload whose key or share ends in the middle of it leaves nothing", "[endings]") {
  Box box{shared_server()};
  int number = 0;
  for_each_ending(box, [&](Credential& credential) {
    const std::string name = std::to_string(++number);
    HttpClient put = let_in(box.server, credential.caller, credential.at("put" + name), 4);
    const std::string slow = begin(credential.caller, credential.root + "/slow" + name, 4);
    REQUIRE(append(credential.caller, slow, 0, "sl").status == 204);
    const std::string half = begin(credential.caller, credential.root + "/half" + name, 4);
    HttpClient appending = half_append(box.server, credential.caller, half, 0, 4, "ha");
    REQUIRE(put.send("pu"));
    credential.end();
    put.send("ts");
    appending.send("lf");
    for (HttpClient* client : {&put, &appending}) {
      const int status = client->read_response().status;
      CHECK((status == 401 || status == 403 || status == 404));
    }
    CHECK(append(credential.caller, slow, 2, "ow").status >= 401);
    for (const char* kind : {"put", "slow", "half"})
      CHECK(box.owner.get(files(box.path + "/" + kind + name)).status == 404);
  });
}

TEST_CASE("An archive whose key or share ends in the middle of it breaks off", "[endings]") {
  Box box{shared_server()};
  box.fill();
  for_each_ending(box, [&](Credential& credential) {
    // A key makes none: it reads its owner's.
    Api& maker = credential.kind == Kind::key ? credential.holder : credential.caller;
    const Json made = make_archive(maker, {credential.root + "/d"});
    HttpClient client = box.server.client();
    client.connect();
    client.send("GET " + made["url"].text() + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" +
                "Authorization: Bearer " + credential.caller.access_token + "\r\n\r\n");
    std::size_t got = 0;
    std::string head;
    while (got < 10'000) {
      const std::string some = client.read_some(10'000);
      REQUIRE_FALSE(some.empty());
      if (head.size() < 12) head += some.substr(0, 12 - head.size());
      got += some.size();
    }
    REQUIRE(head == "HTTP/1.1 200");
    credential.end();
    const std::string rest = client.read_until_closed();
    CHECK(got + rest.size() < kLong + 2000); // nothing of the second file
    CHECK(rest.find("d/b") == std::string::npos);
  });
}

TEST_CASE("A stream of the trail ends with its key", "[endings]") {
  Box box{shared_server()};
  for (const auto& [cause, name] : kCauses) {
    if (cause == Cause::grant_withdrawn) continue; // the trail is for roles
    INFO(name);
    Credential credential(box, Kind::key, cause);
    if (cause != Cause::owner_demoted)
      REQUIRE(admin(box.server)
                  .patch(kApi + "/users/" + credential.holder.username, R"({"role":"auditor"})")
                  .status == 200);
    HttpClient client = box.server.client();
    client.connect();
    client.send("GET " + kApi + "/audit/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " +
                credential.caller.access_token + "\r\n\r\n");
    REQUIRE(client.read_response(true).status == 200);
    credential.end();
    CHECK(client.closed_by_server());
  }
}
