#include "baluhost/domain/digest.hpp"
#include "baluhost/domain/hex.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace baluhost;

TEST_CASE("hex goes both ways, and is strict") {
  CHECK(to_hex(std::string_view{"\x00\x7f\xff\xa5", 4}) == "007fffa5");
  CHECK(*from_hex("007FffA5") == std::string_view{"\x00\x7f\xff\xa5", 4});
  CHECK(from_hex("")->empty());
  const auto* bad = GENERATE("0", "0g", " 0", "0x00", "00 ", "\xc3\xa4");
  CHECK(from_hex(bad).error().code == Errc::invalid_request);
}

TEST_CASE("hex digits have one alphabet, and values in either case") {
  for (int value = 0; value < 16; ++value) {
    CHECK(hex_value(kHexDigits[static_cast<std::size_t>(value)]) == value);
    CHECK(hex_value("0123456789ABCDEF"[value]) == value);
  }
  for (const char c : {'/', ':', '@', 'G', '`', 'g', '\0', '\xff'}) CHECK(hex_value(c) == -1);
  std::string text = "x";
  append_hex(text, 0xDEADBEEF, 8);
  append_hex(text, 0x1F, 4);
  append_hex(text, 0xABC, 2);
  CHECK(text == "xdeadbeef001fbc");
}

TEST_CASE("base64 follows the vectors of RFC 4648 section 10") {
  struct Row {
    const char* bytes;
    const char* text;
    const char* url;
  };
  const auto row = GENERATE(
      Row{"", "", ""}, Row{"f", "Zg==", "Zg"}, Row{"fo", "Zm8=", "Zm8"}, Row{"foo", "Zm9v", "Zm9v"},
      Row{"foob", "Zm9vYg==", "Zm9vYg"}, Row{"fooba", "Zm9vYmE=", "Zm9vYmE"},
      Row{"foobar", "Zm9vYmFy", "Zm9vYmFy"}, Row{"\xfb\xff\xfe", "+//+", "-__-"});
  CHECK(to_base64(row.bytes) == row.text);
  CHECK(to_base64url(row.bytes) == row.url);
  CHECK(*from_base64(row.text) == row.bytes);
  CHECK(*from_base64url(row.url) == row.bytes);
}

TEST_CASE("base64 carries every byte") {
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  for (std::size_t size = 0; size <= all.size(); ++size) {
    const auto bytes = std::string_view{all}.substr(all.size() - size);
    REQUIRE(*from_base64(to_base64(bytes)) == bytes);
    REQUIRE(*from_base64url(to_base64url(bytes)) == bytes);
    REQUIRE(*from_hex(to_hex(bytes)) == bytes);
  }
}

TEST_CASE("base64 that has a second spelling, other characters or wrong padding is refused") {
  const auto* bad =
      GENERATE("Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zh==", "Zm9=", "Zm9v=", "Zm 9v",
               "Zm9v\n", "Zm9_", "Zm9-", "Zg==Zg==", "Zm9vYg=a", "\xc3\xa4==");
  CAPTURE(bad);
  CHECK(from_base64(bad).error().code == Errc::invalid_request);
  const auto* bad_url =
      GENERATE("Z", "Zg==", "Zm8=", "Zh", "Zm9", "Zm9vY", "Zm+v", "Zm/v", "Zm9v ");
  CAPTURE(bad_url);
  CHECK(from_base64url(bad_url).error().code == Errc::invalid_request);
}

TEST_CASE("a digest is exactly as long as its hash") {
  const std::string hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  CHECK(Sha256Digest::parse_hex(hex)->hex() == hex);
  CHECK_FALSE(Sha256Digest::parse_hex(hex.substr(2)));
  CHECK_FALSE(Sha256Digest::parse_hex(hex + "00"));
  CHECK_FALSE(Sha1Digest::parse_hex(hex));
  CHECK(Sha256Digest{}.view() == std::string(32, '\0'));
  CHECK(Sha1Digest::from_bytes(std::string(20, 'x'))->view() == std::string(20, 'x'));
}
