#include "baluhost/core/access/access_policy.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <string>

using namespace baluhost;

namespace {

constexpr std::array kRoles{Role::admin, Role::auditor, Role::user};

/// By the contract, right by right, without the sets that the policy works with.
bool has(const PathStanding& standing, Right right) {
  if (standing.role == Role::admin || standing.owns_home) return true;
  for (const auto held : standing.granted.list()) {
    if (held == right) return true;
  }
  return false;
}

Decision expected(const PathStanding& standing, Rights needed) {
  bool any = false;
  for (const auto right : Rights::all().list()) any = any || has(standing, right);
  if (!any) return Decision::hidden;
  for (const auto right : needed.list()) {
    if (!has(standing, right)) return Decision::forbidden;
  }
  return Decision::allowed;
}

} // namespace

TEST_CASE("rights on paths: role × owner × granted × needed, all 1,536 of them") {
  int seen = 0;
  for (const auto role : kRoles) {
    for (const bool owns : {false, true}) {
      for (std::uint8_t granted = 0; granted < 16; ++granted) {
        for (std::uint8_t needed = 0; needed < 16; ++needed) {
          const PathStanding standing{role, owns, Rights::from_bits(granted)};
          INFO(to_string(role) << (owns ? " at home" : "") << " with " << standing.granted.to_text()
                               << " needs " << Rights::from_bits(needed).to_text());
          CHECK(decide(standing, Rights::from_bits(needed)) ==
                expected(standing, Rights::from_bits(needed)));
          ++seen;
        }
      }
    }
  }
  CHECK(seen == 1536);
}

TEST_CASE("rights on paths: the sentences of the contract") {
  struct Row {
    const char* why;
    PathStanding standing;
    Rights needed;
    Decision decision;
  };
  const auto row = GENERATE(
      Row{"the owner has all rights", {Role::user, true, {}}, Rights::all(), Decision::allowed},
      Row{"an admin has all rights everywhere",
          {Role::admin, false, {}},
          Rights::all(),
          Decision::allowed},
      Row{"an auditor has none by role", {Role::auditor, false, {}}, Right::read, Decision::hidden},
      Row{"an auditor owns the own home",
          {Role::auditor, true, {}},
          Right::write,
          Decision::allowed},
      Row{"an auditor can be given rights",
          {Role::auditor, false, Right::read},
          Right::read,
          Decision::allowed},
      Row{"no right at all: not found", {Role::user, false, {}}, Right::read, Decision::hidden},
      Row{"some right, but not this one: forbidden",
          {Role::user, false, Right::read},
          Right::write,
          Decision::forbidden},
      Row{"write does not mean read",
          {Role::user, false, Right::write},
          Right::read,
          Decision::forbidden},
      Row{"two rights need both",
          {Role::user, false, Right::write},
          Rights{Right::write} | Right::remove,
          Decision::forbidden},
      Row{"any right lets one see that it is there",
          {Role::user, false, Right::share},
          {},
          Decision::allowed});
  INFO(row.why);
  CHECK(decide(row.standing, row.needed) == row.decision);
}

TEST_CASE("permissions: role × permission") {
  struct Row {
    Role role;
    std::array<bool, 4> allowed; // anyone, authenticated, audit, administer
  };
  const auto row = GENERATE(Row{Role::admin, {true, true, true, true}},
                            Row{Role::auditor, {true, true, true, false}},
                            Row{Role::user, {true, true, false, false}});
  INFO(to_string(row.role));
  CHECK(permits(row.role, Permission::anyone) == row.allowed[0]);
  CHECK(permits(row.role, Permission::authenticated) == row.allowed[1]);
  CHECK(permits(row.role, Permission::audit) == row.allowed[2]);
  CHECK(permits(row.role, Permission::administer) == row.allowed[3]);
}
