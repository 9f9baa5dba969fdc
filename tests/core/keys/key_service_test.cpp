#include "fixtures/identity_fixture.hpp"

using namespace baluhost;
using namespace baluhost::test;
using namespace std::chrono_literals;

namespace {

constexpr auto kFiles = Scope::files_read | Scopes{Scope::files_write};

MadeKey make(Identity& world, const Principal& owner, NewKey request) {
  auto made = world.keys.create(owner, request);
  REQUIRE(made);
  return *std::move(made);
}

Result<Principal> use(Identity& world, const MadeKey& key,
                      const std::string& address = "192.0.2.7") {
  return world.auth.authenticate(key.secret.reveal(), client_at(address));
}

std::string id_of(const MadeKey& key) { return key.placed.key.id.value; }

std::vector<PlacedKey> listed(Identity& world, const Principal& owner) {
  auto page = world.keys.list(owner, {});
  REQUIRE(page);
  return std::move(page->items);
}

} // namespace

TEST_CASE("a key is shown once, stored as a hash, and lets its owner in") {
  Identity world;
  world.add("anna");
  const auto anna = world.principal("anna");
  world.events();
  const auto made = make(world, anna, {.name = "backup", .scopes = kFiles});
  CHECK(line(world.event()) == "SECURITY key_created anna " + id_of(made) +
                                   R"( {"name":"backup","scopes":["files:read","files:write"]})");

  const std::string secret{made.secret.reveal()};
  REQUIRE(secret.size() == 41);
  CHECK(secret.starts_with("baluhost_"));
  CHECK(secret.find_first_not_of("abcdefghijklmnopqrstuvwxyz234567", 9) == std::string::npos);
  CHECK(secret.find(id_of(made)) == std::string::npos);
  CHECK(make(world, anna, {.name = "other", .scopes = kFiles}).secret.reveal() != secret);

  const auto caller = use(world, made);
  REQUIRE(caller);
  CHECK(caller->name() == "anna");
  CHECK(caller->user() == anna.user());
  CHECK_FALSE(caller->session());
  REQUIRE(caller->key() != nullptr);
  CHECK(caller->key()->id == made.placed.key.id);
  CHECK(caller->key()->scopes == kFiles);
  CHECK(world.auth.look_again(*caller));
}

TEST_CASE("what is no key, unknown or not in its form, is refused and on record") {
  Identity world;
  world.add("anna");
  const auto made = make(world, world.principal("anna"), {.name = "k", .scopes = kFiles});
  const std::string secret{made.secret.reveal()};
  world.events();
  auto other = secret;
  other[12] = other[12] == 'a' ? 'b' : 'a';
  for (const auto& text : {other, secret.substr(1), secret + "a", secret.substr(0, 40),
                           std::string{"baluhost_"}, "BALUHOST_" + secret.substr(9)}) {
    INFO(text);
    CHECK(code(world.auth.authenticate(text, client_at("192.0.2.8"))) == Errc::unauthenticated);
  }
  const auto events = world.events();
  REQUIRE(events.size() == 6);
  for (const auto& event : events) {
    CHECK(event.action == "invalid_token");
    CHECK_FALSE(event.user);
    CHECK(line(event).find(secret.substr(9, 20)) == std::string::npos);
  }
}

TEST_CASE("who tries keys again and again is told to wait: a good key is let in all the same") {
  Identity world;
  world.add("anna");
  const auto anna = world.principal("anna");
  const auto good = make(world, anna, {.name = "good", .scopes = kFiles});
  const auto gone = make(world, anna, {.name = "gone", .scopes = kFiles});
  REQUIRE(world.keys.revoke(anna, gone.placed.key.id));
  world.events();
  int refused = 0;
  int told_to_wait = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto answer = use(world, gone);
    REQUIRE_FALSE(answer);
    refused += answer.error().code == Errc::token_revoked;
    told_to_wait += answer.error().code == Errc::rate_limited;
  }
  CHECK(refused == 300);
  CHECK(told_to_wait == 9700);
  CHECK(world.events().size() == 10); // of a stranger, in a minute
  CHECK(use(world, good));
  CHECK(code(use(world, gone, "198.51.100.1")) == Errc::token_revoked);
}

