#include "second_factor/one_time_code.hpp"

#include "baluhost/memory/portable_digester.hpp"

#include <catch2/catch.hpp>

#include <array>
#include <utility>

using namespace baluhost;

namespace {

/// The key of the RFCs' examples.
const Secret kKey{"12345678901234567890"};

Timestamp at_second(std::int64_t second) { return {second * 1'000'000}; }

} // namespace

TEST_CASE("HOTP gives the codes of RFC 4226, appendix D") {
  const auto digester = make_portable_digester();
  constexpr std::array codes{"755224", "287082", "359152", "969429", "338314",
                             "254676", "287922", "162583", "399871", "520489"};
  for (std::size_t i = 0; i < codes.size(); ++i) CHECK(hotp(kKey, i, 6, *digester) == codes[i]);
}

TEST_CASE("TOTP gives the codes of RFC 6238, appendix B") {
  const auto digester = make_portable_digester();
  for (const auto& [second, code] :
       {std::pair{59LL, "94287082"}, std::pair{1111111109LL, "07081804"},
        std::pair{1111111111LL, "14050471"}, std::pair{1234567890LL, "89005924"},
        std::pair{2000000000LL, "69279037"}, std::pair{20000000000LL, "65353130"}}) {
    const auto step = totp_step(at_second(second));
    CHECK(hotp(kKey, static_cast<std::uint64_t>(step.value), 8, *digester) == code);
  }
}

TEST_CASE("a code is good in its step and the next one, and never before or after") {
  const auto digester = make_portable_digester();
  const std::int64_t step = 37'037'036; // of 1111111080 to 1111111109
  for (const auto& [second, is_good] :
       {std::pair{1111111079LL, false}, std::pair{1111111080LL, true},
        std::pair{1111111109LL, true}, std::pair{1111111139LL, true},
        std::pair{1111111140LL, false}}) {
    const auto found = step_of_code(kKey, "081804", at_second(second), *digester);
    CHECK(found.has_value() == is_good);
    if (found) CHECK(found->value == step);
  }
  for (const char* wrong : {"", "81804", "0081804", "07081804", "081805"})
    CHECK_FALSE(step_of_code(kKey, wrong, at_second(1111111109), *digester));
  CHECK_FALSE(
      step_of_code(Secret{"12345678901234567891"}, "081804", at_second(1111111109), *digester));
}
