#include "fields/json_reader.hpp"

#include <catch2/catch.hpp>

using namespace baluhost;
using baluhost::http::JsonReader;

namespace {

std::string pointer_of(const Error& error) {
  return error.fields.empty() ? "none" : error.fields.front().pointer;
}

/// The pointer of the member at fault; "ok" if there is none.
std::string fault(std::string_view body, std::string_view members = "a b") {
  const auto json = JsonReader::parse(body, members);
  if (json) return "ok";
  CHECK(json.error().code == Errc::invalid_request);
  return pointer_of(json.error());
}

std::string nested(int depth) {
  return R"({"a":)" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}";
}

} // namespace

TEST_CASE("JSON that is not exactly one clean object is refused with the member at fault",
          "[http][json][spec-26][spec-31]") {
  CHECK(fault(R"({"a":1,"b":"x"})") == "ok");
  CHECK(fault(" {} \r\n") == "ok");
  for (const char* body :
       {"", "[]", "1", "null", "{", R"({"a":1}x)", R"({"a":1}{})", R"({"a":1,})", R"({a:1})",
        R"({'a':1})", R"({"a":01})", R"({"a":NaN})", "\xef\xbb\xbf{}", R"({"a":1}//)",
        "{\"a\":\"\xff\"}", "{\"a\":\"\xc0\x80\"}", R"({"a":"\ud800"})", "{\"a\":\"\n\"}"}) {
    INFO(body);
    CHECK(fault(body).empty());
  }
  CHECK(fault(R"({"c":1})") == "/c");
  CHECK(fault(R"({"A":1})") == "/A");
  CHECK(fault(R"({"x/y~z":1})") == "/x~1y~0z");
  CHECK(fault(R"({"a":1,"a":2})") == "/a");
  CHECK(fault(R"({"a":1,"\u0061":2})") == "/a");
  CHECK(fault(R"({"a":{"d":[{"e":1,"e":1}]}})") == "/a/d/0/e");
  CHECK(fault(R"({"a":"x\u0000y"})") == "/a");
  CHECK(fault(R"({"b":["x","\u0000"]})") == "/b/1");
  CHECK(fault(R"({"a":"\udc00"})") == "/a");
  CHECK(fault(nested(32)) == "ok");
  CHECK(fault(nested(33)) == "");
  CHECK(fault(std::string(200000, '[')) == "");
  CHECK(fault(R"({"a":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["})") == "ok");
}

TEST_CASE("A NUL ends no JSON: what stands after it counts", "[http][json][fault-20]") {
  using namespace std::string_view_literals;
  for (const auto body : {"{\"a\":1}\0"sv, "{\"a\":1}\0,\"b\":true}"sv, "{}\0x"sv, "{}\n\0"sv,
                          "\0{}"sv, "{\0}"sv, "{\"a\":\"\0\"}"sv})
    CHECK(fault(body).empty());
}

TEST_CASE("Members are of their type or refused with their pointer",
          "[http][json][spec-31][spec-32]") {
  const auto parsed = JsonReader::parse(
      R"({"text":"x","flag":true,"one":1,"word":"true","big":9223372036854775807,"huge":9223372036854775808,"minus":-1,"half":0.5,"null":null,"list":["p","q"],"mixed":["p",1]})",
      "text flag one word big huge minus half null list mixed");
  REQUIRE(parsed);
  const JsonReader& json = *parsed;
  CHECK(*json.text("text") == "x");
  CHECK(pointer_of(json.text("one").error()) == "/one");
  CHECK(pointer_of(json.text("null").error()) == "/null");
  CHECK(pointer_of(json.text("absent").error()) == "/absent");
  CHECK_FALSE((*json.optional_text("absent")).has_value());
  CHECK(*json.flag("flag", false));
  CHECK(*json.flag("absent", true));
  CHECK(pointer_of(json.flag("one", false).error()) == "/one");
  CHECK(pointer_of(json.flag("word", false).error()) == "/word");
  CHECK(pointer_of(json.flag("null", false).error()) == "/null");
  CHECK(**json.optional_size("big") == 9223372036854775807);
  for (const char* member : {"huge", "minus", "half", "word", "null", "flag"})
    CHECK(pointer_of(json.optional_size(member).error()) == "/" + std::string{member});
  CHECK(*json.texts("list") == std::vector<std::string>{"p", "q"});
  CHECK(pointer_of(json.texts("mixed").error()) == "/mixed/1");
  CHECK(pointer_of(json.texts("text").error()) == "/text");
  CHECK(json.is_null("null"));
  CHECK_FALSE(json.is_null("absent"));
}
