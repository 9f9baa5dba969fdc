#include "baluhost/domain/ids.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace baluhost;

TEST_CASE("a random id is as many lower-case hex digits as its kind has, and nothing else") {
  const std::string text = "00112233445566778899aabbccddeeff";
  const auto parsed = SessionId::parse(text);
  REQUIRE(parsed);
  CHECK(parsed->value == text);
  for (const std::string& wrong :
       {std::string{}, text.substr(1), text + "0", text + text, std::string(32, 'A'),
        std::string(32, 'g'), std::string(31, '0') + '\0', "../" + text.substr(3)}) {
    const auto refused = SessionId::parse(wrong);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::invalid_request);
  }
  CHECK(UploadId::parse(text + text));
  CHECK_FALSE(UploadId::parse(text));
}
