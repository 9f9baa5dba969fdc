#include "audit/audit_suite.hpp"

namespace baluhost::contract::audit_suite {

void storing(Database& database) {
  constexpr std::string_view kEmoji = "\xF0\x9F\x98\x80";

  SECTION("an event is found by its id as it was given, with the type of its action") {
    NewAuditEvent event{.timestamp = Timestamp{kNow.microseconds + 1},
                        .action = Action::login_failed};
    event.user = "anna";
    event.resource = "/anna/'); DROP TABLE audit_logs; --";
    event.success = false;
    event.error_message = "invalid_credentials";
    event.details = R"({"attempted_username":"anna"})";
    event.ip_address = "2001:db8::1";
    event.user_agent = "<script>alert(1)</script>\r\n\t\"quoted\"";
    const auto stored = append(database, {event});
    CHECK(stored[0].type == EventType::security);
    CHECK(stored[0].action == "login_failed");
    CHECK(without_id(stored[0]) == stored_form(event));
    const auto found =
        see(database, [&](ReadTransaction& tx) { return tx.audit().find(stored[0].id); });
    REQUIRE(found);
    CHECK(describe(*found) == describe(stored[0]));
    CHECK_FALSE(
        see(database, [](ReadTransaction& tx) { return tx.audit().find(EventId{999'999}); }));
  }

  SECTION("what is missing stays missing, what is empty stays empty, and both booleans come back") {
    NewAuditEvent bare{.timestamp = kNow, .action = Action::server_started};
    auto empty = bare;
    empty.user = empty.resource = empty.error_message = empty.ip_address = empty.user_agent = "";
    empty.success = false;
    const auto stored = append(database, {bare, empty});
    CHECK(without_id(stored[0]) == stored_form(bare));
    CHECK(without_id(stored[1]) == stored_form(empty));
    CHECK(stored[0].success);
    CHECK_FALSE(stored[1].success);
  }

  SECTION("every action of the catalogue is stored under its name and type") {
    std::vector<NewAuditEvent> events;
    for (int i = 0; i <= static_cast<int>(Action::blob_damaged); ++i) {
      events.push_back({.timestamp = kNow, .action = static_cast<BuiltInAction>(i)});
    }
    const auto stored = append(database, events);
    for (std::size_t i = 0; i < events.size(); ++i)
      CHECK(without_id(stored[i]) == stored_form(events[i]));
  }

  SECTION("an action of a program's own is stored, found and counted like any other") {
    constexpr auto kReport = Action::custom("acme.report_made", EventType::file_access);
    const auto stored = append(database, {some_event(), {.timestamp = kNow, .action = kReport}});
    CHECK(stored[1].action == "acme.report_made");
    CHECK(stored[1].type == EventType::file_access);
    AuditFilter filter{.action = "acme.report_made"};
    const auto found = see(database, [&](ReadTransaction& tx) {
      return tx.audit().query(filter, SortOrder::ascending, std::nullopt, 10);
    });
    CHECK(found == std::vector{stored[1]});
    const auto counted = see(database, [&](ReadTransaction& tx) {
      return tx.audit().statistics(std::nullopt, std::nullopt, std::nullopt);
    });
    CHECK(counted.by_action.at("acme.report_made").succeeded == 1);
    CHECK(counted.by_event_type.at("FILE_ACCESS").succeeded == 2);
  }

  SECTION("text at the exact limit of its column is kept whole, in characters of four bytes too") {
    for (const auto letter : {std::string_view{"x"}, kEmoji}) {
      auto event = some_event(repeated(letter, AuditLimits::resource));
      event.user = repeated(letter, AuditLimits::user);
      event.ip_address = repeated(letter, AuditLimits::ip_address);
      event.user_agent = repeated(letter, AuditLimits::user_agent);
      event.error_message = repeated(letter, 3000);
      CHECK(without_id(append(database, {event})[0]) == stored_form(event));
    }
  }

  SECTION("longer text is cut to its column by whole characters, never refused") {
    auto event = some_event(repeated(kEmoji, AuditLimits::resource + 1));
    event.user = repeated(kEmoji, AuditLimits::user) + "x";
    event.ip_address = repeated("1", AuditLimits::ip_address + 100);
    event.user_agent = repeated("a", 1) + repeated(kEmoji, AuditLimits::user_agent);
    const auto stored = append(database, {event})[0];
    CHECK(stored.resource == repeated(kEmoji, AuditLimits::resource));
    CHECK(stored.user == repeated(kEmoji, AuditLimits::user));
    CHECK(stored.ip_address == repeated("1", AuditLimits::ip_address));
    CHECK(stored.user_agent == "a" + repeated(kEmoji, AuditLimits::user_agent - 1));
  }

  SECTION("bytes that are not UTF-8, and U+0000, are replaced, never refused") {
    auto event = some_event(std::string{"/anna/a\0b", 9});
    event.user = "an\xFFna";
    event.user_agent = "\xC3";
    event.error_message = std::string{"\0", 1};
    const auto stored = append(database, {event})[0];
    CHECK(stored.resource ==
          "/anna/a\xEF\xBF\xBD"
          "b");
    CHECK(stored.user == "an\xEF\xBF\xBDna");
    CHECK(stored.user_agent == "\xEF\xBF\xBD");
    CHECK(stored.error_message == "\xEF\xBF\xBD");
  }

  SECTION("details are kept byte for byte") {
    const std::vector<std::string> texts{
        "{}",
        "{ }",
        R"({ "b" : 1.0, "a":1e2,  "b":2 })",
        R"({"z":"\u00e9 )"
        "\xC3\xA9 \xF0\x9F\x98\x80"
        R"( \ud83d\ude00 \/ \\ \" \n"})",
        "{\n\t\"a\": 9223372036854775807, \"b\": -9223372036854775808}",
        R"({"long":")" + repeated("0123456789", 20'000) + "\"}"};
    std::vector<NewAuditEvent> events;
    for (const auto& text : texts) {
      events.push_back(some_event());
      events.back().details = text;
    }
    const auto stored = append(database, events);
    for (std::size_t i = 0; i < texts.size(); ++i) CHECK((stored[i].details == texts[i]));
  }

  SECTION("times keep their microseconds, from the year 1 to 9999") {
    std::vector<NewAuditEvent> events;
    for (const auto* text : {"0001-01-01T00:00:00.000000Z", "1969-12-31T23:59:59.999999Z",
                             "1970-01-01T00:00:00.000000Z", "2038-01-19T03:14:08.000001Z",
                             "9999-12-31T23:59:59.999999Z"}) {
      events.push_back(some_event());
      events.back().timestamp = must(Timestamp::parse(text));
    }
    const auto stored = append(database, events);
    for (std::size_t i = 0; i < events.size(); ++i)
      CHECK(stored[i].timestamp == events[i].timestamp);
  }

  SECTION("since follows the trail by id, and newest is the greatest id given") {
    CHECK(see(database, [](ReadTransaction& tx) { return tx.audit().newest(); }) == EventId{0});
    std::vector<NewAuditEvent> events;
    for (int i = 0; i < 7; ++i) {
      events.push_back(some_event("/anna/" + std::to_string(i)));
      events.back().timestamp = kNow - i * kSecond;
    }
    const auto stored = append(database, events);
    CHECK(see(database, [](ReadTransaction& tx) { return tx.audit().newest(); }) ==
          stored.back().id);
    std::vector<AuditEvent> followed;
    EventId after{0};
    for (;;) {
      const auto page =
          see(database, [&](ReadTransaction& tx) { return tx.audit().since(after, 3); });
      if (page.empty()) break;
      CHECK(page.size() <= 3);
      followed.insert(followed.end(), page.begin(), page.end());
      REQUIRE(followed.size() <= stored.size());
      after = page.back().id;
    }
    CHECK(describe(followed) == describe(stored));
  }
}

} // namespace baluhost::contract::audit_suite
