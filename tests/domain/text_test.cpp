#include "baluhost/domain/text.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

using namespace baluhost;

TEST_CASE("well-formed UTF-8 is told from malformed") {
  const auto* good = GENERATE("", "plain", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80",
                              "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80",
                              "\xf4\x8f\xbf\xbf", "\xf0\x9f\x98\x80");
  CHECK(is_valid_utf8(good));
  const auto* bad =
      GENERATE("\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80",
               "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",
               "\xc2", "\xe2\x82", "\xf0\x9f\x98", "\xc3(", "a\xe2\x28\xa1");
  CHECK_FALSE(is_valid_utf8(bad));
  CHECK(is_valid_utf8(std::string_view{"a\0b", 3}));
}

TEST_CASE("code points are counted, not bytes") {
  CHECK(code_points("") == 0);
  CHECK(code_points("caf\u00e9") == 4);
  CHECK(code_points("cafe\u0301") == 5);
  CHECK(code_points("\U0001F600") == 1);
}

TEST_CASE("code points are taken off one by one") {
  std::string_view text = "a\u00e9\u20ac\U0001F600\U0010FFFFz";
  std::vector<char32_t> taken;
  while (!text.empty()) taken.push_back(take_code_point(text));
  CHECK(taken == std::vector<char32_t>{'a', 0xE9, 0x20AC, 0x1F600, 0x10FFFF, 'z'});
}

TEST_CASE("two spellings of one text become one") {
  CHECK(*to_nfc("cafe\u0301") == "caf\u00e9");
  CHECK(*to_nfc("caf\u00e9") == "caf\u00e9");
  CHECK(*to_nfc("\u1100\u1161\u11a8") == "\uac01");   // Hangul
  CHECK(*to_nfc("\u212b") == "\u00c5");               // the Angstrom sign
  CHECK(*to_nfc("q\u0307\u0323") == "q\u0323\u0307"); // order of marks
  CHECK(*to_nfc("\ufb01") == "\ufb01");               // a ligature is not canonical: it stays
  CHECK(*to_nfc("plain") == "plain");
  CHECK(*to_nfc(std::string_view{"a\0\u00e9", 4}) == std::string_view{"a\0\u00e9", 4});
  CHECK(to_nfc("\xff").error().code == Errc::invalid_request);
}

TEST_CASE("control and direction characters are seen") {
  const auto* bad =
      GENERATE("\x01", "a\tb", "\x1f", "\x7f", "\u0080", "\u009f", "\u061c", "\u200e", "\u200f",
               "\u2028", "\u2029", "\u202a", "abc\u202edcba", "\u2066", "\u2069");
  CHECK(has_control_or_bidi(bad));
  CHECK(has_control_or_bidi(std::string_view{"a\0", 2}));
  const auto* good = GENERATE("", " ", "~", "\u00a0", "\u200b", "\u200d", "\u2027", "\u202f",
                              "\u2065", "\u206a", "\U0001F600");
  CHECK_FALSE(has_control_or_bidi(good));
}

TEST_CASE("text is made fit for a column") {
  CHECK(clamp_text("caf\u00e9s", 4) == "caf\u00e9");
  CHECK(clamp_text("short", 100) == "short");
  CHECK(clamp_text("any", 0).empty());
  CHECK(clamp_text(std::string_view{"a\0b", 3}, 10) == "a\ufffdb");
  CHECK(clamp_text("a\xff\xc3", 10) == "a\ufffd\ufffd");
  CHECK(clamp_text("\xf0\x9f\x98z", 10) == "\ufffdz"); // one for the maximal subpart
  CHECK(clamp_text("\xed\xa0\x80", 10) == "\ufffd\ufffd\ufffd");
  CHECK(code_points(clamp_text(std::string(5000, '\xff'), 500)) == 500);
}

TEST_CASE("text becomes one harmless line") {
  CHECK(printable("plain caf\u00e9") == "plain caf\u00e9");
  CHECK(printable("a\nb\x1b[31m") == "a\\x0ab\\x1b[31m");
  CHECK(printable(std::string_view{"\0", 1}) == "\\x00");
  CHECK(printable("\u202e") == "\\u{202e}");
  CHECK(printable("\u0085") == "\\u{0085}");
  CHECK(printable("\xff\xc3") == "\\xff\\xc3");
  CHECK_FALSE(has_control_or_bidi(printable("\u2028\u009b\x7f\r")));
}
