#pragma once

#include "fixtures/identity_fixture.hpp"
#include "second_factor/one_time_code.hpp"

#include <cctype>

namespace baluhost::test {

/// What an authenticator makes of what it was shown: the code `steps` from now.
inline std::string code_of_seed(Identity& world, const NewSeed& seed, int steps = 0) {
  std::string bytes;
  unsigned waiting = 0;
  unsigned bits = 0;
  for (const char c : seed.secret.reveal()) {
    const auto digit = c >= 'A' ? c - 'A' : c - '2' + 26;
    waiting = waiting << 5U | static_cast<unsigned>(digit);
    bits += 5;
    if (bits < 8) continue;
    bits -= 8;
    bytes += static_cast<char>(waiting >> bits & 0xffU);
  }
  const auto step = totp_step(world.clock.now()).value + steps;
  return hotp(Secret{bytes}, static_cast<std::uint64_t>(step), 6, *world.digester);
}

/// An account whose second factor is on.
struct Enrolled {
  explicit Enrolled(Identity& in, const std::string& called = "anna", Role role = Role::user)
      : world(in), name(called) {
    world.add(name, role);
    session = world.principal(name);
    auto begun = world.second_factors.begin(*session, Secret{kPassword});
    REQUIRE(begun);
    seed = *std::move(begun);
    auto confirmed = world.second_factors.confirm(*session, Secret{code()});
    REQUIRE(confirmed);
    recovery = *std::move(confirmed);
    world.clock.advance(std::chrono::seconds{60});
    world.events();
  }

  std::string code(int steps = 0) { return code_of_seed(world, seed, steps); }

  /// The challenge of a login with the right password.
  std::string challenge(const std::string& address = "192.0.2.1") {
    const auto refused = world.auth.login(name, Secret{kPassword}, client_at(address));
    REQUIRE_FALSE(refused);
    REQUIRE(refused.error().code == Errc::second_factor_required);
    return refused.error().challenge;
  }
  Result<TokenGrant> answer(const std::string& challenge, const std::string& with,
                            const std::string& address = "192.0.2.1") {
    return world.auth.login_with_code(challenge, Secret{with}, client_at(address));
  }

  Identity& world;
  std::string name;
  std::optional<Principal> session;
  NewSeed seed;
  std::vector<Secret> recovery;
};

} // namespace baluhost::test
