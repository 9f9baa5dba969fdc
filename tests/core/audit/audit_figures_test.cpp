#include "baluhost/core/json/json_views.hpp"
#include "fixtures/trail_fixture.hpp"

using namespace baluhost;
using namespace baluhost::test;
using namespace std::chrono_literals;

namespace {

/// Knows one zone, an hour ahead of UTC, by its rule alone.
class OneZone final : public TimeZones {
 public:
  Result<TimeZone> find(std::string_view name) const override {
    if (name != "Test/Ahead") return Error{.code = Errc::not_found};
    std::string file;
    for (int block = 0; block < 2; ++block) {
      file += "TZif2" + std::string(31, '\0') + std::string("\0\0\0\1\0\0\0\0", 8);
      file += std::string(6, '\0');
    }
    return TimeZone::parse(file + "\nAHD-1\n");
  }
};

struct Figures {
  Figures() {
    trail.clock.advance(Timestamp::parse("2126-11-27T22:30:00Z").value() - trail.clock.now());
    trail.record("/anna/a");
    trail.clock.advance(1h);
    trail.record("/anna/b");
    trail.record("/anna/b");
  }
  Result<AuditFigures> ask(const FiguresRequest& request) {
    return service.figures(trail.operator_, request);
  }

  Trail trail;
  OneZone zones;
  AuditQueries service{{*trail.database, trail.audit_log, *trail.digester, *trail.signer,
                        *trail.anchors, trail.clock, 0, &zones}};
};

} // namespace

TEST_CASE("figures have a series only where an interval is asked for, by the zone's calendar") {
  Figures figures;
  CHECK_FALSE(figures.ask({})->series);
  const auto utc = figures.ask({.interval = Interval::day});
  REQUIRE(utc);
  REQUIRE(utc->series->size() == 1);
  CHECK((*utc->series)[0].start.to_rfc3339() == "2126-11-27T00:00:00.000000Z");
  const auto ahead = figures.ask({.interval = Interval::day, .time_zone = "Test/Ahead"});
  REQUIRE(ahead);
  REQUIRE(ahead->series->size() == 2);
  CHECK((*ahead->series)[0].start.to_rfc3339() == "2126-11-26T23:00:00.000000Z");
  CHECK((*ahead->series)[0].by_event_type.at("FILE_ACCESS").succeeded == 1);
  CHECK((*ahead->series)[1].by_event_type.at("FILE_ACCESS").succeeded == 2);
  CHECK(figures.ask({.interval = Interval::day, .time_zone = "UTC"})->series->size() == 1);
}

TEST_CASE("a series without bounds goes from the oldest event to now") {
  Figures figures;
  figures.trail.clock.advance(72h);
  CHECK(figures.ask({.interval = Interval::day})->series->size() == 4);
  const auto of_nobody = figures.ask({.user = "nobody", .interval = Interval::day});
  REQUIRE(of_nobody);
  CHECK(of_nobody->series->empty());
}

TEST_CASE("what names no zone, or makes too many intervals, is refused by its member") {
  Figures figures;
  const auto pointer = [](const auto& refused) {
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == Errc::invalid_request);
    return refused.error().fields.at(0).pointer;
  };
  CHECK(pointer(figures.ask({.time_zone = "Test/Behind"})) == "/tz");
  CHECK(pointer(figures.ask({.from = Timestamp{0}, .interval = Interval::hour})) == "/interval");
  CHECK(pointer(figures.trail.service.figures(figures.trail.operator_,
                                              {.time_zone = "Test/Ahead"})) == "/tz");
}

TEST_CASE("the busiest come first in the object of the API") {
  Figures figures;
  const auto json = to_json(*figures.ask({}));
  CHECK(json.find(R"("by_resource":{"/anna/b":{"succeeded":2,"failed":0},)"
                  R"("/anna/a":{"succeeded":1,"failed":0}})") != std::string::npos);
  CHECK(json.ends_with(R"("failed_logins":{"by_name":{},"by_ip_address":{}}})"));
}
