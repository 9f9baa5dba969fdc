#include "files/tus.hpp"
#include "sharing/link.hpp"

#include <optional>
#include <set>

// What ends a share ends what is under way by it: the next request, and a body that is on its way.

using namespace baluhost::test;

namespace {

/// A box with a share that somebody who may made, and what a guest has under way by it.
struct UnderWay : Sharer {
  explicit UnderWay(Api& by) : creator(by) {}

  void grant(const std::string& rights) {
    REQUIRE(owner
                .put_json(kApi + "/grants", object({{"path", q(box())},
                                                    {"grantee", q(creator.username)},
                                                    {"rights", rights}}))
                .status < 300);
  }
  void begin_all() {
    link = make_link(creator, box(), R"(["read","create"])", R"(,"password":"a fine pass phrase")");
    stranger.access_token =
        guest(shared_server(), link, R"(,"password":"a fine pass phrase")").access_token;
    REQUIRE(stranger.get(files("/~/doc")).status == 200);
    slow = begin(stranger, "/~/slow", 4);
    REQUIRE(append(stranger, slow, 0, "sl").status == 204);
    put.emplace(let_in(shared_server(), stranger, files("/~/put"), 4));
  }

  /// Nothing that was under way arrives.
  void check_dead(const std::set<int>& refusals = {401}) {
    REQUIRE(put->send("puts"));
    CHECK(refusals.contains(put->read_response().status));
    const int appended = append(stranger, slow, 2, "ow").status;
    CHECK((refusals.contains(appended) || appended == 404));
    CHECK(owner.get(files(box() + "/put")).status == 404);
    CHECK(owner.get(files(box() + "/slow")).status == 404);
    CHECK(owner.get(files(box() + "/doc")).body == "text");
  }
  void check_token_is_dead() {
    const int status = stranger.get(files("/~/doc")).status;
    CHECK((status == 401 || status == 404));
  }

  Api& creator;
  Link link{};
  Api stranger{shared_server()};
  std::string slow{};
  std::optional<HttpClient> put{};
};

void patch_user(const Api& user, const std::string& json) {
  REQUIRE(admin(shared_server()).patch(kApi + "/users/" + user.username, json).status == 200);
}

} // namespace

TEST_CASE("A share that its creator ends or changes ends what is under way", "[share_ends]") {
  Api chief = new_user(shared_server(), "admin");
  UnderWay world{chief};
  world.begin_all();
  SECTION("ended") {
    REQUIRE(chief.del(world.link.at()).status == 204);
    world.check_dead();
    world.check_token_is_dead();
    CHECK(world.owner.get(kUploads).body.find("slow") == std::string::npos);
  }
  SECTION("another secret") {
    REQUIRE(chief.post(world.link.at() + "/secret").status == 200);
    world.check_dead();
    world.check_token_is_dead();
  }
  SECTION("another password") {
    REQUIRE(chief.patch(world.link.at(), R"({"password":"another pass phrase"})").status == 200);
    world.check_dead();
    world.check_token_is_dead();
  }
  SECTION("expired") {
    const std::string now = "update shares set expires_at = 1 where id = '" + world.link.id + "'";
    sql(shared_server(), now, now);
    world.check_dead();
    CHECK(soon([&] { return world.stranger.get(files("/~/doc")).status == 401; }));
  }
  SECTION("no right to add any more") {
    REQUIRE(chief.patch(world.link.at(), R"({"rights":["read"]})").status == 200);
    world.check_dead({403});
    CHECK(world.stranger.get(files("/~/doc")).status == 200);
  }
}

TEST_CASE("What takes the creator's rights away ends what is under way", "[share_ends]") {
  SECTION("a grant") {
    Api bob = new_user(shared_server());
    UnderWay world{bob};
    world.grant(R"(["read","write","share"])");
    world.begin_all();
    SECTION("is withdrawn") {
      REQUIRE(world.owner
                  .del(kApi + "/grants?path=" + percent_encode(world.box()) +
                       "&grantee=" + bob.username)
                  .status == 204);
    }
    SECTION("has no `share` any more") { world.grant(R"(["read","write"])"); }
    SECTION("is of somebody who is disabled") { patch_user(bob, R"({"enabled":false})"); }
    SECTION("is of somebody who is deleted") {
      REQUIRE(admin(shared_server()).del(kApi + "/users/" + bob.username).status == 204);
    }
    world.check_dead();
    world.check_token_is_dead();
  }
  SECTION("an administrator is demoted") {
    Api chief = new_user(shared_server(), "admin");
    UnderWay world{chief};
    world.begin_all();
    patch_user(chief, R"({"role":"user"})");
    world.check_dead();
    world.check_token_is_dead();
  }
}
