#include "fixtures/export_fixture.hpp"

#include "baluhost/core/json/json_views.hpp"
#include "baluhost/domain/text.hpp"

#include <functional>

using namespace baluhost;
using namespace baluhost::test;
using namespace std::chrono_literals;

namespace {

/// A reader of RFC 4180, by its grammar.
std::vector<std::vector<std::string>> read_csv(const std::string& text) {
  std::vector<std::vector<std::string>> records(1, {""});
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto& cell = records.back().back();
    if (quoted) {
      if (text[i] != '"')
        cell += text[i];
      else if (i + 1 < text.size() && text[i + 1] == '"')
        cell += text[i++];
      else
        quoted = false;
    } else if (text[i] == '"') {
      quoted = true;
    } else if (text[i] == ',') {
      records.back().emplace_back();
    } else if (text[i] == '\r') {
      REQUIRE(text.at(++i) == '\n');
      records.emplace_back(1, "");
    } else {
      REQUIRE(text[i] != '\n');
      cell += text[i];
    }
  }
  REQUIRE(records.back() == std::vector<std::string>{""}); // the last line is ended too
  records.pop_back();
  return records;
}

} // namespace

TEST_CASE("CSV has the columns of the table, and no cell that a spreadsheet would run") {
  Trail trail;
  const auto event = record_hostile(trail);
  const auto plain = trail.record("/anna/plain");
  const auto records = read_csv(trail.export_text({.format = ExportFormat::csv}));
  REQUIRE(records.size() == 3);
  CHECK(records[0] == std::vector<std::string>{"id", "timestamp", "event_type", "action", "user",
                                               "resource", "success", "error_message", "details",
                                               "ip_address", "user_agent"});
  const auto shown = with_controls_escaped(kHostile);
  CHECK(records[1] == std::vector<std::string>{"1", event.timestamp.to_rfc3339(), "FILE_ACCESS",
                                               "upload", "'" + shown, "'-" + shown, "false",
                                               "'@" + shown, with_controls_escaped(event.details),
                                               "'+1", "'\\u0009" + shown});
  CHECK(records[2] == std::vector<std::string>{"2", plain.timestamp.to_rfc3339(), "FILE_ACCESS",
                                               "upload", "cli:root", "/anna/plain", "true", "",
                                               R"({"file_size":5})", "", ""});
}

TEST_CASE("CSV shows what a terminal or a spreadsheet would act on", "[fault-30]") {
  const std::string fullwidth = "\xEF\xBC\x9D"; // U+FF1D
  const std::vector<std::pair<std::string, std::string>> table{
      {fullwidth + "1+1", "'" + fullwidth + "1+1"},
      {"\xEF\xBC\x8B"
       "1",
       "'\xEF\xBC\x8B"
       "1"},
      {"\xEF\xBC\x8D"
       "1",
       "'\xEF\xBC\x8D"
       "1"},
      {"\xEF\xBC\xA0"
       "A1",
       "'\xEF\xBC\xA0"
       "A1"},
      {"  =1", "'  =1"},
      {" \t\r\n=1", "' \\u0009\\u000d\\u000a=1"},
      {"\xC2\xA0\xE3\x80\x80\xEF\xBB\xBF@x",
       "'\xC2\xA0\xE3\x80\x80\xEF\xBB\xBF@x"}, // U+00A0, U+3000, U+FEFF
      {"\xE2\x80\xAE=1", "'\\u202e=1"},
      {"'=1", "''=1"},
      {"a\x1b[31mb\x07", "a\\u001b[31mb\\u0007"},
      {"a\x7f\xC2\x9B"
       "31m",
       "a\\u007f\\u009b31m"},
      {"a\xE2\x81\xA6"
       "b\xE2\x80\xA8",
       "a\\u2066b\\u2028"},
      {"one\r\ntwo", "one\\u000d\\u000atwo"},
      {"a;=1", "a;=1"},
      {"a=1 \xC3\xA4", "a=1 \xC3\xA4"},
  };
  Trail trail;
  for (const auto& [text, shown] : table) trail.record(text);
  const auto csv = trail.export_text({.format = ExportFormat::csv});
  CHECK(csv.find("\"a;=1\"") != std::string::npos);
  const auto records = read_csv(csv);
  REQUIRE(records.size() == table.size() + 1);
  for (std::size_t i = 0; i < table.size(); ++i) CHECK(records[i + 1][5] == table[i].second);
}

