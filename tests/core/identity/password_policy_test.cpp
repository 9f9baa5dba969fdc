#include "baluhost/core/identity/password_policy.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace baluhost;

namespace {

const Username kAnna = *Username::parse("anna");

std::string refusal(std::string password, const Username& name = kAnna) {
  const auto checked = check_password(Secret{std::move(password)}, name);
  if (checked) return "";
  CHECK(checked.error().code == Errc::invalid_request);
  REQUIRE(checked.error().fields.size() == 1);
  return checked.error().fields[0].detail;
}

} // namespace

TEST_CASE("passwords need no digits, capitals or signs") {
  const auto good = GENERATE(
      std::string{"correct horse battery"}, std::string{"zkqvwxyj"}, std::string{"73912846"},
      std::string{"        x"}, std::string{"\u00fcb\u00e4rz\u00e4h"},
      std::string{"\U0001F600\U0001F600"}, std::string(1024, 'z'), std::string{"line\nbreak!"});
  CAPTURE(good);
  CHECK(refusal(good) == "");
}

TEST_CASE("a password has 8 to 1024 bytes after normalisation") {
  CHECK(refusal("zkqvwxy") == "must have at least 8 bytes");
  CHECK(refusal("") == "must have at least 8 bytes");
  CHECK(refusal(std::string(1025, 'z')) == "must have at most 1024 bytes");
  CHECK(refusal("e\u0301e\u0301e\u0301") == "must have at least 8 bytes"); // nine bytes, six in NFC
}

TEST_CASE("a password is UTF-8 without NUL") {
  CHECK(refusal("zkqvwxy\xff") == "must be valid UTF-8");
  CHECK(refusal(std::string("zkqv\0wxyj", 9)) == "must not hold the character U+0000");
}

TEST_CASE("common passwords are refused in any case") {
  const auto* common =
      GENERATE("password", "PassWord", "password1", "12345678", "123456789", "1234567890",
               "qwertyuiop", "iloveyou", "sunshine", "trustno1", "baseball", "football", "11111111",
               "1q2w3e4r", "1qaz2wsx", "computer", "princess");
  CAPTURE(common);
  CHECK(refusal(common) == "is on the list of common passwords");
}

TEST_CASE("the list knows short ones too and no others") {
  CHECK(is_common_password("123456"));
  CHECK(is_common_password("QWERTY"));
  CHECK_FALSE(is_common_password(""));
  CHECK_FALSE(is_common_password("correct horse battery"));
  CHECK_FALSE(
      is_common_password("# Common passwords, lower case, sorted by their bytes; one a line. Lines "
                         "that begin with # are comments."));
}

TEST_CASE("each line of the list is found, and nothing but whole lines") {
  constexpr std::string_view kAll =
#include "common_passwords.inc"
      ;
  std::string missed;
  std::size_t lines = 0;
  for (std::size_t begin = 0, end = 0; begin < kAll.size(); begin = end + 1, ++lines) {
    end = kAll.find('\n', begin);
    if (!is_common_password(kAll.substr(begin, end - begin)))
      missed.append(kAll.substr(begin, end + 1 - begin));
  }
  CHECK(missed.empty());
  CHECK(lines > 14'000);
  const auto two = kAll.substr(0, kAll.find('\n', kAll.find('\n') + 1));
  CHECK_FALSE(is_common_password(two));
  CHECK_FALSE(is_common_password("\n"));
}

TEST_CASE("a password must not contain a username of four characters or more") {
  CHECK(refusal("my-Anna-2026") == "must not contain the username");
  CHECK(refusal("annaannaanna") == "must not contain the username");
  CHECK(refusal("my-bob-of-2026", *Username::parse("bob")) == "");
  CHECK(refusal("my-anna-of-2026", *Username::parse("anna.smith")) == "");
}

TEST_CASE("the product's name counts for nothing") {
  CHECK(refusal("BaluHost1") != "");
  CHECK(refusal("baluhost") != "");
  CHECK(refusal("mybaluhost2026") != "");
  CHECK(refusal("baluhost zkqvwxyj") == "");
}

TEST_CASE("a password is hashed in NFC, and compared in it") {
  CHECK(prepare_password(Secret{"cafe\u0301 au lait"}, kAnna)->reveal() == "caf\u00e9 au lait");
  CHECK(normalise_password(Secret{"cafe\u0301"})->reveal() == "caf\u00e9");
  CHECK(normalise_password(Secret{"password"})->reveal() == "password");
  CHECK_FALSE(normalise_password(Secret{std::string(1025, 'z')}));
  CHECK_FALSE(normalise_password(Secret{"\xff"}));
}

TEST_CASE("no refusal repeats the password") {
  const auto* bad = GENERATE("iloveyou", "zkqvwxy", "my-anna-2026", "baluhost1");
  CHECK(refusal(bad).find(bad) == std::string::npos);
}
