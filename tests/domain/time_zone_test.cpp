#include "baluhost/domain/time_zone.hpp"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace baluhost;

namespace {

std::string big_endian(std::int64_t value, int bytes) {
  std::string text;
  for (int i = bytes - 1; i >= 0; --i)
    text += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i) & 0xFF);
  return text;
}

struct Step {
  std::int64_t at;
  int type;
};

/// A TZif file whose first block is empty, as slim files have it.
std::string tzif(const std::vector<std::int64_t>& offsets, const std::vector<Step>& steps,
                 const std::string& rule) {
  const auto header = [](std::size_t times, std::size_t types, std::size_t letters) {
    std::string text =
        "TZif2" + std::string(15, '\0') + big_endian(0, 4) + big_endian(0, 4) + big_endian(0, 4);
    for (const auto count : {times, types, letters})
      text += big_endian(static_cast<std::int64_t>(count), 4);
    return text;
  };
  std::string text =
      header(0, 1, 1) + std::string(7, '\0') + header(steps.size(), offsets.size(), 4);
  for (const auto& step : steps) text += big_endian(step.at, 8);
  for (const auto& step : steps) text += static_cast<char>(step.type);
  for (const auto offset : offsets) text += big_endian(offset, 4) + std::string(2, '\0');
  return text + std::string("LMT\0", 4) + "\n" + rule + "\n";
}

TimeZone zone_of(const std::string& rule) {
  auto zone = TimeZone::parse(tzif({0}, {}, rule));
  INFO(rule);
  REQUIRE(zone);
  return *std::move(zone);
}

std::int64_t at(const char* text) { return Timestamp::parse(text).value().seconds(); }

Timestamp time(const char* text) { return Timestamp::parse(text).value(); }

const std::string kBerlin = "CET-1CEST,M3.5.0,M10.5.0/3";

std::vector<std::string> bounds(const TimeZone& zone, Interval interval, const char* from,
                                const char* to) {
  const auto found = interval_bounds(zone, interval, time(from), time(to), 100);
  REQUIRE(found);
  std::vector<std::string> texts;
  for (const auto& bound : *found) texts.push_back(bound.to_rfc3339().substr(0, 16));
  return texts;
}

using Texts = std::vector<std::string>;

} // namespace

TEST_CASE("names of time zones lead nowhere else") {
  for (const char* name : {"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+12",
                           "America/Port-au-Prince", "EST5EDT", "W-SU", "NZ-CHAT"})
    CHECK(TimeZone::is_name(name));
  for (const char* name : {"",
                           "/",
                           "/UTC",
                           "Europe/",
                           "Europe//Berlin",
                           "Europe/../UTC",
                           "..",
                           ".",
                           "Europe/.",
                           "europe/Berlin",
                           "posix/UTC",
                           "right/UTC",
                           "posixrules",
                           "tzdata.zi",
                           "Europe/Berlin ",
                           "Europe\\Berlin",
                           "Europe/-1",
                           "Europe/Berlin.bak",
                           "Europe/B.",
                           "\xC3\x84rope",
                           "zone.tab"})
    CHECK_FALSE(TimeZone::is_name(name));
  CHECK_FALSE(TimeZone::is_name(std::string_view{"UTC\0", 4}));
  CHECK(TimeZone::is_name(std::string(64, 'A')));
  CHECK_FALSE(TimeZone::is_name(std::string(65, 'A')));
}

