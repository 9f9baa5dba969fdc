#include "baluhost/core/json/json_views.hpp"

#include "fixtures/identity_fixture.hpp"

using namespace baluhost;
using namespace baluhost::test;

TEST_CASE("a user as JSON has the members of the contract and no secret") {
  User user{.id = UserId{7},
            .username = username("anna"),
            .role = Role::auditor,
            .used_bytes = 12,
            .file_count = 3,
            .created_at = {1'795'488'871'123'456},
            .updated_at = {1'795'488'872'000'000}};
  CHECK(
      to_json(user) ==
      R"({"id":7,"username":"anna","email":null,"role":"auditor","enabled":true,"quota_bytes":null,"used_bytes":12,)"
      R"("created_at":"2026-11-24T02:54:31.123456Z","updated_at":"2026-11-24T02:54:32.000000Z"})");
  user.email = Email::parse("anna@example.org").value();
  user.quota_bytes = 0;
  CHECK(to_json(user).find(
            R"("email":"anna@example.org","role":"auditor","enabled":true,"quota_bytes":0,)") !=
        std::string::npos);
}

TEST_CASE("a session as JSON has the members of the contract") {
  const Session session{.id = SessionId{"ab12"},
                        .user = UserId{7},
                        .created_at = {1'795'488'871'123'456},
                        .last_used_at = {1'795'488'872'000'000},
                        .expires_at = {1'795'488'873'000'000},
                        .client = {.user_agent = "a \"quoted\" <b>"}};
  CHECK(
      to_json(session, session.id) ==
      R"({"id":"ab12","created_at":"2026-11-24T02:54:31.123456Z","last_used_at":"2026-11-24T02:54:32.000000Z",)"
      R"("expires_at":"2026-11-24T02:54:33.000000Z","ip_address":null,"user_agent":"a \"quoted\" <b>","current":true})");
}

TEST_CASE("a grant as JSON has the members of the contract") {
  const GrantInfo grant{path("/anna/ä"),
                        username("berta"),
                        Rights{Right::read} | Right::remove,
                        "anna",
                        {1'795'488'871'123'456}};
  CHECK(to_json(grant) ==
        R"({"path":"/anna/ä","grantee":"berta","rights":["read","delete"],"granted_by":"anna",)"
        R"("created_at":"2026-11-24T02:54:31.123456Z"})");
}

TEST_CASE("a local operator is an administrator whom no user can pass for") {
  const auto root = Principal::local_operator("ro\not");
  CHECK(root.name() == "cli:ro\\x0aot");
  CHECK(root.role() == Role::admin);
  CHECK_FALSE(root.user());
  CHECK_FALSE(root.session());
  CHECK_FALSE(Username::parse(Principal::local_operator("root").name()));
  CHECK(Principal::local_operator(std::string(500, 'x')).name().size() == 100);
}
