#include "fixtures/identity_fixture.hpp"

#include <algorithm>
#include <thread>

using namespace baluhost;
using namespace baluhost::test;

namespace {

std::optional<FileEntry> node_at(Identity& world, std::string_view text) {
  std::optional<FileEntry> entry;
  REQUIRE(world.database.read([&](ReadTransaction& tx) -> Result<void> {
    BALUHOST_TRY(const auto found, tx.files().resolve(path(text)));
    if (found.complete) entry = found.found.back();
    return {};
  }));
  return entry;
}

} // namespace

TEST_CASE("a new user has a home, a hash and an event that says all but the password") {
  Identity world;
  world.add("root", Role::admin);
  const auto root = world.principal("root");
  world.events();
  const auto anna = world.users.create(root, {.username = username("anna"),
                                              .password = Secret{kPassword},
                                              .email = Email::parse("anna@example.org").value(),
                                              .role = Role::auditor,
                                              .quota_bytes = 1000});
  REQUIRE(anna);
  CHECK(anna->role == Role::auditor);
  CHECK(anna->enabled);
  CHECK(anna->quota_bytes == 1000);
  CHECK(anna->used_bytes == 0);
  CHECK(
      line(world.event()) ==
      R"(USER_MANAGEMENT user_created root anna {"changes":[{"field":"username","from":null,"to":"anna"},)"
      R"({"field":"email","from":null,"to":"anna@example.org"},{"field":"role","from":null,"to":"auditor"},)"
      R"({"field":"enabled","from":null,"to":true},{"field":"quota_bytes","from":null,"to":1000}]})");
  const auto home = node_at(world, "/anna");
  REQUIRE(home);
  CHECK(home->kind == FileKind::directory);
  CHECK(home->owner == anna->id);
  world.login("anna");
}

TEST_CASE("a user that cannot be created leaves nothing but the failed event") {
  Identity world;
  REQUIRE(world.users.create(world.operator_, {.username = username("anna"),
                                               .password = Secret{kPassword},
                                               .email = Email::parse("anna@example.org").value()}));
  world.events();
  const auto failure = [&](const CreateUser& request) {
    const auto refused = world.users.create(world.operator_, request);
    CHECK_FALSE(refused);
    CHECK(refused.error().recorded);
    const auto event = world.event();
    CHECK(event.action == "user_created");
    CHECK(event.user == "cli:root");
    CHECK(event.resource == request.username.str());
    CHECK_FALSE(event.success);
    CHECK(event.details.find(R"({"field":"username","from":null,"to":")") != std::string::npos);
    return *event.error_message;
  };
  CHECK(failure({.username = username("anna"), .password = Secret{kPassword}}) == "already_exists");
  CHECK(failure({.username = username("berta"),
                 .password = Secret{kPassword},
                 .email = Email::parse("ANNA@example.org").value()}) == "already_exists");
  CHECK(failure({.username = username("berta"), .password = Secret{"short"}}) == "invalid_request");
  CHECK_FALSE(node_at(world, "/berta"));
  const auto weak = world.users.create(
      world.operator_, {.username = username("berta"), .password = Secret{"berta berta"}});
  REQUIRE(weak.error().fields.size() == 1);
  CHECK(weak.error().fields.front().pointer == "/password");
  world.events();
  world.hasher.fails = true;
  CHECK(failure({.username = username("berta"), .password = Secret{kPassword}}) == "unavailable");
}

TEST_CASE("the first administrator is made by the system, and only where there is none") {
  Identity world;
  world.add("anna");
  world.events();
  CHECK_FALSE(world.users.has_admin().value());
  REQUIRE(world.users.create_first_admin(username("admin"), Secret{kPassword}));
  CHECK(world.users.has_admin().value());
  CHECK(
      line(world.event()) ==
      R"(USER_MANAGEMENT user_created - admin {"changes":[{"field":"username","from":null,"to":"admin"},)"
      R"({"field":"role","from":null,"to":"admin"},{"field":"enabled","from":null,"to":true}]})");
  CHECK(world.principal("admin").role() == Role::admin);
  world.events();
  CHECK(code(world.users.create_first_admin(username("second"), Secret{kPassword})) ==
        Errc::conflict);
  CHECK(world.event().error_message == "conflict");
}

TEST_CASE("administration is refused to everyone else, and recorded") {
  Identity world;
  world.add("anna");
  world.add("audrey", Role::auditor);
  const auto anna = world.principal(GENERATE("anna", "audrey"));
  const auto self = anna.name();
  const auto other = std::string{self == "anna" ? "audrey" : "anna"};
  world.events();
  const auto denied = [&](const std::string& resource, const std::string& operation,
                          const std::string& error) {
    CHECK(line(world.event()) == "SECURITY access_denied " + self + " /api/v1/users" + resource +
                                     R"( {"required_permission":"admin","operation":")" +
                                     operation + "\"} failed: " + error);
  };
  CHECK(code(world.users.create(anna, {.username = username("new"),
                                       .password = Secret{kPassword}})) == Errc::forbidden);
  denied("", "user_created", "forbidden");
  CHECK(code(world.users.list(anna, {})) == Errc::forbidden);
  denied("", "list_users", "forbidden");
  CHECK(code(world.users.get(anna, username(other))) == Errc::not_found);
  denied("/" + other, "get_user", "not_found");
  CHECK(code(world.users.get(anna, username("nobody"))) == Errc::not_found);
  denied("/nobody", "get_user", "not_found");
  CHECK(code(world.users.update(anna, username(other), {.enabled = false})) == Errc::not_found);
  denied("/" + other, "user_disabled", "not_found");
  CHECK(code(world.users.update(anna, username(self), {.role = Role::admin})) == Errc::forbidden);
  denied("/" + self, "role_changed", "forbidden");
  CHECK(code(world.users.remove(anna, username(other), Purge::yes)) == Errc::not_found);
  denied("/" + other, "user_deleted", "not_found");
  CHECK(code(world.users.unlock(anna, username(self))) == Errc::forbidden);
  denied("/" + self, "user_updated", "forbidden");

  CHECK(world.users.get(anna, username(self)).value().username.str() == self);
  CHECK(world.events().empty());
}

