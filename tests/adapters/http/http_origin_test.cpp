#include "dispatch/cors.hpp"
#include "dispatch/origin.hpp"

#include <catch2/catch.hpp>

using namespace baluhost::http;

TEST_CASE("Origins are the same however they are spelled", "[http][origin][fault-26]") {
  const auto same = [](std::string_view a, std::string_view b) {
    const auto first = Origin::parse(a), second = Origin::parse(b);
    return first && first == second;
  };
  CHECK(same("http://files.example", "http://files.example:80"));
  CHECK(same("https://files.example", "HTTPS://FILES.example:443"));
  CHECK(same("http://[::1]:8080", "http://[0:0:0:0:0:0:0:1]:08080"));
  CHECK_FALSE(same("http://files.example", "https://files.example"));
  CHECK_FALSE(same("http://files.example:443", "http://files.example"));
  CHECK_FALSE(same("https://files.example:80", "https://files.example"));
  CHECK_FALSE(same("https://files.example", "https://other.example"));
  CHECK(Origin::of(Scheme::http, "Files.Example:80") == Origin::parse("http://files.example"));
  CHECK(Origin::of(Scheme::https, "files.example:443") == Origin::parse("https://files.example"));
  CHECK(Origin::parse("HTTPS://Files.Example:443")->str() == "https://files.example");
  CHECK(Origin::parse("http://Files.Example:443")->str() == "http://files.example:443");
  CHECK(Origin::parse("http://[::ABCD]")->str() == "http://[::abcd]");
  for (const char* none : {"", "null", "*", "files.example", "ftp://files.example", "https://",
                           "https:files.example", "https://a/", "https://a?b", "https://u@a",
                           "https://a b", "https://a:", "https://a:x", "https://a:70000",
                           "https://b\xc3\xbc"
                           "cher.example",
                           "https://*.example"}) {
    INFO(none);
    CHECK_FALSE(Origin::parse(none));
  }
}

TEST_CASE("Allowed origins are kept as browsers write them", "[http][origin][fault-26]") {
  const auto cors = Cors::parse(
      {"https://App.Example.org", "HTTP://other.example:80", "https://third.example:443"});
  REQUIRE(cors);
  for (const char* origin :
       {"https://app.example.org", "http://other.example", "https://third.example"})
    CHECK(cors->allows(origin));
  for (const char* origin :
       {"https://App.Example.org", "http://app.example.org", "https://third.example:444"})
    CHECK_FALSE(cors->allows(origin));
}