TEST_CASE("a key ends with its revocation, for who is in the middle of something too") {
  Identity world;
  world.add("anna");
  const auto anna = world.principal("anna");
  const auto made = make(world, anna, {.name = "k", .scopes = Scopes::all()});
  const auto caller = use(world, made).value();
  world.events();
  REQUIRE(world.keys.revoke(anna, made.placed.key.id));
  CHECK(line(world.event()) == "SECURITY key_revoked anna " + id_of(made) + R"( {"name":"k"})");
  CHECK(code(use(world, made)) == Errc::token_revoked);
  CHECK(code(world.auth.look_again(caller)) == Errc::token_revoked);
  world.add_node("/anna/docs");
  world.add("berta");
  CHECK(code(world.grants.put(caller, path("/anna/docs"), username("berta"), Right::read)) ==
        Errc::token_revoked);
  CHECK(code(world.keys.revoke(anna, made.placed.key.id)) == Errc::not_found);
  CHECK(world.check(world.login("anna")));
}

TEST_CASE("a key expires, for who is in the middle of something too") {
  Identity world;
  world.add("anna");
  const auto anna = world.principal("anna");
  const auto made = make(
      world, anna, {.name = "k", .scopes = Scopes::all(), .expires_at = world.clock.now() + 1min});
  const auto caller = use(world, made).value();
  world.add_node("/anna/docs");
  world.add("berta");
  world.clock.advance(1min);
  CHECK(code(use(world, made)) == Errc::token_expired);
  CHECK(code(world.auth.look_again(caller)) == Errc::token_expired);
  CHECK(code(world.grants.put(caller, path("/anna/docs"), username("berta"), Right::read)) ==
        Errc::token_expired);
}

TEST_CASE("a refused key is looked up each time, as an unknown one is") {
  Identity world;
  world.add("anna");
  const auto made = make(world, world.principal("anna"),
                         {.name = "k", .scopes = kFiles, .expires_at = world.clock.now() + 1min});
  REQUIRE(use(world, made)); // it is remembered while it is good
  world.clock.advance(1min);
  CHECK(code(use(world, made)) == Errc::token_expired);
  for (int i = 0; i < 2; ++i) {
    const int before = world.database.reads;
    CHECK(code(use(world, made)) == Errc::token_expired);
    CHECK(world.database.reads == before + 1);
  }
}

TEST_CASE("disabling ends keys for good: enabling brings none back") {
  Identity world;
  world.add("anna");
  const auto anna = world.principal("anna");
  const auto made = make(world, anna, {.name = "k", .scopes = kFiles});
  world.events();
  REQUIRE(world.users.update(world.operator_, username("anna"), {.enabled = false}));
  const auto events = lines(world.events());
  REQUIRE(events.size() == 2);
  CHECK(std::ranges::count(
            events, "SECURITY key_revoked cli:root " + id_of(made) + R"( {"name":"k"})") == 1);
  CHECK(code(use(world, made)) == Errc::token_revoked);
  REQUIRE(world.users.update(world.operator_, username("anna"), {.enabled = true}));
  CHECK(code(use(world, made)) == Errc::token_revoked);
}

TEST_CASE("a change of password ends keys, the owner's and an administrator's, unless kept") {
  for (const bool kept : {false, true}) {
    for (const bool by_admin : {false, true}) {
      INFO((kept ? "kept" : "ended") << (by_admin ? " by an administrator" : ""));
      Identity world;
      world.add("anna");
      const auto anna = world.principal("anna");
      const auto made = make(world, anna, {.name = "k", .scopes = kFiles});
      world.events();
      const Secret next{"plum cake 4711 x"};
      if (by_admin) {
        REQUIRE(world.users.update(world.operator_, username("anna"),
                                   {.password = next, .keep_keys = kept}));
      } else {
        REQUIRE(world.auth.change_password(anna, Secret{kPassword}, next,
                                           kept ? KeysAfter::kept : KeysAfter::ended));
      }
      CHECK(world.events().size() == (kept ? 1 : 2));
      CHECK(use(world, made).has_value() == kept);
    }
  }
}

TEST_CASE("a key has no more than what is left of its owner's role, as that is now") {
  Identity world;
  world.add("boss", Role::admin);
  world.add("chief", Role::admin);
  const auto boss = world.principal("boss");
  const auto plain = make(world, boss, {.name = "plain", .scopes = kFiles});
  const auto strong = make(world, boss, {.name = "strong", .scopes = Scopes::all()});
  CHECK(use(world, plain)->role() == Role::user);
  const auto caller = use(world, strong).value();
  CHECK(caller.role() == Role::admin);
  CHECK(world.users.list(caller, {}));
  REQUIRE(world.users.update(world.principal("chief"), username("boss"), {.role = Role::user}));
  CHECK(use(world, strong)->role() == Role::user);
  CHECK(code(world.users.create(caller, {.username = username("new"),
                                         .password = Secret{kPassword}})) == Errc::forbidden);
}