TEST_CASE("CSV's details stay JSON whatever they hold", "[fault-30]") {
  Trail trail;
  auto event = trail.audit_log.draft(Action::upload, trail.operator_);
  event.details = JsonObject{}.add("mime_type", "a\xC2\x9B\xE2\x80\xAE\x1b").str();
  trail.record(std::move(event));
  const auto records = read_csv(trail.export_text({.format = ExportFormat::csv}));
  CHECK(records.at(1).at(8) == R"({"mime_type":"a\u009b\u202e\u001b"})");
}

TEST_CASE("CSV tells null from empty text") {
  Trail trail;
  auto event = trail.audit_log.draft(Action::logout);
  event.resource = "";
  trail.record(event);
  const auto text = trail.export_text({.format = ExportFormat::csv});
  CHECK(text.find(",SECURITY,logout,,\"\",true,,{},,\r\n") != std::string::npos);
}

TEST_CASE("NDJSON has the API's object on each line, whatever the text in it") {
  Trail trail;
  const auto event = record_hostile(trail);
  const auto lines = lines_of(trail.export_text({.format = ExportFormat::ndjson}));
  REQUIRE(lines.size() == 1);
  CHECK(lines[0] == to_json(event));
  CHECK(lines[0].find("\"details\":" + event.details) != std::string::npos);
}

TEST_CASE("an export is on record before its first piece, with the number of its events") {
  Trail trail;
  trail.record_many(30);
  AuditFilter filter;
  filter.resource_prefix = "/anna/1";
  auto stream =
      trail.service.export_events(trail.operator_, {.format = ExportFormat::csv, .filter = filter});
  REQUIRE(stream);
  const auto record = newest_event(trail);
  CHECK(record.action == "audit_exported");
  CHECK(record.user == "cli:root");
  CHECK(record.details ==
        R"({"format":"csv","filters":{"resource_prefix":"/anna/1"},"events":11})");
  SECTION("and holds what was there then") {
    trail.record("/anna/1x");
    std::string text;
    for (auto piece = (*stream)->next().value(); !piece.empty(); piece = (*stream)->next().value())
      text += piece;
    CHECK(read_csv(text).size() == 12);
  }
}

TEST_CASE("what cannot be recorded is not exported") {
  Trail trail;
  trail.record();
  trail.database->fail_writes(1);
  CHECK(trail.service.export_events(trail.operator_, {}).error().code == Errc::unavailable);
}

TEST_CASE("an export of many events comes in pieces and in order") {
  Trail trail;
  const auto events = trail.record_many(1100);
  const auto order = GENERATE(SortOrder::ascending, SortOrder::descending);
  auto stream = trail.service.export_events(trail.operator_,
                                            {.format = ExportFormat::ndjson, .order = order});
  REQUIRE(stream);
  std::string text;
  std::size_t largest = 0;
  for (auto piece = (*stream)->next().value(); !piece.empty(); piece = (*stream)->next().value()) {
    largest = std::max(largest, piece.size());
    text += piece;
  }
  CHECK(largest < 200'000);
  const auto lines = lines_of(text);
  REQUIRE(lines.size() == events.size());
  for (std::size_t i = 0; i < lines.size(); ++i)
    REQUIRE(lines[i] ==
            to_json(order == SortOrder::ascending ? events[i] : events[events.size() - 1 - i]));
}

TEST_CASE("a broken export is resumed after the last event that arrived") {
  Trail trail;
  const auto events = trail.record_many(10);
  const auto format = GENERATE(ExportFormat::csv, ExportFormat::ndjson);
  ExportRequest request{.format = format};
  request.filter.action = "upload";
  const auto whole = trail.export_text(request);
  request.cursor = std::to_string(events[3].id.value);
  const auto rest = trail.export_text(request);
  CHECK(lines_of(rest).size() == 6);
  CHECK(whole.ends_with(rest));
  SECTION("by a cursor of the list as well") {
    const auto page =
        trail.service.query(trail.operator_, request.filter, SortOrder::ascending, {.limit = 4});
    request.cursor = page->next_cursor;
    CHECK(trail.export_text(request) == rest);
    request.filter.action = "download";
    CHECK(trail.service.export_events(trail.operator_, request).error().fields.at(0).pointer ==
          "/cursor");
  }
  SECTION("but not after an event that does not exist") {
    request.cursor = "999999";
    CHECK(trail.service.export_events(trail.operator_, request).error().code ==
          Errc::invalid_request);
    request.cursor = "nonsense";
    CHECK(trail.service.export_events(trail.operator_, request).error().code ==
          Errc::invalid_request);
  }
}
