#include "baluhost/core/access/share_service.hpp"
#include "baluhost/domain/base32.hpp"
#include "baluhost/domain/digest.hpp"

#include "second_factor/factor_fixture.hpp"

#include <algorithm>
#include <cctype>

using namespace baluhost;
using namespace baluhost::test;

namespace {

/// Remembers what it gave; has nothing to give when told so.
class RecordedRandom final : public RandomSource {
 public:
  Result<std::string> bytes(std::size_t count) override {
    if (is_empty) return Error{Errc::unavailable, "no entropy"};
    BALUHOST_TRY(auto bytes, inner_->bytes(count));
    given.push_back(bytes);
    return bytes;
  }

  /// Whether `secret` is what it gave, at least that many bytes, in one of the forms that we use.
  [[nodiscard]] bool gave(const Secret& secret, std::size_t least) const {
    std::string text{secret.reveal()};
    std::ranges::transform(text, text.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return std::ranges::any_of(given, [&](const std::string& bytes) {
      return bytes.size() >= least &&
             (text == to_base32(bytes) || text == to_hex(bytes) ||
              secret.reveal() == to_base64url(bytes) ||
              (text.starts_with("baluhost_") && text.substr(9, 26) == to_base32(bytes)));
    });
  }

  bool is_empty{false};
  std::vector<std::string> given;

 private:
  std::unique_ptr<RandomSource> inner_ = make_seeded_random();
};

} // namespace

TEST_CASE("what lets somebody in comes from the random source, and without it there is none") {
  Identity world;
  RecordedRandom random;
  AuthService auth{
      {world.database, world.audit_log, world.identities, world.throttle, world.hasher,
       world.tokens, *world.digester, random, world.clock, world.key_uses, *world.seeds},
      {}};
  KeyService keys{{world.database, world.audit_log, world.identities, world.key_uses,
                   *world.digester, random, world.clock}};
  SecondFactorService factors{{world.database, world.audit_log, world.identities, world.throttle,
                               world.hasher, *world.seeds, *world.digester, random, world.clock}};
  ShareService shares{{world.database, world.audit_log, world.identities, world.throttle,
                       world.hasher, world.tokens, *world.digester, random, world.clock},
                      {}};
  world.add("anna");
  world.add_node("/anna/docs");
  const auto anna = world.principal("anna");
  const auto without = [&](const auto& make) {
    random.is_empty = true;
    CHECK(code(make()) == Errc::unavailable);
    random.is_empty = false;
  };

  const auto make_key = [&] {
    return keys.create(anna, {.name = "k", .scopes = Scopes{Scope::files_read}});
  };
  without(make_key);
  const auto key = make_key();
  REQUIRE(key);
  CHECK(random.gave(key->secret, 16));

  const auto make_share = [&] {
    return shares.create(anna, {.path = path("/anna/docs"), .rights = {.read = true}});
  };
  without(make_share);
  const auto link = make_share();
  REQUIRE(link);
  CHECK(random.gave(link->secret, 16));
  const auto renew = [&] { return shares.renew_secret(anna, link->share.share.id); };
  without(renew);
  const auto renewed = renew();
  REQUIRE(renewed);
  CHECK(random.gave(renewed->secret, 16));

  const auto begin = [&] { return factors.begin(anna, Secret{kPassword}); };
  without(begin);
  const auto seed = begin();
  REQUIRE(seed);
  CHECK(random.gave(seed->secret, 20));
  const auto confirm = [&] {
    world.clock.advance(std::chrono::seconds{60}); // each step is good for one try
    return factors.confirm(anna, Secret{code_of_seed(world, *seed)});
  };
  without(confirm);
  const auto recovery = confirm();
  REQUIRE(recovery);
  for (const auto& one : *recovery) CHECK(random.gave(one, 15));

  const auto log_in = [&] { return auth.login("anna", Secret{kPassword}, client_at("192.0.2.1")); };
  without(log_in);
  const auto challenged = log_in();
  REQUIRE(code(challenged) == Errc::second_factor_required);
  CHECK(random.gave(Secret{challenged.error().challenge}, 16));
}
