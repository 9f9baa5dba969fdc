#include "baluhost/domain/timestamp.hpp"

#include <catch2/catch.hpp>

#include <limits>

using baluhost::Errc;
using baluhost::Timestamp;

TEST_CASE("a time prints as RFC 3339 in UTC with microseconds") {
  struct Row {
    std::int64_t microseconds;
    const char* text;
  };
  const auto row = GENERATE(
      Row{0, "1970-01-01T00:00:00.000000Z"}, Row{1795488871123456, "2026-11-24T02:54:31.123456Z"},
      Row{-1, "1969-12-31T23:59:59.999999Z"}, Row{951782400000000, "2000-02-29T00:00:00.000000Z"},
      Row{-62135596800000000, "0001-01-01T00:00:00.000000Z"},
      Row{253402300799999999, "9999-12-31T23:59:59.999999Z"});
  CHECK(Timestamp{row.microseconds}.to_rfc3339() == row.text);
  REQUIRE(Timestamp::parse(row.text));
  CHECK(Timestamp::parse(row.text)->microseconds == row.microseconds);
}

TEST_CASE("RFC 3339 times with fractions and offsets are read") {
  struct Row {
    const char* text;
    std::int64_t microseconds;
  };
  const auto row = GENERATE(Row{"2026-11-24T02:54:31Z", 1795488871000000},
                            Row{"2026-11-24t02:54:31z", 1795488871000000},
                            Row{"2026-11-24T02:54:31.1Z", 1795488871100000},
                            Row{"2026-11-24T02:54:31.123456789Z", 1795488871123456},
                            Row{"2026-11-24T02:54:31.999999999Z", 1795488871999999},
                            Row{"2026-11-24T04:54:31+02:00", 1795488871000000},
                            Row{"2026-11-23T21:24:31-05:30", 1795488871000000},
                            Row{"2026-11-24T02:54:31-00:00", 1795488871000000},
                            Row{"1970-01-01T00:00:00+23:59", -86340000000});
  CAPTURE(row.text);
  REQUIRE(Timestamp::parse(row.text));
  CHECK(Timestamp::parse(row.text)->microseconds == row.microseconds);
}

TEST_CASE("what is not an RFC 3339 time is refused") {
  const auto* text = GENERATE(
      "", "now", "2026-11-24", "2026-11-24T02:54Z", "2026-11-24T02:54:31", "2026-11-24 02:54:31Z",
      " 2026-11-24T02:54:31Z", "2026-11-24T02:54:31Z ", "2026-13-24T02:54:31Z",
      "2026-00-24T02:54:31Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z",
      "2026-11-31T00:00:00Z", "2026-11-00T00:00:00Z", "2026-11-24T24:00:00Z",
      "2026-11-24T02:60:00Z", "2026-11-24T02:54:60Z", "2026-11-24T02:54:31.Z",
      "2026-11-24T02:54:31.1234567890Z", "2026-11-24T02:54:31,5Z", "2026-11-24T02:54:31+0200",
      "2026-11-24T02:54:31+24:00", "2026-11-24T02:54:31+02:60", "2026-11-24T02:54:31+02:00Z",
      "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
      "12026-11-24T02:54:31Z", "-026-11-24T02:54:31Z", "2026-+1-24T02:54:31Z", "1795488871");
  CAPTURE(text);
  REQUIRE_FALSE(Timestamp::parse(text));
  CHECK(Timestamp::parse(text).error().code == Errc::invalid_request);
}

TEST_CASE("an embedded NUL does not end a time") {
  CHECK_FALSE(Timestamp::parse(std::string_view{"2026-11-24T02:54:31Z\0", 21}));
}

TEST_CASE("a time knows its second, its day and its HTTP date") {
  const Timestamp moment{1795488871123456};
  CHECK(moment.seconds() == 1795488871);
  CHECK(Timestamp{-1}.seconds() == -1);
  CHECK(Timestamp{-1000000}.seconds() == -1);
  CHECK(Timestamp{-1000001}.seconds() == -2);
  CHECK(moment.to_date() == "2026-11-24");
  CHECK(moment.to_http_date() == "Tue, 24 Nov 2026 02:54:31 GMT");
  CHECK(Timestamp{784111777000000}.to_http_date() == "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST_CASE("all three forms of an HTTP date are read") {
  const auto* text = GENERATE("Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                              "Sun Nov  6 08:49:37 1994");
  REQUIRE(Timestamp::parse_http_date(text));
  CHECK(Timestamp::parse_http_date(text)->microseconds == 784111777000000);
}

TEST_CASE("two-digit years of HTTP dates lie between 1970 and 2069") {
  CHECK(Timestamp::parse_http_date("Thursday, 01-Jan-70 00:00:00 GMT")->microseconds == 0);
  CHECK(Timestamp::parse_http_date("Tuesday, 31-Dec-69 00:00:00 GMT")->to_date() == "2069-12-31");
}

TEST_CASE("what is not an HTTP date is refused") {
  const auto* text = GENERATE("", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 UTC",
                              "Sun, 6 Nov 1994 08:49:37 GMT", "sun, 06 Nov 1994 08:49:37 GMT",
                              "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT",
                              "Sun, 06 Nov 94 08:49:37 GMT", "Sun Nov 6 08:49:37 1994",
                              "Sun Nov  6 08:49:37 1994 ", "1994-11-06T08:49:37Z",
                              "Xxx, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Xxx 1994 08:49:37 GMT");
  CAPTURE(text);
  CHECK_FALSE(Timestamp::parse_http_date(text));
}

TEST_CASE("times add and subtract") {
  using namespace std::chrono_literals;
  CHECK(Timestamp{5} + 2us == Timestamp{7});
  CHECK(Timestamp{5} - 1ms == Timestamp{-995});
  CHECK(Timestamp{2'000'000} - Timestamp{500'000} == 1500ms);
}

TEST_CASE("the farthest times print something and do not overflow") {
  CHECK_FALSE(Timestamp{std::numeric_limits<std::int64_t>::max()}.to_rfc3339().empty());
  CHECK_FALSE(Timestamp{std::numeric_limits<std::int64_t>::min()}.to_http_date().empty());
}