TEST_CASE("a zone has the offsets of its file, then those of its rule") {
  const auto zone = TimeZone::parse(
      tzif({3208, 3600, 7200}, {{-2'422'054'408, 1}, {1'000'000, 2}, {2'000'000, 1}}, kBerlin));
  REQUIRE(zone);
  CHECK(zone->offset_at(-3'000'000'000) == 3208);
  CHECK(zone->offset_at(-2'422'054'409) == 3208);
  CHECK(zone->offset_at(-2'422'054'408) == 3600);
  CHECK(zone->offset_at(999'999) == 3600);
  CHECK(zone->offset_at(1'000'000) == 7200);
  CHECK(zone->offset_at(2'000'000) == 3600);
  CHECK(zone->offset_at(at("2026-03-29T00:59:59Z")) == 3600);
  CHECK(zone->offset_at(at("2026-03-29T01:00:00Z")) == 7200);
  CHECK(zone->offset_at(at("2026-10-25T00:59:59Z")) == 7200);
  CHECK(zone->offset_at(at("2026-10-25T01:00:00Z")) == 3600);
  CHECK(zone->offset_at(at("2400-07-01T00:00:00Z")) == 7200);
  CHECK(zone->offset_at(at("2400-12-01T00:00:00Z")) == 3600);
}

TEST_CASE("rules are those of POSIX, with the extensions of RFC 8536") {
  const auto offset = [](const std::string& rule, const char* moment) {
    return zone_of(rule).offset_at(at(moment));
  };
  CHECK(offset("JST-9", "2026-07-01T00:00:00Z") == 9 * 3600);
  CHECK(offset("<+0545>-5:45", "2026-07-01T00:00:00Z") == 5 * 3600 + 45 * 60);
  CHECK(offset("XYZ1:02:03", "2026-07-01T00:00:00Z") == -3723);
  CHECK(offset("EST5EDT,M3.2.0,M11.1.0", "2026-03-08T06:59:59Z") == -5 * 3600);
  CHECK(offset("EST5EDT,M3.2.0,M11.1.0", "2026-03-08T07:00:00Z") == -4 * 3600);
  CHECK(offset("EST5EDT,M3.2.0,M11.1.0", "2026-11-01T05:59:59Z") == -4 * 3600);
  CHECK(offset("EST5EDT,M3.2.0,M11.1.0", "2026-11-01T06:00:00Z") == -5 * 3600);
  // The southern half, and half an hour.
  const std::string howe = "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0";
  CHECK(offset(howe, "2026-01-01T00:00:00Z") == 11 * 3600);
  CHECK(offset(howe, "2026-07-01T00:00:00Z") == 10 * 3600 + 1800);
  // Hours beyond a day, before it, and days by number.
  CHECK(offset("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T00:59:59Z") == -2 * 3600);
  CHECK(offset("<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z") == -3600);
  CHECK(offset("IST-2IDT,M3.4.4/26,M10.5.0", "2026-03-26T23:59:59Z") == 2 * 3600);
  CHECK(offset("IST-2IDT,M3.4.4/26,M10.5.0", "2026-03-27T00:00:00Z") == 3 * 3600);
  CHECK(offset("AAA0BBB,J60/0,J300", "2028-02-29T23:59:59Z") == 0);
  CHECK(offset("AAA0BBB,J60/0,J300", "2028-03-01T00:00:00Z") == 3600);
  CHECK(offset("AAA0BBB,59/0,300", "2028-02-29T00:00:00Z") == 3600);
  CHECK(offset("AAA0BBB,59/0,300", "2026-02-28T23:59:59Z") == 0);
}

TEST_CASE("what is no time zone file is refused") {
  const auto whole = tzif({3600, 7200}, {{10, 0}, {20, 1}}, kBerlin);
  REQUIRE(TimeZone::parse(whole));
  for (std::size_t length = 0; length < whole.size(); ++length)
    CHECK_FALSE(TimeZone::parse(std::string_view{whole}.substr(0, length)));
  CHECK_FALSE(TimeZone::parse(whole + "x"));
  CHECK_FALSE(TimeZone::parse(tzif({3600}, {{20, 0}, {10, 0}}, ""))); // out of order
  CHECK_FALSE(TimeZone::parse(tzif({3600}, {{10, 0}, {10, 0}}, "")));
  CHECK_FALSE(TimeZone::parse(tzif({3600}, {{10, 1}}, ""))); // no such type
  CHECK_FALSE(TimeZone::parse(tzif({}, {}, "")));
  CHECK_FALSE(TimeZone::parse(tzif({93'601}, {}, "")));
  CHECK_FALSE(TimeZone::parse(std::string(300'000, 'x')));
  auto huge = whole;
  huge.replace(32, 4, "\x7F\xFF\xFF\xFF");
  CHECK_FALSE(TimeZone::parse(huge));
  for (const char* rule :
       {"CET", "C-1", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
        "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,M0.1.0,M10.5.0",
        "CET-1CEST,J0,J300", "CET-1CEST,366,1", "CET-25", "CET-1:60", "<+1-1", "CET-1 ",
        "CET-1CEST,M3.5.0/168,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0/3,"}) {
    INFO(rule);
    CHECK_FALSE(TimeZone::parse(tzif({3600}, {}, rule)));
  }
}

TEST_CASE("days begin at midnight of the place, and have 23 or 25 hours where clocks are set") {
  const auto zone = zone_of(kBerlin);
  CHECK(bounds(zone, Interval::day, "2026-03-28T12:00:00Z", "2026-03-30T01:00:00Z") ==
        Texts{"2026-03-27T23:00", "2026-03-28T23:00", "2026-03-29T22:00", "2026-03-30T22:00"});
  CHECK(bounds(zone, Interval::day, "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z") ==
        Texts{"2026-10-24T22:00", "2026-10-25T23:00"});
  CHECK(bounds(zone, Interval::day, "2026-10-24T21:59:59.999999Z", "2026-10-25T23:00:00.000001Z") ==
        Texts{"2026-10-23T22:00", "2026-10-24T22:00", "2026-10-25T23:00", "2026-10-26T23:00"});
  CHECK(bounds(TimeZone::utc(), Interval::day, "1969-12-31T12:00:00Z", "1970-01-01T00:00:00Z") ==
        Texts{"1969-12-31T00:00", "1970-01-01T00:00"});
}

TEST_CASE("weeks begin on Monday, months on their first day") {
  const auto zone = zone_of(kBerlin);
  CHECK(bounds(zone, Interval::week, "2026-11-22T22:59:59Z", "2026-11-23T23:00:00Z") ==
        Texts{"2026-11-15T23:00", "2026-11-22T23:00", "2026-11-29T23:00"});
  CHECK(bounds(TimeZone::utc(), Interval::week, "2026-11-22T23:59:59Z", "2026-11-23T00:00:01Z") ==
        Texts{"2026-11-16T00:00", "2026-11-23T00:00", "2026-11-30T00:00"});
  CHECK(bounds(zone, Interval::month, "2026-02-28T23:00:00Z", "2026-04-01T00:00:00Z") ==
        Texts{"2026-02-28T23:00", "2026-03-31T22:00", "2026-04-30T22:00"});
  CHECK(bounds(TimeZone::utc(), Interval::month, "2027-12-31T23:59:59Z", "2028-03-01T00:00:00Z") ==
        Texts{"2027-12-01T00:00", "2028-01-01T00:00", "2028-02-01T00:00", "2028-03-01T00:00"});
}

TEST_CASE("hours begin with those of the place, also where clocks are set by half an hour") {
  CHECK(bounds(zone_of("<+0530>-5:30"), Interval::hour, "2026-11-27T09:00:00Z",
               "2026-11-27T10:00:00Z") ==
        Texts{"2026-11-27T08:30", "2026-11-27T09:30", "2026-11-27T10:30"});
  CHECK(bounds(zone_of(kBerlin), Interval::hour, "2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z") ==
        Texts{"2026-10-25T00:00", "2026-10-25T01:00", "2026-10-25T02:00"});
  const auto howe = zone_of("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0");
  // 02:00 becomes 01:30: an hour, then half of one.
  CHECK(bounds(howe, Interval::hour, "2026-04-04T14:00:00Z", "2026-04-04T17:00:00Z") ==
        Texts{"2026-04-04T14:00", "2026-04-04T15:00", "2026-04-04T15:30", "2026-04-04T16:30",
              "2026-04-04T17:30"});
  // 02:00 becomes 02:30.
  CHECK(bounds(howe, Interval::hour, "2026-10-03T15:00:00Z", "2026-10-03T17:00:00Z") ==
        Texts{"2026-10-03T14:30", "2026-10-03T15:30", "2026-10-03T16:00", "2026-10-03T17:00"});
}

TEST_CASE("an hour in which clocks are set by parts of one ends with the next of the new time") {
  // At 00:01 clocks go back to 23:31 of the day before.
  const auto odd = TimeZone::parse(tzif({0, -1800}, {{at("2026-11-27T00:01:00Z"), 1}}, ""));
  REQUIRE(odd);
  CHECK(bounds(*odd, Interval::hour, "2026-11-26T23:30:00Z", "2026-11-27T01:00:00Z") ==
        Texts{"2026-11-26T23:00", "2026-11-27T00:00", "2026-11-27T00:30", "2026-11-27T01:30"});
}

TEST_CASE("a day without midnight begins when clocks are set, and one that is left out is none") {
  // Clocks go from 00:00 to 01:00.
  const auto late = zone_of("AAA0BBB,M3.5.0/0,M10.5.0/0");
  CHECK(bounds(late, Interval::day, "2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z") ==
        Texts{"2026-03-28T00:00", "2026-03-29T00:00", "2026-03-29T23:00", "2026-03-30T23:00"});
  // Apia left out 2011-12-30.
  const auto apia = TimeZone::parse(tzif({-36'000, 50'400}, {{at("2011-12-30T10:00:00Z"), 1}}, ""));
  REQUIRE(apia);
  CHECK(bounds(*apia, Interval::day, "2011-12-29T10:00:00Z", "2011-12-31T10:00:00Z") ==
        Texts{"2011-12-29T10:00", "2011-12-30T10:00", "2011-12-31T10:00"});
}

TEST_CASE("an empty range has no intervals, and too many are refused") {
  CHECK(bounds(TimeZone::utc(), Interval::day, "2026-11-27T00:00:00Z", "2026-11-27T00:00:00Z")
            .empty());
  CHECK(bounds(TimeZone::utc(), Interval::day, "2026-11-28T00:00:00Z", "2026-11-27T00:00:00Z")
            .empty());
  const auto days = [](const char* to) {
    return interval_bounds(TimeZone::utc(), Interval::day, time("2026-01-01T00:00:00Z"), time(to),
                           31);
  };
  CHECK(days("2026-02-01T00:00:00Z")->size() == 32);
  const auto refused = days("2026-02-01T00:00:00.000001Z");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == Errc::invalid_request);
  CHECK_FALSE(interval_bounds(TimeZone::utc(), Interval::hour, time("0001-01-01T00:00:00Z"),
                              time("9999-12-31T00:00:00Z"), 10'000));
  for (const char* name : {"", "Hour", "year", "days"}) CHECK_FALSE(parse_interval(name));
  CHECK(parse_interval("week").value() == Interval::week);
}
