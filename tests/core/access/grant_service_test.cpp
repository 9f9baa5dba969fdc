#include "fixtures/identity_fixture.hpp"

using namespace baluhost;
using namespace baluhost::test;

namespace {

struct Homes : Identity {
  Homes() {
    for (const auto* name : {"anna", "berta", "carla"}) add(name);
    add_node("/anna/docs");
    add_node("/anna/docs/a.txt", FileKind::file, 5);
    add_node("/anna/other");
    events();
  }
  Principal anna = Principal::local_operator(""), berta = anna, carla = anna;
  void log_in() {
    anna = principal("anna");
    berta = principal("berta");
    carla = principal("carla");
    events();
  }
};

std::vector<std::string> texts(const Page<GrantInfo>& page) {
  std::vector<std::string> found;
  for (const auto& grant : page.items) {
    found.push_back(grant.path.str() + " " + grant.grantee.str() + " " + grant.rights.to_text() +
                    " by " + grant.granted_by.value_or("-"));
  }
  return found;
}

const Rights kReadWrite = Rights{Right::read} | Right::write;

} // namespace

TEST_CASE("a grant is new, then replaced, then gone, each with its event") {
  Homes world;
  world.log_in();
  const auto made = world.grants.put(world.anna, path("/anna/docs"), username("berta"), kReadWrite);
  REQUIRE(made);
  CHECK(made->created);
  CHECK(made->grant.path == path("/anna/docs"));
  CHECK(made->grant.grantee == username("berta"));
  CHECK(made->grant.granted_by == "anna");
  CHECK(made->grant.created_at == world.clock.now());
  CHECK(line(world.event()) ==
        R"(SECURITY permission_granted anna /anna/docs )"
        R"({"permission":"read,write","resource":"/anna/docs","grantee":"berta"})");
  const auto replaced =
      world.grants.put(world.anna, path("/anna/docs"), username("berta"), Right::read);
  REQUIRE(replaced);
  CHECK_FALSE(replaced->created);
  CHECK(texts(world.grants.list(world.anna, path("/anna/docs"), {}, {}).value()) ==
        std::vector<std::string>{"/anna/docs berta read by anna"});
  world.events();

  REQUIRE(world.grants.remove(world.anna, path("/anna/docs"), username("berta")));
  CHECK(
      line(world.event()) ==
      R"(SECURITY permission_revoked anna /anna/docs {"permission":"read","resource":"/anna/docs","grantee":"berta"})");
  CHECK(world.grants.list(world.anna, path("/anna/docs"), {}, {}).value().items.empty());
  CHECK(code(world.grants.remove(world.anna, path("/anna/docs"), username("berta"))) ==
        Errc::not_found);
  CHECK(line(world.event()) ==
        R"(SECURITY permission_revoked anna /anna/docs )"
        R"({"permission":"","resource":"/anna/docs","grantee":"berta"} failed: not_found)");
}

TEST_CASE("who has no right on a path learns nothing of it") {
  Homes world;
  world.log_in();
  const auto* place = GENERATE("/anna", "/anna/docs", "/anna/nothing", "/nobody", "/nobody/x");
  const auto denied = [&](const std::string& right, const std::string& operation) {
    CHECK(line(world.event()) == std::string{"SECURITY access_denied berta "} + place +
                                     R"( {"required_permission":")" + right + R"(","operation":")" +
                                     operation + "\"} failed: not_found");
  };
  CHECK(code(world.grants.put(world.berta, path(place), username("carla"), Right::read)) ==
        Errc::not_found);
  denied("share", "permission_granted");
  CHECK(code(world.grants.remove(world.berta, path(place), username("carla"))) == Errc::not_found);
  denied("share", "permission_revoked");
  CHECK(code(world.grants.remove(world.berta, path(place), username("berta"))) == Errc::not_found);
  denied("", "permission_revoked");
  CHECK(code(world.grants.list(world.berta, path(place), {}, {})) == Errc::not_found);
  denied("share", "list_grants");
}

TEST_CASE("some right on a path, but not share, is forbidden") {
  Homes world;
  world.log_in();
  REQUIRE(world.grants.put(world.anna, path("/anna/docs"), username("berta"), kReadWrite));
  world.events();
  const auto* place = GENERATE("/anna/docs", "/anna/docs/a.txt", "/anna/docs/nothing");
  CHECK(code(world.grants.put(world.berta, path(place), username("carla"), Right::read)) ==
        Errc::forbidden);
  CHECK(
      line(world.event()) ==
      std::string{"SECURITY access_denied berta "} + place +
          R"( {"required_permission":"share","operation":"permission_granted"} failed: forbidden)");
  CHECK(code(world.grants.remove(world.berta, path(place), username("carla"))) == Errc::forbidden);
  CHECK(code(world.grants.list(world.berta, path(place), {}, {})) == Errc::forbidden);
  CHECK(code(world.grants.put(world.berta, path("/anna/other"), username("carla"), Right::read)) ==
        Errc::not_found);
  CHECK(code(world.grants.put(world.berta, path("/anna"), username("carla"), Right::read)) ==
        Errc::not_found);
}