TEST_CASE("one change of several things writes an event for each") {
  Identity world;
  world.add("anna");
  world.events();
  world.clock.advance(std::chrono::seconds{5});
  const auto anna =
      world.users.update(world.operator_, username("anna"),
                         {.role = Role::auditor,
                          .enabled = false,
                          .email = std::optional{Email::parse("anna@example.org").value()},
                          .quota_bytes = std::optional<std::int64_t>{500},
                          .password = Secret{"altogether different 5"}});
  REQUIRE(anna);
  CHECK(anna->role == Role::auditor);
  CHECK_FALSE(anna->enabled);
  CHECK(anna->email->str() == "anna@example.org");
  CHECK(anna->quota_bytes == 500);
  CHECK(anna->updated_at == world.clock.now());
  auto found = lines(world.events());
  std::sort(found.begin(), found.end());
  CHECK(
      found ==
      std::vector<std::string>{
          R"(SECURITY password_changed cli:root anna {})",
          R"(SECURITY role_changed cli:root anna {"old_role":"user","new_role":"auditor"})",
          R"(USER_MANAGEMENT user_disabled cli:root anna {"changes":[{"field":"enabled","from":true,"to":false}]})",
          R"(USER_MANAGEMENT user_updated cli:root anna {"changes":[{"field":"email","from":null,"to":"anna@example.org"},)"
          R"({"field":"quota_bytes","from":null,"to":500}]})"});

  REQUIRE(world.users.update(world.operator_, username("anna"), {.enabled = true}));
  CHECK(
      line(world.event()) ==
      R"(USER_MANAGEMENT user_enabled cli:root anna {"changes":[{"field":"enabled","from":false,"to":true}]})");
  REQUIRE(world.users.update(world.operator_, username("anna"), {.email = std::optional<Email>{}}));
  CHECK(
      line(world.event()) ==
      R"(USER_MANAGEMENT user_updated cli:root anna {"changes":[{"field":"email","from":"anna@example.org","to":null}]})");
  REQUIRE(world.users.update(world.operator_, username("anna"), {.role = Role::auditor}));
  CHECK(line(world.event()) == R"(USER_MANAGEMENT user_updated cli:root anna {"changes":[]})");
}

TEST_CASE("a change of role holds for the same token at once") {
  Identity world;
  world.add("anna");
  const auto grant = world.login("anna");
  CHECK(world.check(grant).value().role() == Role::user);
  REQUIRE(world.users.update(world.operator_, username("anna"), {.role = Role::admin}));
  CHECK(world.check(grant).value().role() == Role::admin);
  CHECK(world.refresh(grant));
}

TEST_CASE("disabling ends the sessions for good") {
  Identity world;
  world.add("anna");
  const auto grant = world.login("anna");
  REQUIRE(world.check(grant));
  REQUIRE(world.users.update(world.operator_, username("anna"), {.enabled = false}));
  CHECK(code(world.check(grant)) == Errc::token_revoked);
  CHECK(code(world.refresh(grant)) == Errc::token_revoked);
  REQUIRE(world.users.update(world.operator_, username("anna"), {.enabled = true}));
  CHECK(code(world.check(grant)) == Errc::token_revoked);
  CHECK(code(world.refresh(grant)) == Errc::token_revoked);
  world.login("anna");
}