TEST_CASE("a key makes no keys, and spares its owner") {
  Identity world;
  world.add("boss", Role::admin);
  world.add("anna");
  world.add("other", Role::admin);
  const auto made = make(world, world.principal("boss"), {.name = "k", .scopes = Scopes::all()});
  const auto caller = use(world, made).value();
  world.events();
  CHECK(code(world.keys.create(caller, {.name = "n", .scopes = kFiles})) == Errc::forbidden);
  CHECK(line(world.event()) ==
        "SECURITY access_denied boss /api/v1/auth/keys {\"key\":\"" + id_of(made) +
            R"(","required_permission":"session","operation":"key_created"} failed: forbidden)");
  const auto boss = username("boss");
  CHECK(code(world.users.update(caller, boss, {.password = Secret{"plum cake 4711 x"}})) ==
        Errc::forbidden);
  CHECK(code(world.users.update(caller, boss, {.enabled = false})) == Errc::forbidden);
  CHECK(code(world.users.remove(caller, boss, Purge::yes)) == Errc::forbidden);
  CHECK(code(world.sessions.revoke_all_of(caller, boss)) == Errc::forbidden);
  CHECK(world.events().size() == 4);
  CHECK(world.users.update(caller, username("anna"), {.password = Secret{"plum cake 4711 x"}}));
  CHECK(world.users.update(caller, boss, {.quota_bytes = std::optional<std::int64_t>{1}}));
  CHECK(use(world, made));
}

TEST_CASE("what is done with a key carries its id") {
  Identity world;
  world.add("anna");
  world.add("berta");
  world.add_node("/anna/docs");
  const auto made = make(world, world.principal("anna"), {.name = "k", .scopes = Scopes::all()});
  const auto caller = use(world, made).value();
  world.events();
  REQUIRE(world.grants.put(caller, path("/anna/docs"), username("berta"), Right::read));
  CHECK(line(world.event()).find("{\"key\":\"" + id_of(made) + "\",") != std::string::npos);
}

TEST_CASE("a key that is bound to a path follows the file, and ends with it") {
  Identity world;
  world.add("anna");
  const auto docs = world.add_node("/anna/docs");
  const auto anna = world.principal("anna");
  const auto made =
      make(world, anna, {.name = "k", .scopes = Scope::files_read, .path = path("/anna/docs")});
  CHECK(made.placed.key.root == docs);
  CHECK(made.placed.path == path("/anna/docs"));
  CHECK(listed(world, anna).front().path == path("/anna/docs"));
  CHECK(code(world.keys.create(
            anna, {.name = "k", .scopes = Scope::files_read, .path = path("/anna/none")})) ==
        Errc::not_found);
  world.add("berta");
  CHECK(code(world.keys.create(
            anna, {.name = "k", .scopes = Scope::files_read, .path = path("/berta")})) ==
        Errc::not_found);
  CHECK(world.events().back().action == "access_denied");
}

TEST_CASE("a new key keeps the rules, and each that it breaks is named") {
  Identity world;
  world.add("anna");
  const auto anna = world.principal("anna");
  const auto pointer = [&](const NewKey& request) {
    const auto made = world.keys.create(anna, request);
    REQUIRE(code(made) == Errc::invalid_request);
    return made.error().fields.front().pointer;
  };
  CHECK(pointer({.name = "", .scopes = kFiles}) == "/name");
  CHECK(pointer({.name = std::string(101, 'x'), .scopes = kFiles}) == "/name");
  CHECK(pointer({.name = "a\nb", .scopes = kFiles}) == "/name");
  CHECK(pointer({.name = " ", .scopes = kFiles}) == "/name");
  CHECK(pointer({.name = " a", .scopes = kFiles}) == "/name");
  CHECK(pointer({.name = "a ", .scopes = kFiles}) == "/name");
  CHECK(pointer({.name = "k"}) == "/scopes");
  CHECK(pointer({.name = "k", .scopes = kFiles, .protocols = {}}) == "/protocols");
  CHECK(pointer({.name = "k", .scopes = kFiles, .expires_at = world.clock.now()}) == "/expires_at");
  NewKey wide{.name = "k", .scopes = kFiles};
  for (int i = 0; i < 33; ++i) wide.allow_from.push_back(IpNetwork::parse("10.0.0.0/8").value());
  CHECK(pointer(wide) == "/allow_from");
  CHECK(listed(world, anna).empty());
}