TEST_CASE("only rights that one holds can be given on") {
  Homes world;
  world.log_in();
  REQUIRE(world.grants.put(world.anna, path("/anna/docs"), username("berta"),
                           Rights{Right::read} | Right::share));
  world.events();
  CHECK(code(world.grants.put(world.berta, path("/anna/docs/a.txt"), username("carla"),
                              kReadWrite)) == Errc::forbidden);
  CHECK(
      line(world.event()) ==
      R"(SECURITY access_denied berta /anna/docs/a.txt )"
      R"({"required_permission":"read,write","operation":"permission_granted"} failed: forbidden)");
  REQUIRE(world.grants.put(world.berta, path("/anna/docs/a.txt"), username("carla"), Right::read));
  CHECK(texts(world.grants.list(world.anna, path("/anna/docs/a.txt"), {}, {}).value()) ==
        std::vector<std::string>{"/anna/docs/a.txt carla read by berta"});
}

TEST_CASE("a grant that makes no sense is refused with the member named") {
  Homes world;
  world.log_in();
  REQUIRE(world.grants.put(world.anna, path("/anna/docs"), username("berta"), Rights::all()));
  world.events();
  const auto refused = [&](const Principal& who, const char* grantee, Rights rights) {
    const auto result = world.grants.put(who, path("/anna/docs"), username(grantee), rights);
    CHECK(code(result) == Errc::invalid_request);
    CHECK(world.event().error_message == "invalid_request");
    return result.error().fields.at(0).pointer;
  };
  CHECK(refused(world.anna, "berta", {}) == "/rights");
  CHECK(refused(world.anna, "anna", Right::read) == "/grantee");
  CHECK(refused(world.berta, "anna", Right::read) == "/grantee");
  CHECK(refused(world.berta, "berta", Right::read) == "/grantee");
  CHECK(code(world.grants.put(world.anna, path("/anna/nothing"), username("berta"), Right::read)) ==
        Errc::not_found);
  CHECK(world.event().action == "permission_granted");
}

TEST_CASE("a grantee may give up an own grant and see it, and no other") {
  Homes world;
  world.log_in();
  REQUIRE(world.grants.put(world.anna, path("/anna/docs"), username("berta"), Right::read));
  REQUIRE(world.grants.put(world.anna, path("/anna/docs"), username("carla"), Right::write));
  CHECK(texts(world.grants.list(world.berta, path("/anna/docs"), username("berta"), {}).value())
            .size() == 1);
  CHECK(code(world.grants.list(world.berta, path("/anna/docs"), username("carla"), {})) ==
        Errc::forbidden);
  CHECK(code(world.grants.remove(world.berta, path("/anna/docs/a.txt"), username("berta"))) ==
        Errc::not_found);
  world.events();
  REQUIRE(world.grants.remove(world.berta, path("/anna/docs"), username("berta")));
  CHECK(
      line(world.event()) ==
      R"(SECURITY permission_revoked berta /anna/docs {"permission":"read","resource":"/anna/docs","grantee":"berta"})");
  CHECK(code(world.grants.remove(world.berta, path("/anna/docs"), username("berta"))) ==
        Errc::not_found);
}