TEST_CASE(
    "a password set by an administrator ends the sessions, is used from then on and stands in no "
    "event") {
  Identity world;
  world.add("anna");
  const auto grant = world.login("anna");
  world.events();
  REQUIRE(world.users.update(world.operator_, username("anna"),
                             {.password = Secret{"altogether different 5"}}));
  CHECK(line(world.event()) == "SECURITY password_changed cli:root anna {}");
  CHECK(code(world.check(grant)) == Errc::token_revoked);
  CHECK(world.auth.login("anna", Secret{"altogether different 5"}, client_at("192.0.2.1")));
  world.events();
  CHECK(code(world.users.update(world.operator_, username("anna"),
                                {.password = Secret{"short"}})) == Errc::invalid_request);
  CHECK(line(world.event()) ==
        "SECURITY password_change_failed cli:root anna {} failed: invalid_request");
}

TEST_CASE("the last enabled administrator stays") {
  Identity world;
  world.add("root", Role::admin);
  world.add("spare", Role::admin);
  REQUIRE(world.users.update(world.operator_, username("spare"), {.enabled = false}));
  world.events();
  CHECK(code(world.users.update(world.operator_, username("root"), {.role = Role::user})) ==
        Errc::conflict);
  CHECK(
      line(world.event()) ==
      R"(SECURITY role_changed cli:root root {"old_role":"admin","new_role":"user"} failed: conflict)");
  CHECK(code(world.users.update(world.operator_, username("root"), {.enabled = false})) ==
        Errc::conflict);
  CHECK(
      line(world.event()) ==
      R"(USER_MANAGEMENT user_disabled cli:root root {"changes":[{"field":"enabled","from":true,"to":false}]} failed: conflict)");
  CHECK(code(world.users.remove(world.operator_, username("root"), Purge::yes)) == Errc::conflict);
  CHECK(
      line(world.event()) ==
      R"(USER_MANAGEMENT user_deleted cli:root root {"changes":[{"field":"username","from":"root","to":null},{"field":"role","from":"admin","to":null},)"
      R"({"field":"enabled","from":true,"to":null}]} failed: conflict)");

  SECTION("a disabled one does not count, but may go") {
    CHECK(world.users.remove(world.operator_, username("spare"), Purge::no));
  }
  SECTION("with another one, either may go") {
    REQUIRE(world.users.update(world.operator_, username("spare"), {.enabled = true}));
    CHECK(world.users.update(world.operator_, username("root"), {.role = Role::user}));
    CHECK(code(world.users.remove(world.operator_, username("spare"), Purge::no)) ==
          Errc::conflict);
  }
}

TEST_CASE("of two administrators who demote each other at once, one remains") {
  for (int round = 0; round < 20; ++round) {
    Identity world;
    world.add("root", Role::admin);
    world.add("spare", Role::admin);
    const auto root = world.principal("root");
    const auto spare = world.principal("spare");
    std::thread first(
        [&] { (void)world.users.update(root, username("spare"), {.role = Role::user}); });
    std::thread second(
        [&] { (void)world.users.update(spare, username("root"), {.role = Role::user}); });
    first.join();
    second.join();
    int admins = 0;
    const auto users = world.users.list(world.operator_, {}).value();
    for (const auto& user : users.items) admins += user.role == Role::admin ? 1 : 0;
    CHECK(admins == 1);
  }
}

TEST_CASE("nobody changes their own role") {
  Identity world;
  world.add("root", Role::admin);
  world.add("spare", Role::admin);
  const auto root = world.principal("root");
  world.events();
  CHECK(code(world.users.update(root, username("root"), {.role = Role::user})) == Errc::conflict);
  CHECK(
      line(world.event()) ==
      R"(SECURITY role_changed root root {"old_role":"admin","new_role":"user"} failed: conflict)");
  CHECK(world.users.update(root, username("root"), {.role = Role::admin}));
}