TEST_CASE("an account has so many keys and no more") {
  Identity world;
  world.add("anna");
  const auto anna = world.principal("anna");
  for (std::size_t i = 0; i < KeyLimits::keys_of_account; ++i)
    make(world, anna, {.name = "k", .scopes = kFiles});
  CHECK(code(world.keys.create(anna, {.name = "k", .scopes = kFiles})) == Errc::conflict);
  REQUIRE(world.users.update(world.operator_, username("anna"), {.enabled = false}));
  CHECK(world.keys.list_of(world.operator_, username("anna"), {})->items.empty());
}

TEST_CASE("others' keys are not there, but for administrators") {
  Identity world;
  world.add("anna");
  world.add("berta");
  world.add("boss", Role::admin);
  const auto anna = world.principal("anna");
  const auto berta = world.principal("berta");
  const auto boss = world.principal("boss");
  const auto made = make(world, anna, {.name = "k", .scopes = kFiles});
  const auto id = made.placed.key.id;
  world.events();
  CHECK(code(world.keys.revoke(berta, id)) == Errc::not_found);
  CHECK(world.event().action == "access_denied");
  CHECK(code(world.keys.list_of(berta, username("anna"), {})) == Errc::not_found);
  CHECK(code(world.keys.revoke_of(berta, username("anna"), id)) == Errc::not_found);
  CHECK(code(world.keys.revoke_any(berta, id)) == Errc::forbidden);
  CHECK(code(world.keys.revoke_of(boss, username("berta"), id)) == Errc::not_found);
  CHECK(world.keys.list_of(boss, username("anna"), {})->items.size() == 1);
  CHECK(use(world, made));
  world.events();
  REQUIRE(world.keys.revoke_of(boss, username("anna"), id));
  CHECK(line(world.event()) ==
        "SECURITY key_revoked boss " + id.value + R"( {"name":"k","username":"anna"})");
  CHECK(code(use(world, made)) == Errc::token_revoked);
}

TEST_CASE("keys are cached as sessions are, and dropped when another program ends one") {
  Identity world;
  world.add("anna");
  const auto anna = world.principal("anna");
  const auto made = make(world, anna, {.name = "k", .scopes = kFiles});
  REQUIRE(use(world, made));
  REQUIRE(world.identities.poll());
  REQUIRE(use(world, made));
  const auto reads = world.database.reads.load();
  REQUIRE(use(world, made));
  CHECK(world.database.reads == reads);

  REQUIRE(world.database.write([&](WriteTransaction& tx) -> Result<AuditEvents> {
    BALUHOST_CHECK(tx.keys().remove(made.placed.key.id));
    return AuditEvents{world.audit_log.draft(Action::key_revoked)};
  }));
  REQUIRE(world.identities.poll());
  CHECK(code(use(world, made)) == Errc::token_revoked);
}

TEST_CASE("the last use is shown at once, and written once a minute at most") {
  Identity world;
  world.add("anna");
  const auto anna = world.principal("anna");
  const auto made = make(world, anna, {.name = "k", .scopes = kFiles});
  CHECK_FALSE(listed(world, anna).front().key.last_used_at);
  const auto stored = [&] {
    std::optional<KeyState> state;
    REQUIRE(world.database.read([&](ReadTransaction& tx) -> Result<void> {
      BALUHOST_TRY(state, tx.keys().find(made.placed.key.id));
      return {};
    }));
    return state->key.last_used_at;
  };
  const auto first = world.clock.now();
  REQUIRE(use(world, made));
  CHECK(listed(world, anna).front().key.last_used_at == first);
  CHECK(listed(world, anna).front().key.last_used_ip == IpAddress::parse("192.0.2.7"));
  CHECK_FALSE(stored());
  REQUIRE(world.key_uses.write(world.clock.now()));
  CHECK(stored() == first);

  world.clock.advance(59s);
  REQUIRE(use(world, made, "192.0.2.8"));
  const auto second = world.clock.now();
  REQUIRE(world.key_uses.write(second));
  CHECK(stored() == first);
  CHECK(listed(world, anna).front().key.last_used_ip == IpAddress::parse("192.0.2.8"));
  world.clock.advance(1s);
  REQUIRE(world.key_uses.write(world.clock.now()));
  CHECK(stored() == second);
}
