#include "baluhost/core/access/access_policy.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <optional>
#include <string>

using namespace baluhost;

namespace {

KeyCredential key_with(Scopes scopes) {
  return {.id = KeyId{std::string(32, 'a')},
          .scopes = scopes,
          .root = {},
          .protocols = KeyProtocols::all(),
          .allow_from = {}};
}

const auto kAnywhere = IpAddress::parse("192.0.2.1");

} // namespace

TEST_CASE("roles of a key: role × scopes, all 192 of them") {
  for (const auto role : {Role::admin, Role::auditor, Role::user}) {
    for (std::uint8_t bits = 0; bits < 64; ++bits) {
      const auto scopes = Scopes::from_bits(bits);
      const bool administers = role == Role::admin && scopes.includes(Scope::admin);
      const bool reads_all = role != Role::user && scopes.includes(Scope::audit_read);
      INFO(to_string(role) << " with " << scopes.to_text());
      CHECK(role_within(key_with(scopes), role) == (administers ? Role::admin
                                                    : reads_all ? Role::auditor
                                                                : Role::user));
      CHECK(role_within(SessionCredential{}, role) == role);
    }
  }
}

TEST_CASE("a scope is good for its own right on paths, and for no other") {
  CHECK(path_bounds(SessionCredential{}).rights == Rights::all());
  CHECK(path_bounds(key_with(Scope::files_read)).rights == Right::read);
  CHECK(path_bounds(key_with(Scope::files_write)).rights == Right::write);
  CHECK(path_bounds(key_with(Scope::files_delete)).rights == Right::remove);
  CHECK(path_bounds(key_with(Scope::shares)).rights == Right::share);
  CHECK(path_bounds(key_with(Scope::audit_read | Scopes{Scope::admin})).rights.empty());
  for (const auto right : Rights::all().list())
    CHECK(rights_of(scopes_for(right)) == Rights{right});
}

TEST_CASE(
    "rights within a credential: what the account lacks is not made up for, what the "
    "credential lacks is forbidden") {
  const PathStanding home{.role = Role::user, .owns_home = true, .within = Right::read};
  CHECK(rights_on(home) == Right::read);
  CHECK(decide(home, Right::read) == Decision::allowed);
  CHECK(decide(home, Right::write) == Decision::forbidden);
  CHECK(decide(home, {}) == Decision::allowed);
  CHECK(decide(home, Rights{Right::read} | Right::remove, Right::read) == Decision::allowed);

  const PathStanding elsewhere{.role = Role::user, .within = Rights::all()};
  CHECK(decide(elsewhere, Right::read) == Decision::hidden);
  const PathStanding granted{.role = Role::user, .granted = Right::read, .within = Right::write};
  CHECK(rights_on(granted).empty());
  CHECK(decide(granted, Right::read) == Decision::forbidden);
  CHECK(decide(granted, Right::write) == Decision::forbidden);
}

TEST_CASE("outside of its path a credential is forbidden everything, whatever is there") {
  for (const auto role : {Role::admin, Role::user}) {
    for (const bool owns : {false, true}) {
      const PathStanding outside{.role = role, .owns_home = owns, .is_outside = true};
      CHECK(rights_on(outside).empty());
      CHECK(decide(outside, {}) == Decision::forbidden);
      CHECK(decide(outside, Right::read) == Decision::forbidden);
    }
  }
}

TEST_CASE("a key opens a route by all its scopes, from its addresses, by its protocols") {
  auto key = key_with(Scope::files_read);
  CHECK_FALSE(lacks_for(key, {.scope = Scopes{}, .address = kAnywhere}));
  CHECK_FALSE(lacks_for(key, {.scope = Scope::files_read, .address = kAnywhere}));
  CHECK(lacks_for(key, {.scope = Scope::files_write, .address = kAnywhere}) == "files:write");
  CHECK(lacks_for(key, {.scope = Scope::files_read | Scopes{Scope::files_write},
                        .address = kAnywhere}) == "files:write");
  CHECK(lacks_for(key, {.scope = std::nullopt, .address = kAnywhere}) == "session");
  CHECK_FALSE(lacks_for(SessionCredential{}, {.scope = std::nullopt, .address = kAnywhere}));

  key.allow_from = {IpNetwork::parse("192.0.2.0/31").value()};
  CHECK_FALSE(lacks_for(key, {.scope = Scope::files_read, .address = kAnywhere}));
  for (const auto& address : {std::optional<IpAddress>{}, IpAddress::parse("192.0.2.2")}) {
    CHECK(lacks_for(key, {.scope = Scope::files_read, .address = address}) == "files:read");
    CHECK(lacks_for(key, {.scope = Scopes{}, .address = address}) == "authenticated");
  }
  key.allow_from.clear();
  key.protocols = KeyProtocol::rest;
  CHECK_FALSE(lacks_for(key, {.scope = Scopes{}, .address = kAnywhere}));
  CHECK(lacks_for(key, {.scope = Scope::files_read,
                        .protocol = KeyProtocol::webdav,
                        .address = kAnywhere}) == "files:read");
}

TEST_CASE("a key that is bound to a path opens nothing that is not about files") {
  auto key = key_with(Scopes::all());
  key.root = FileId{7};
  CHECK_FALSE(lacks_for(key, {.scope = Scope::files_read, .address = kAnywhere}));
  CHECK_FALSE(lacks_for(key, {.scope = Scope::shares, .address = kAnywhere}));
  CHECK_FALSE(lacks_for(key, {.scope = Scopes{}, .address = kAnywhere}));
  CHECK(lacks_for(key, {.scope = Scope::audit_read, .address = kAnywhere}) == "audit:read");
  CHECK(lacks_for(key, {.scope = Scope::admin, .address = kAnywhere}) == "admin");
}