TEST_CASE("a change of nobody, to a taken e-mail, or that cannot be recorded does nothing") {
  Identity world;
  world.add("anna");
  REQUIRE(world.users.create(world.operator_, {.username = username("berta"),
                                               .password = Secret{kPassword},
                                               .email = Email::parse("b@example.org").value()}));
  world.events();
  CHECK(code(world.users.update(world.operator_, username("nobody"), {.enabled = true})) ==
        Errc::not_found);
  CHECK(line(world.event()) == "USER_MANAGEMENT user_enabled cli:root nobody {} failed: not_found");
  const UpdateUser taken{.email = std::optional{Email::parse("b@example.org").value()}};
  CHECK(code(world.users.update(world.operator_, username("anna"), taken)) == Errc::already_exists);
  CHECK(
      line(world.event()) ==
      R"(USER_MANAGEMENT user_updated cli:root anna )"
      R"({"changes":[{"field":"email","from":null,"to":"b@example.org"}]} failed: already_exists)");
  world.database.writes_fail = true;
  CHECK(code(world.users.update(world.operator_, username("anna"), {.enabled = false})) ==
        Errc::unavailable);
  CHECK(world.users.get(world.operator_, username("anna")).value().enabled);
}

TEST_CASE("users are listed by name, in pages") {
  Identity world;
  for (const auto* name : {"dora", "anna", "carla", "berta", "emma"}) world.add(name);
  std::vector<std::string> seen;
  PageRequest request{.limit = 2};
  do {
    const auto page = world.users.list(world.operator_, request);
    REQUIRE(page);
    for (const auto& user : page->items) seen.push_back(user.username.str());
    request.cursor = page->next_cursor;
  } while (request.cursor);
  CHECK(seen == std::vector<std::string>{"anna", "berta", "carla", "dora", "emma"});
  CHECK(code(world.users.list(world.operator_, {.cursor = make_cursor("sessions:1", "anna")})) ==
        Errc::invalid_request);
}

TEST_CASE("a user without files is removed with home and sessions, and the name is free again") {
  Identity world;
  world.add("anna");
  const auto grant = world.login("anna");
  REQUIRE(world.check(grant));
  world.events();
  REQUIRE(world.users.remove(world.operator_, username("anna"), Purge::no));
  CHECK(
      line(world.event()) ==
      R"(USER_MANAGEMENT user_deleted cli:root anna {"changes":[{"field":"username","from":"anna","to":null},)"
      R"({"field":"role","from":"user","to":null},{"field":"enabled","from":true,"to":null}]})");
  CHECK(code(world.check(grant)) == Errc::token_revoked);
  CHECK(code(world.refresh(grant)) == Errc::token_revoked);
  CHECK_FALSE(node_at(world, "/anna"));
  CHECK(code(world.users.remove(world.operator_, username("anna"), Purge::no)) == Errc::not_found);
  world.add("anna");
  CHECK(code(world.check(grant)) == Errc::token_revoked);
}

TEST_CASE("a user with files is removed only with them, each recorded") {
  Identity world;
  world.add("anna");
  world.add_node("/anna/docs");
  world.add_node("/anna/docs/a.txt", FileKind::file, 5);
  world.add_node("/anna/b.txt", FileKind::file, 7);
  world.events();
  CHECK(code(world.users.remove(world.operator_, username("anna"), Purge::no)) == Errc::conflict);
  CHECK(
      line(world.event()) ==
      R"(USER_MANAGEMENT user_deleted cli:root anna {"changes":[{"field":"username","from":"anna","to":null},{"field":"role","from":"user","to":null},)"
      R"({"field":"enabled","from":true,"to":null}]} failed: conflict)");
  CHECK(node_at(world, "/anna/docs/a.txt"));

  REQUIRE(world.users.remove(world.operator_, username("anna"), Purge::yes));
  auto found = lines(world.events());
  REQUIRE(found.size() == 4);
  CHECK(found.back().starts_with("USER_MANAGEMENT user_deleted cli:root anna {\"changes\":"));
  CHECK(
      found[2] ==
      R"(FILE_ACCESS delete cli:root /anna {"file_size":12,"kind":"directory","file_count":2,"total_size":12})");
  std::sort(found.begin(), found.begin() + 2);
  CHECK(found[0] == R"(FILE_ACCESS delete cli:root /anna/b.txt {"file_size":7,"kind":"file"})");
  CHECK(found[1] ==
        R"(FILE_ACCESS delete cli:root /anna/docs/a.txt {"file_size":5,"kind":"file"})");
  CHECK_FALSE(node_at(world, "/anna"));
}

TEST_CASE("an unlock is recorded as a change") {
  Identity world;
  world.add("anna");
  world.events();
  REQUIRE(world.users.unlock(world.operator_, username("anna")));
  CHECK(
      line(world.event()) ==
      R"(USER_MANAGEMENT user_updated cli:root anna {"changes":[{"field":"unlocked_at","from":null,"to":")" +
          world.clock.now().to_rfc3339() + "\"}]}");
  CHECK(code(world.users.unlock(world.operator_, username("nobody"))) == Errc::not_found);
  CHECK(line(world.event()) == "USER_MANAGEMENT user_updated cli:root nobody {} failed: not_found");
}