TEST_CASE("grants are listed by path, by grantee, of one's home and, for an operator, all") {
  Homes world;
  world.log_in();
  world.add_node("/berta/pictures");
  REQUIRE(world.grants.put(world.anna, path("/anna"), username("carla"), Right::read));
  REQUIRE(world.grants.put(world.anna, path("/anna/docs"), username("berta"), Right::read));
  REQUIRE(world.grants.put(world.anna, path("/anna/docs"), username("carla"), kReadWrite));
  REQUIRE(world.grants.put(world.berta, path("/berta/pictures"), username("carla"), Right::read));
  world.events();
  const auto all = [&](const Principal& who, const std::optional<FilePath>& place,
                       const std::optional<Username>& grantee) {
    std::vector<std::string> found;
    PageRequest request{.limit = 1};
    do {
      const auto page = world.grants.list(who, place, grantee, request);
      REQUIRE(page);
      for (const auto& text : texts(*page)) found.push_back(text);
      request.cursor = page->next_cursor;
    } while (request.cursor);
    return found;
  };
  using Texts = std::vector<std::string>;
  CHECK(all(world.anna, path("/anna/docs"), {}) ==
        Texts{"/anna/docs berta read by anna", "/anna/docs carla read,write by anna"});
  CHECK(all(world.anna, {}, {}) == Texts{"/anna carla read by anna",
                                         "/anna/docs berta read by anna",
                                         "/anna/docs carla read,write by anna"});
  CHECK(all(world.carla, {}, username("carla")) == Texts{"/anna carla read by anna",
                                                         "/anna/docs carla read,write by anna",
                                                         "/berta/pictures carla read by berta"});
  CHECK(all(world.operator_, {}, username("carla")).size() == 3);
  CHECK(all(world.operator_, {}, {}) ==
        Texts{"/anna carla read by anna", "/anna/docs berta read by anna",
              "/anna/docs carla read,write by anna", "/berta/pictures carla read by berta"});
  CHECK(world.events().empty());

  CHECK(code(world.grants.list(world.berta, {}, username("carla"), {})) == Errc::forbidden);
  CHECK(
      line(world.event()) ==
      R"(SECURITY access_denied berta /api/v1/grants {"required_permission":"admin","operation":"list_grants"} failed: forbidden)");
  CHECK(code(world.grants.list(world.anna, path("/anna"), {},
                               {.cursor = make_cursor("grants", "x")})) == Errc::invalid_request);
  CHECK(code(world.grants.list(world.operator_, {}, {},
                               {.cursor = make_cursor("grants", "carla")})) ==
        Errc::invalid_request);
}

TEST_CASE("whether a name has an account is told to administrators only", "[fault-15]") {
  Homes world;
  world.log_in();
  const auto given =
      world.grants.put(world.anna, path("/anna/docs"), username("nobody"), Right::read);
  REQUIRE(given);
  CHECK(given->created);
  CHECK(line(world.event()) ==
        R"(SECURITY permission_granted anna /anna/docs )"
        R"({"permission":"read","resource":"/anna/docs","grantee":"nobody"})");
  const auto list = [&](const char* grantee) {
    return texts(world.grants.list(world.anna, path("/anna/docs"), username(grantee), {}).value());
  };
  CHECK(list("nobody") == std::vector<std::string>{"/anna/docs nobody read by anna"});
  CHECK(list("berta").empty());
  CHECK(list("nobody-else").empty());
  CHECK(code(world.grants.remove(world.anna, path("/anna/docs"), username("berta"))) ==
        Errc::not_found);
  CHECK(code(world.grants.remove(world.anna, path("/anna/docs"), username("nobody-else"))) ==
        Errc::not_found);
  CHECK(code(world.grants.put(world.operator_, path("/anna/docs"), username("nobody-else"),
                              Right::read)) == Errc::not_found);

  SECTION("and who gets the name has no part in what was given before") {
    world.add("nobody");
    const auto nobody = world.principal("nobody");
    CHECK(code(world.grants.list(nobody, path("/anna/docs"), username("nobody"), {})) ==
          Errc::not_found);
    CHECK(texts(world.grants.list(nobody, {}, username("nobody"), {}).value()).empty());
    CHECK(code(world.grants.remove(nobody, path("/anna/docs"), username("nobody"))) ==
          Errc::not_found);
    CHECK(list("nobody") == std::vector<std::string>{"/anna/docs nobody read by anna"});
    const auto again =
        world.grants.put(world.anna, path("/anna/docs"), username("nobody"), Right::read);
    CHECK_FALSE(again.value().created);
    CHECK(texts(world.grants.list(nobody, {}, username("nobody"), {}).value()).size() == 1);
  }
  SECTION("and it is taken back like any other") {
    REQUIRE(world.grants.remove(world.anna, path("/anna/docs"), username("nobody")));
    CHECK(list("nobody").empty());
  }
}

TEST_CASE("a removed user's grants go too") {
  Homes world;
  world.log_in();
  REQUIRE(world.grants.put(world.anna, path("/anna/docs"), username("berta"), Right::read));
  REQUIRE(world.users.remove(world.operator_, username("berta"), Purge::no));
  CHECK(world.grants.list(world.anna, path("/anna/docs"), {}, {}).value().items.empty());
}

TEST_CASE("a grant that cannot be recorded is not given") {
  Homes world;
  world.log_in();
  world.database.writes_fail = true;
  CHECK(code(world.grants.put(world.anna, path("/anna/docs"), username("berta"), Right::read)) ==
        Errc::unavailable);
  world.database.writes_fail = false;
  CHECK(world.grants.list(world.anna, path("/anna/docs"), {}, {}).value().items.empty());
}
