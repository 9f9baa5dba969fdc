#include "baluhost/domain/identity/username.hpp"

#include <catch2/catch.hpp>

#include <string>

using namespace baluhost;

TEST_CASE("usernames are lower-cased and kept") {
  CHECK(Username::parse("anna")->str() == "anna");
  CHECK(Username::parse("ANNA.Smith_9-x")->str() == "anna.smith_9-x");
  CHECK(Username::parse("admin")->str() == "admin");
  CHECK(Username::parse("0x")->str() == "0x");
  CHECK(Username::parse(std::string(32, 'a'))->str() == std::string(32, 'a'));
  CHECK(*Username::parse("Anna") == *Username::parse("anna"));
}

TEST_CASE("what cannot be a username is refused with a sentence") {
  const auto bad = GENERATE(
      std::string{}, std::string{"a"}, std::string(33, 'a'), std::string{"."}, std::string{".."},
      std::string{".anna"}, std::string{"_anna"}, std::string{"-anna"}, std::string{"anna."},
      std::string{" anna"}, std::string{"anna "}, std::string{"an na"}, std::string{"anna\n"},
      std::string{"an/na"}, std::string{"an\\na"}, std::string{"anna@x"}, std::string{"ann\u00e4"},
      std::string{"\u212aate"}, std::string{"<b>anna</b>"}, std::string{"' OR 1=1 --"},
      std::string("an\0na", 5), std::string{"api"}, std::string{"API"}, std::string{"livez"},
      std::string{"readyz"}, std::string{"healthz"}, std::string{"metrics"}, std::string{"system"},
      std::string{"anonymous"}, std::string{"cli:root"});
  CAPTURE(bad);
  const auto parsed = Username::parse(bad);
  REQUIRE_FALSE(parsed);
  CHECK(parsed.error().code == Errc::invalid_request);
  REQUIRE(parsed.error().fields.size() == 1);
  CHECK_FALSE(parsed.error().fields[0].detail.empty());
}

TEST_CASE(
    "an e-mail address of a host without a dot or of an internationalised one is accepted, in NFC",
    "[fault-36]") {
  CHECK(Email::parse("admin@localhost")->str() == "admin@localhost");
  CHECK(Email::parse("anna@Bu\u0308cher.Example")->str() == "anna@b\u00fccher.example");
}

TEST_CASE("e-mail addresses keep their name and lower-case their host") {
  CHECK(Email::parse("Anna@Example.ORG")->str() == "Anna@example.org");
  CHECK(Email::parse("Anna@Example.ORG")->key() == "anna@example.org");
  const auto good =
      GENERATE(std::string{"a@b.c"}, std::string{"anna+files@example.co.uk"},
               std::string{"a.b.c@x-y.example"}, std::string{"!#$%&'*+-/=?^_`{|}~@example.org"},
               std::string{"1@2.example"}, std::string{"anna@xn--mnchen-3ya.example"},
               std::string(64, 'a') + "@example.org", "a@" + std::string(63, 'b') + ".example",
               std::string{"admin@localhost"}, std::string{"anna@b\u00fccher.example"},
               std::string{"a@\u4f8b\u5b50.\u6d4b\u8bd5"});
  CAPTURE(good);
  CHECK(Email::parse(good));
}

TEST_CASE("what is not an e-mail address is refused") {
  const auto bad = GENERATE(
      std::string{}, std::string{"anna"}, std::string{"@example.org"}, std::string{"anna@"},
      std::string{"anna@1234"}, std::string{"a@b@example.org"}, std::string{".a@example.org"},
      std::string{"a.@example.org"}, std::string{"a..b@example.org"},
      std::string{"a b@example.org"}, std::string{" a@example.org"}, std::string{"a@example.org "},
      std::string{"a@example.org\n"}, std::string{"\"a\"@example.org"},
      std::string{"a@.example.org"}, std::string{"a@example..org"}, std::string{"a@example.org."},
      std::string{"a@-example.org"}, std::string{"a@example-.org"}, std::string{"a@exam_ple.org"},
      std::string{"a@192.0.2.1"}, std::string{"a@[192.0.2.1]"}, std::string{"<a@example.org>"},
      std::string{"a@ex\u00a0mple.org"}, std::string{"a@ex\u3002org"},
      std::string{"a@\u202eexample.org"}, std::string{"a@\u20ac.org"}, std::string{"a@\xff.org"},
      std::string{"\u00e4@example.org"}, std::string("a@exam\0ple.org", 14),
      std::string(65, 'a') + "@example.org", "a@" + std::string(64, 'b') + ".example",
      std::string{"a@"} + std::string(252, 'b'),
      "a@" + std::string(63, 'b') + "." + std::string(63, 'b') + "." + std::string(63, 'b') + "." +
          std::string(61, 'b'));
  CAPTURE(bad);
  REQUIRE_FALSE(Email::parse(bad));
  CHECK(Email::parse(bad).error().code == Errc::invalid_request);
}

TEST_CASE("an e-mail address of 254 characters is the longest") {
  const auto address = [](std::size_t last) {
    return "a@" + std::string(63, 'b') + "." + std::string(63, 'b') + "." + std::string(63, 'b') +
           "." + std::string(last, 'b');
  };
  REQUIRE(address(60).size() == 254);
  CHECK(Email::parse(address(60)));
  CHECK_FALSE(Email::parse(address(61)));
}
