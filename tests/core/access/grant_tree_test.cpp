#include "fixtures/identity_fixture.hpp"

using namespace baluhost;
using namespace baluhost::test;

namespace {

const Rights kReadShare = Rights{Right::read} | Right::share;
const Rights kReadWriteShare = kReadShare | Right::write;

/// Anna owns; Berta, Carla and Dora are given rights; Root administers.
struct Tree : Identity {
  Tree() {
    for (const auto* name : {"anna", "berta", "carla", "dora"}) add(name);
    add("root", Role::admin);
    add("boss", Role::admin);
    add_node("/anna/docs");
    add_node("/anna/docs/deep");
    add_node("/anna/docs/deep/note", FileKind::file, 5);
    add_node("/anna/other");
    for (const auto* name : {"anna", "berta", "carla", "dora", "root", "boss"})
      who.emplace(name, principal(name));
    events();
  }

  Result<GrantResult> give(const char* giver, const char* place, const char* grantee,
                           Rights rights) {
    return grants.put(who.at(giver), path(place), username(grantee), rights);
  }
  std::vector<std::string> all() {
    std::vector<std::string> found;
    const auto page = grants.list(who.at("anna"), path("/anna"), {}, {}).value();
    for (const auto& grant : page.items) {
      found.push_back(grant.path.str() + " " + grant.grantee.str() + " " + grant.rights.to_text() +
                      " by " + grant.granted_by.value_or("-"));
    }
    return found;
  }
  /// "carla read /anna/docs by anna", of each revocation, in the order of the events.
  std::vector<std::string> revoked() {
    std::vector<std::string> found;
    for (const auto& event : events()) {
      if (event.action == "permission_revoked")
        found.push_back(event.user.value_or("-") + " " + event.details);
    }
    return found;
  }

