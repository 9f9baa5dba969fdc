#include "baluhost/core/access/share_service.hpp"
#include "access/path_access.hpp"

#include "fixtures/identity_fixture.hpp"

#include <array>

using namespace baluhost;
using namespace baluhost::test;

namespace {

const Client kGuest = client_at("198.51.100.7");

struct Sharing : Identity {
  explicit Sharing(ShareOptions options = {})
      : shares{{database, audit_log, identities, share_throttle, hasher, tokens, *digester, *random,
                clock},
               options} {
    add("anna");
    add("berta");
    add_node("/anna/docs");
    add_node("/anna/docs/a.txt", FileKind::file, 5);
    anna = principal("anna");
    berta = principal("berta");
    events();
  }
  Result<NewShareLink> make(const std::string& where, CreateShare more = {.path = path("/x1")}) {
    more.path = path(where);
    if (more.rights == ShareRights{}) more.rights.read = true;
    return shares.create(anna, more);
  }
  NewShareLink link(const std::string& where = "/anna/docs",
                    CreateShare more = {.path = path("/x1")}) {
    auto made = make(where, std::move(more));
    REQUIRE(made);
    events();
    return *std::move(made);
  }
  Result<OpenedShare> open(const NewShareLink& link, std::optional<std::string> password = {},
                           const Client& client = kGuest) {
    return shares.open({.id = link.share.share.id,
                        .secret = link.secret,
                        .password = password ? std::optional{Secret{*password}} : std::nullopt},
                       client);
  }
  Result<Principal> enter(const OpenedShare& opened) {
    return auth.authenticate(opened.token.text.reveal(), kGuest);
  }

  LoginThrottle share_throttle{clock, {.max_attempts = 3}};
  ShareService shares;
  Principal anna = Principal::local_operator(""), berta = anna;
};

CreateShare with_password() {
  return {.path = path("/x1"), .rights = {.read = true}, .password = Secret{kPassword}};
}

} // namespace

TEST_CASE("a share is made with its secret once, and its event knows no secret") {
  Sharing world;
  const auto made = world.make("/anna/docs");
  REQUIRE(made);
  CHECK(made->share.share.secret == world.digester->sha256(made->secret.reveal()));
  const auto event = line(world.event());
  CHECK(event.starts_with("SECURITY share_created anna /anna/docs {\"share\":\"" +
                          made->share.share.id.value));
  CHECK(event.find(made->secret.reveal()) == std::string::npos);
}

TEST_CASE("who opens a share acts by it, with the creator's account and no name") {
  Sharing world;
  const auto opened = world.open(world.link());
  REQUIRE(opened);
  CHECK(opened->expires_in == std::chrono::minutes{15});
  const auto guest = world.enter(*opened);
  REQUIRE(guest);
  CHECK(guest->user() == world.anna.user());
  CHECK(guest->name().empty());
  CHECK(guest->role() == Role::user);
  CHECK(code(guest->account()) == Errc::not_found);
  CHECK(guest->share()->rights == ShareRights{.read = true});
  const auto event = world.audit_log.draft(Action::download, *guest);
  CHECK_FALSE(event.user);
  CHECK_FALSE(event.account);
  CHECK(event.details.find(guest->share()->id.value) != std::string::npos);
}

TEST_CASE("whatever is refused costs one hash, so that its time tells nothing") {
  Sharing world;
  auto unknown = world.link();
  unknown.share.share.id = ShareId{std::string(32, 'a')};
  auto wrong = world.link();
  wrong.secret = Secret{"wrong"};
  const auto ended = world.link();
  REQUIRE(world.shares.end(world.anna, ended.share.share.id));
  auto wrong_ended = world.link();
  REQUIRE(world.shares.end(world.anna, wrong_ended.share.share.id));
  wrong_ended.secret = Secret{"wrong"};
  const auto locked = world.link("/anna/docs", with_password());
  CHECK(code(world.open(unknown, "warm up")) == Errc::not_found); // makes the decoy
  int address = 0;
  const auto cost = [&](const NewShareLink& link, Errc expected) {
    const int before = world.hasher.verifications;
    CHECK(code(world.open(link, "some pass phrase",
                          client_at("198.51.100." + std::to_string(++address)))) == expected);
    return world.hasher.verifications - before;
  };
  CHECK(cost(unknown, Errc::not_found) == 1);
  CHECK(cost(wrong, Errc::not_found) == 1);
  CHECK(cost(wrong_ended, Errc::not_found) == 1);
  CHECK(cost(ended, Errc::gone) == 1);
  CHECK(cost(locked, Errc::invalid_credentials) == 1);
}

