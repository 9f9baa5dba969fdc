#include "baluhost/domain/base32.hpp"

#include <catch2/catch.hpp>

using namespace baluhost;

TEST_CASE("bytes become base32 as RFC 4648 section 10 has it, without padding") {
  CHECK(to_base32("").empty());
  CHECK(to_base32("f") == "my");
  CHECK(to_base32("fo") == "mzxq");
  CHECK(to_base32("foo") == "mzxw6");
  CHECK(to_base32("foob") == "mzxw6yq");
  CHECK(to_base32("fooba") == "mzxw6ytb");
  CHECK(to_base32("foobar") == "mzxw6ytboi");
  CHECK(to_base32(std::string(16, '\xff')) == "77777777777777777777777774");
}