  std::map<std::string, Principal> who;
};

std::string gone(const char* user, const char* place, const char* grantee, const char* rights) {
  return std::string{user} + " " +
         JsonObject{}
             .add("permission", rights)
             .add("resource", place)
             .add("grantee", grantee)
             .str();
}

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("what was given on ends with what it hangs on, each with its event, in one transaction",
          "[fault-14]") {
  Tree tree;
  REQUIRE(tree.give("anna", "/anna/docs", "berta", kReadWriteShare));
  REQUIRE(tree.give("berta", "/anna/docs/deep", "carla", kReadShare));
  REQUIRE(tree.give("carla", "/anna/docs/deep/note", "dora", Right::read));
  REQUIRE(tree.give("anna", "/anna/other", "dora", Right::read));
  CHECK(tree.all() == Texts{"/anna/docs berta read,write,share by anna",
                            "/anna/docs/deep carla read,share by berta",
                            "/anna/docs/deep/note dora read by carla",
                            "/anna/other dora read by anna"});
  tree.events();

  SECTION("when it is revoked") {
    REQUIRE(tree.grants.remove(tree.who.at("anna"), path("/anna/docs"), username("berta")));
    CHECK(tree.revoked() == Texts{gone("anna", "/anna/docs/deep", "carla", "read,share"),
                                  gone("anna", "/anna/docs/deep/note", "dora", "read"),
                                  gone("anna", "/anna/docs", "berta", "read,write,share")});
    CHECK(tree.all() == Texts{"/anna/other dora read by anna"});
  }
  SECTION("when its grantee gives it up") {
    REQUIRE(tree.grants.remove(tree.who.at("berta"), path("/anna/docs"), username("berta")));
    CHECK(tree.all() == Texts{"/anna/other dora read by anna"});
  }
  SECTION("when it loses share") {
    REQUIRE(tree.give("anna", "/anna/docs", "berta", Rights{Right::read} | Right::write));
    CHECK(tree.revoked() == Texts{gone("anna", "/anna/docs/deep", "carla", "read,share"),
                                  gone("anna", "/anna/docs/deep/note", "dora", "read")});
    CHECK(tree.all() ==
          Texts{"/anna/docs berta read,write by anna", "/anna/other dora read by anna"});
  }
  SECTION("when it loses the rights that were given on, as far as these go") {
    REQUIRE(tree.give("berta", "/anna/docs/deep", "carla", kReadWriteShare));
    tree.events();
    REQUIRE(tree.give("anna", "/anna/docs", "berta", Rights{Right::write} | Right::share));
    CHECK(tree.revoked() == Texts{gone("anna", "/anna/docs/deep", "carla", "read"),
                                  gone("anna", "/anna/docs/deep/note", "dora", "read")});
    CHECK(tree.all() == Texts{"/anna/docs berta write,share by anna",
                              "/anna/docs/deep carla write,share by berta",
                              "/anna/other dora read by anna"});
  }
  SECTION("when its giver's account ends") {
    REQUIRE(tree.users.remove(tree.operator_, username("berta"), Purge::no));
    CHECK(tree.revoked() == Texts{gone("cli:root", "/anna/docs/deep", "carla", "read,share"),
                                  gone("cli:root", "/anna/docs/deep/note", "dora", "read")});
    CHECK(tree.all() == Texts{"/anna/other dora read by anna"});
  }
  SECTION("not while another grant gives its giver the same") {
    REQUIRE(tree.give("anna", "/anna", "berta", kReadShare));
    tree.events();
    REQUIRE(tree.grants.remove(tree.who.at("anna"), path("/anna/docs"), username("berta")));
    CHECK(tree.revoked() == Texts{gone("anna", "/anna/docs", "berta", "read,write,share")});
    REQUIRE(tree.grants.remove(tree.who.at("anna"), path("/anna"), username("berta")));
    CHECK(tree.all() == Texts{"/anna/other dora read by anna"});
  }
  SECTION("nor by what becomes of other grants") {
    REQUIRE(tree.grants.remove(tree.who.at("anna"), path("/anna/other"), username("dora")));
    CHECK(tree.revoked().size() == 1);
    CHECK(tree.all().size() == 3);
  }
}

TEST_CASE("two who gave each other the same rights do not hold each other up", "[fault-14]") {
  Tree tree;
  REQUIRE(tree.give("anna", "/anna/docs", "berta", kReadShare));
  REQUIRE(tree.give("berta", "/anna/docs", "carla", kReadShare));
  REQUIRE(tree.give("carla", "/anna/docs/deep", "berta", kReadShare));
  REQUIRE(tree.give("berta", "/anna/docs/deep", "dora", Right::read));
  REQUIRE(tree.grants.remove(tree.who.at("anna"), path("/anna/docs"), username("berta")));
  CHECK(tree.all().empty());
}

TEST_CASE("nobody changes what another gave, but the owner and an administrator", "[fault-14]") {
  Tree tree;
  REQUIRE(tree.give("anna", "/anna/docs", "berta", Rights::all()));
  REQUIRE(tree.give("anna", "/anna/docs", "carla", Rights::all()));
  REQUIRE(tree.give("berta", "/anna/docs", "dora", kReadWriteShare));
  tree.events();
  for (const auto rights : {Rights{Right::read}, Rights::all()}) {
    CHECK(code(tree.give("berta", "/anna/docs", "carla", rights)) == Errc::forbidden);
    CHECK(line(tree.event()) ==
          R"(SECURITY access_denied berta /anna/docs )"
          R"({"required_permission":"share","operation":"permission_granted"} failed: forbidden)");
  }
  CHECK(code(tree.give("carla", "/anna/docs", "dora", Right::read)) == Errc::forbidden);
  tree.events();
  CHECK(code(tree.grants.remove(tree.who.at("carla"), path("/anna/docs"), username("dora"))) ==
        Errc::forbidden);
  CHECK(line(tree.event()) ==
        R"(SECURITY access_denied carla /anna/docs )"
        R"({"required_permission":"share","operation":"permission_revoked"} failed: forbidden)");
  CHECK(tree.all() == Texts{"/anna/docs berta read,write,delete,share by anna",
                            "/anna/docs carla read,write,delete,share by anna",
                            "/anna/docs dora read,write,share by berta"});
  CHECK(tree.give("berta", "/anna/docs", "dora", Right::read).value().grant.rights ==
        Rights{Right::read});
  const auto* master = GENERATE("anna", "root");
  REQUIRE(tree.give(master, "/anna/docs", "dora", Right::write));
  REQUIRE(tree.grants.remove(tree.who.at(master), path("/anna/docs"), username("berta")));
  CHECK(tree.all() == Texts{"/anna/docs carla read,write,delete,share by anna",
                            std::string{"/anna/docs dora write by "} + master});
}

TEST_CASE("the owner and an administrator see all grants below a path, who may share those on it",
          "[fault-14]") {
  Tree tree;
  REQUIRE(tree.give("anna", "/anna/docs", "berta", kReadShare));
  REQUIRE(tree.give("berta", "/anna/docs/deep", "carla", Right::read));
  for (const auto* name : {"anna", "root"}) {
    CHECK(tree.grants.list(tree.who.at(name), path("/anna/docs"), {}, {}).value().items.size() ==
          2);
    CHECK(
        tree.grants.list(tree.who.at(name), path("/anna/docs/deep"), {}, {}).value().items.size() ==
        1);
  }
  CHECK(tree.grants.list(tree.who.at("berta"), path("/anna/docs"), {}, {}).value().items.size() ==
        1);
  CHECK(tree.grants.list(tree.who.at("berta"), path("/anna/docs/deep"), {}, {})
            .value()
            .items.size() == 1);
}

TEST_CASE(
    "what an administrator gave stays when that one is one no more, and tells no name of an "
    "account that is gone",
    "[fault-14][fault-07]") {
  Tree tree;
  REQUIRE(tree.give("root", "/anna/docs", "berta", kReadShare));
  REQUIRE(tree.give("berta", "/anna/docs/deep", "carla", Right::read));
  UpdateUser demotion;
  demotion.role = Role::user;
  REQUIRE(tree.users.update(tree.who.at("boss"), username("root"), demotion));
  CHECK(tree.all() ==
        Texts{"/anna/docs berta read,share by root", "/anna/docs/deep carla read by berta"});
  REQUIRE(tree.users.remove(tree.who.at("boss"), username("root"), Purge::no));
  CHECK(tree.all() ==
        Texts{"/anna/docs berta read,share by -", "/anna/docs/deep carla read by berta"});
  tree.add("root");
  CHECK(tree.all() ==
        Texts{"/anna/docs berta read,share by -", "/anna/docs/deep carla read by berta"});
  CHECK(code(tree.grants.remove(tree.principal("root"), path("/anna/docs"), username("berta"))) ==
        Errc::not_found);
}
