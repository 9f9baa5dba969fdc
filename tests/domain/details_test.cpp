#include "baluhost/domain/details.hpp"

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

using namespace baluhost;

TEST_CASE("an object keeps the order of its members and every type") {
  JsonObject json;
  CHECK(json.str() == "{}");
  json.add("text", "a")
      .add("string", std::string{"b"})
      .add("number", 1)
      .add("flag", true)
      .add("off", false)
      .add_null("nothing");
  json.add("big", std::numeric_limits<std::int64_t>::max())
      .add("small", std::numeric_limits<std::int64_t>::min());
  json.add_json("list", json_array(std::vector<std::string>{"1", json_text("x")}));
  CHECK(json.str() ==
        R"({"text":"a","string":"b","number":1,"flag":true,"off":false,"nothing":null,)"
        R"("big":9223372036854775807,"small":-9223372036854775808,"list":[1,"x"]})");
}

TEST_CASE("a member that need not be there is null without a value") {
  struct Named {
    [[nodiscard]] std::string str() const { return "a name"; }
  };
  const Timestamp time{1'000'000};
  JsonObject json;
  json.reserve(1000);
  json.add("time", time)
      .add_or_null("text", std::optional<std::string>{"a\"b"})
      .add_or_null("number", std::optional<std::int64_t>{-7})
      .add_or_null("at", std::optional{time})
      .add_or_null("named", std::optional{Named{}})
      .add_or_null("no text", std::optional<std::string>{})
      .add_or_null("no name", std::optional<Named>{});
  const std::string text = R"({"time":"1970-01-01T00:00:01.000000Z","text":"a\"b","number":-7,)"
                           R"("at":"1970-01-01T00:00:01.000000Z","named":"a name",)"
                           R"("no text":null,"no name":null})";
  CHECK(json.str() == text);
  CHECK(std::move(json).str() == text);
}

TEST_CASE("what stands in a text is escaped wherever it has to be, byte by byte") {
  for (int c = 1; c < 0x80; ++c) {
    const char byte = static_cast<char>(c);
    const bool is_plain = c >= 0x20 && c != 0x7F && c != '"' && c != '\\';
    for (const std::string& text :
         {std::string(1, byte), "before" + std::string(1, byte), std::string(1, byte) + "after",
          "\u00e4" + std::string(1, byte)}) {
      INFO(c);
      CHECK((json_text(text) == '"' + text + '"') == is_plain);
    }
  }
  CHECK(json_text("\xff") == "\"\uFFFD\"");
  CHECK(json_text("\x7f\x1f\x01") == R"("\u007f\u001f\u0001")");
}

TEST_CASE("a text member is read as it was written") {
  for (const std::string& text :
       {std::string{}, std::string{"anna"}, std::string{"a\"b\\c/"},
        std::string{"\b\f\n\r\t\x01\x1F\x7F"}, std::string{"\xC3\xA4\xF0\x9F\x98\x80"},
        std::string{"\"name\":\"x\""}}) {
    const auto json = JsonObject{}.add("other", text).add("n", 1).add("name", text).str();
    INFO(json);
    CHECK(text_member(json, "name") == text);
    CHECK(text_member(json, "other") == text);
  }
  for (const char* json : {"", "{}", R"({"name":1})", R"({"name":"x)", R"({"name":"x\)",
                           R"({"name":"\u00)", R"({"name":"\u00zz"})", R"({"rename":"x"})"})
    CHECK_FALSE(text_member(json, "name"));
}

TEST_CASE("fractions have three decimals at most") {
  const auto shown = [](double number) { return JsonObject{}.add("n", number).str(); };
  CHECK(shown(0.0) == R"({"n":0})");
  CHECK(shown(-0.0) == R"({"n":0})");
  CHECK(shown(-0.0001) == R"({"n":0})");
  CHECK(shown(1.5) == R"({"n":1.5})");
  CHECK(shown(100.0) == R"({"n":100})");
  CHECK(shown(1234.5678) == R"({"n":1234.568})");
  CHECK(shown(-2.25) == R"({"n":-2.25})");
  CHECK(shown(std::numeric_limits<double>::infinity()) == R"({"n":null})");
  CHECK(shown(std::numeric_limits<double>::quiet_NaN()) == R"({"n":null})");
  CHECK(shown(std::numeric_limits<double>::max()).size() == 6 + 309);
}

TEST_CASE("text is escaped as RFC 8259 requires") {
  CHECK(json_text("a\"b\\c/d") == R"("a\"b\\c/d")");
  CHECK(json_text("\b\f\n\r\t\x01\x1f\x7f") == R"("\b\f\n\r\t\u0001\u001f\u007f")");
  CHECK(json_text("caf\u00e9 \U0001F600") == "\"caf\u00e9 \U0001F600\"");
  CHECK(json_text("</script>") == "\"</script>\"");
  CHECK(json_text("a\xff") == "\"a\ufffd\"");
  CHECK(json_text(std::string_view{"a\0b", 3}) == "\"a\ufffdb\"");
  CHECK(JsonObject{}.add("k\"", "v").str() == R"({"k\"":"v"})");
  CHECK(json_array({}) == "[]");
}