TEST_CASE("a share whose creator is disabled is not there, an expired one is gone") {
  Sharing world;
  const auto link = world.link();
  const auto opened = world.open(link);
  REQUIRE(opened);
  SECTION("disabled, until enabled again") {
    const auto set = [&](bool enabled) {
      REQUIRE(world.users.update(world.operator_, username("anna"), {.enabled = enabled}));
    };
    set(false);
    CHECK(code(world.open(link)) == Errc::not_found);
    CHECK(code(world.enter(*opened)) == Errc::token_revoked);
    set(true);
    CHECK(world.open(link));
  }
  SECTION("expired: gone for who has the secret") {
    world.clock.advance(std::chrono::hours{24 * 31});
    CHECK(code(world.open(link)) == Errc::gone);
    CHECK(code(world.enter(*opened)) == Errc::token_expired);
  }
}

TEST_CASE("who came by a share is seen to be shut out while an answer goes on") {
  Sharing world;
  const auto link = world.link();
  const auto opened = world.open(link);
  REQUIRE(opened);
  const auto guest = world.enter(*opened);
  REQUIRE(guest);
  REQUIRE(world.auth.look_again(*guest));
  SECTION("it ended") { REQUIRE(world.shares.end(world.anna, link.share.share.id)); }
  SECTION("its link is another") {
    REQUIRE(world.shares.renew_secret(world.anna, link.share.share.id));
  }
  SECTION("it expired") { world.clock.advance(std::chrono::hours{24 * 31}); }
  SECTION("its creator is disabled") {
    REQUIRE(world.users.update(world.operator_, username("anna"), {.enabled = false}));
  }
  CHECK(code(world.auth.look_again(*guest)) == Errc::token_revoked);
}

TEST_CASE("a share that expires in the middle of a change ends it") {
  Sharing world;
  const auto opened = world.open(
      world.link("/anna/docs", {.path = path("/x1"), .rights = {.read = true, .create = true}}));
  REQUIRE(opened);
  const auto guest = world.enter(*opened);
  REQUIRE(guest);
  world.clock.advance(std::chrono::hours{24 * 31}); // after it was let in
  PathGate gate(world.audit_log, *guest, Operation::upload);
  const auto done = world.database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(gate.hold(tx, std::array{path("/~/new")}));
    return Error{Errc::internal, "was let through"};
  });
  CHECK(code(done) == Errc::token_revoked);
}

TEST_CASE("guesses of a secret count by address, those of a password by share too") {
  Sharing world;
  const auto link = world.link("/anna/docs", with_password());
  auto wrong = link;
  wrong.secret = Secret{"wrong"};
  for (int i = 0; i < 3; ++i) CHECK(code(world.open(wrong, kPassword)) == Errc::not_found);
  CHECK(code(world.open(wrong, kPassword)) == Errc::rate_limited);
  CHECK(world.open(link, kPassword, client_at("203.0.113.1"))); // nobody is kept out by that
  for (int i = 0; i < 3; ++i) {
    const auto from = client_at("203.0.113." + std::to_string(10 + i));
    CHECK(code(world.open(link, "another pass phrase", from)) == Errc::invalid_credentials);
  }
  CHECK(code(world.open(link, kPassword, client_at("203.0.113.99"))) == Errc::rate_limited);
}

TEST_CASE("asking whether there is a password is no guess") {
  Sharing world;
  const auto link = world.link("/anna/docs", with_password());
  for (int i = 0; i < 9; ++i) CHECK(code(world.open(link)) == Errc::invalid_credentials);
  CHECK(world.open(link, kPassword));
}

TEST_CASE("an account makes as many shares as it may, and no more") {
  Sharing world{{.most_of_account = 2}};
  world.link();
  const auto second = world.link();
  CHECK(code(world.make("/anna/docs")) == Errc::quota_exceeded);
  REQUIRE(world.shares.end(world.anna, second.share.share.id));
  CHECK(world.make("/anna/docs"));
}

TEST_CASE("what is passed on ends with the grant that it came by") {
  Sharing world;
  const auto grant = [&](Rights rights) {
    REQUIRE(world.grants.put(world.anna, path("/anna/docs"), username("berta"), rights));
  };
  grant(Rights{Right::read} | Right::share);
  const auto made = world.shares.create(
      world.berta, {.path = path("/anna/docs/a.txt"), .rights = {.read = true}});
  REQUIRE(made);
  world.events();
  grant(Rights{Right::read});
  const auto events = lines(world.events());
  REQUIRE(events.size() == 2);
  CHECK(std::ranges::any_of(events, [](const auto& text) {
    return text.starts_with("SECURITY share_ended anna /anna/docs/a.txt");
  }));
  CHECK(code(world.shares.get(world.berta, made->share.share.id)) == Errc::not_found);
  CHECK(code(world.open(*made)) == Errc::gone);
}
