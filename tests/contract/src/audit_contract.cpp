#include "support.hpp"

#include "baluhost/domain/text.hpp"

#include <algorithm>
#include <limits>
#include <random>
#include <string>

namespace baluhost::contract {
namespace {

constexpr std::size_t kAll = 10'000;

std::vector<AuditEvent> append(Database& database, const std::vector<NewAuditEvent>& events) {
  std::size_t before =
      see(database, [](ReadTransaction& tx) { return tx.audit().since(EventId{0}, kAll); }).size();
  must(database.write([&](WriteTransaction&) -> Result<AuditEvents> {
    AuditEvents all{events.front()};
    for (std::size_t i = 1; i < events.size(); ++i) all += events[i];
    return all;
  }));
  auto stored =
      see(database, [](ReadTransaction& tx) { return tx.audit().since(EventId{0}, kAll); });
  stored.erase(stored.begin(), stored.begin() + static_cast<std::ptrdiff_t>(before));
  REQUIRE(stored.size() == events.size());
  return stored;
}

std::string without_id(AuditEvent event) {
  event.id = EventId{0};
  return describe(event);
}

/// The stored form of an event that fits its columns.
std::string stored_form(const NewAuditEvent& event) {
  return without_id(AuditEvent{.timestamp = event.timestamp,
                               .type = type_of(event.action),
                               .action = std::string{to_string(event.action)},
                               .user = event.user,
                               .resource = event.resource,
                               .success = event.success,
                               .error_message = event.error_message,
                               .details = event.details,
                               .ip_address = event.ip_address,
                               .user_agent = event.user_agent});
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

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
      events.push_back({.timestamp = kNow, .action = static_cast<Action>(i)});
    }
    const auto stored = append(database, events);
    for (std::size_t i = 0; i < events.size(); ++i)
      CHECK(without_id(stored[i]) == stored_form(events[i]));
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

/// One way to narrow a query; each kind sets a member of its own.
struct Narrowing {
  int kind;
  std::string name;
  std::function<void(AuditFilter&)> apply;
};

bool matches(const AuditFilter& filter, const AuditEvent& event) {
  const bool prefix_fits =
      !filter.resource_prefix ||
      (event.resource &&
       event.resource->substr(0, filter.resource_prefix->size()) == *filter.resource_prefix);
  return prefix_fits && (!filter.type || *filter.type == event.type) &&
         (!filter.action || *filter.action == event.action) &&
         (!filter.user || event.user == filter.user) &&
         (!filter.resource || event.resource == filter.resource) &&
         (!filter.success || *filter.success == event.success) &&
         (!filter.ip_address || event.ip_address == filter.ip_address) &&
         (!filter.from || event.timestamp >= *filter.from) &&
         (!filter.to || event.timestamp < *filter.to);
}

const std::vector<std::string>& resources() {
  static const std::vector<std::string> all{"/anna",
                                            "/anna/",
                                            "/anna/100%_done",
                                            "/anna/100%xdone",
                                            "/anna/100x_done",
                                            "/ANNA/100%_done",
                                            "/anna/\xC3\xA4pfel",
                                            "/anna/\xC3\x84pfel",
                                            "/anna/a\xCC\x88pfel",
                                            "/anna/\xF0\x9F\x98\x80.png",
                                            "/anna/\xF0\x9F\x98\x81.png",
                                            "/annabel/x",
                                            "/bert/anna/100%_done",
                                            "/anna/[ab]*?",
                                            "/anna/a\\b",
                                            "/anna/'x",
                                            "/anna/\x7F",
                                            "/anna/\x7Fx",
                                            "/anna/\xED\x9F\xBFx",
                                            "/anna/\xEE\x80\x80x",
                                            "/anna/\xF4\x8F\xBF\xBFx",
                                            ""};
  return all;
}

std::vector<NewAuditEvent> varied_events() {
  std::minstd_rand random(7);
  const auto pick = [&](auto count) { return random() % static_cast<unsigned>(count); };
  const std::vector<Action> actions{Action::upload, Action::download, Action::login_failed,
                                    Action::user_created};
  const std::vector<std::optional<std::string>> users{std::nullopt, "anna", "bert", "a_na", "ANNA"};
  const std::vector<std::optional<std::string>> addresses{std::nullopt, "192.0.2.1", "192.0.2.10",
                                                          "::1"};
  std::vector<NewAuditEvent> events;
  for (int i = 0; i < 160; ++i) {
    NewAuditEvent event{.timestamp = kNow + static_cast<int>(pick(40)) * kTick,
                        .action = actions[pick(actions.size())]};
    event.user = users[pick(users.size())];
    if (pick(8) != 0) event.resource = resources()[pick(resources().size())];
    event.success = pick(2) == 0;
    event.ip_address = addresses[pick(addresses.size())];
    events.push_back(event);
  }
  return events;
}

std::vector<Narrowing> narrowings() {
  std::vector<Narrowing> all;
  for (const auto type : {EventType::file_access, EventType::security, EventType::system}) {
    all.push_back(
        {0, "type " + std::string{to_string(type)}, [type](AuditFilter& f) { f.type = type; }});
  }
  for (const std::string action : {"upload", "login_failed", "%"}) {
    all.push_back({1, "action " + action, [action](AuditFilter& f) { f.action = action; }});
  }
  for (const std::string user : {"anna", "a_na", "nobody"}) {
    all.push_back({2, "user " + user, [user](AuditFilter& f) { f.user = user; }});
  }
  for (const std::string resource : {"/anna/100%_done", "/anna/\xC3\xA4pfel", ""}) {
    all.push_back(
        {3, "resource " + resource, [resource](AuditFilter& f) { f.resource = resource; }});
  }
  for (const std::string prefix : {"/anna/", "/anna/100%_", "/anna/\xF0\x9F\x98\x80", ""}) {
    all.push_back(
        {4, "prefix " + prefix, [prefix](AuditFilter& f) { f.resource_prefix = prefix; }});
  }
  for (const bool success : {true, false}) {
    all.push_back(
        {5, success ? "succeeded" : "failed", [success](AuditFilter& f) { f.success = success; }});
  }
  for (const std::string address : {"192.0.2.1", "::1"}) {
    all.push_back({6, "address " + address, [address](AuditFilter& f) { f.ip_address = address; }});
  }
  for (const int offset : {0, 13}) {
    const auto from = kNow + offset * kTick;
    all.push_back({7, "from " + std::to_string(offset), [from](AuditFilter& f) { f.from = from; }});
  }
  for (const int offset : {14, 40}) {
    const auto to = kNow + offset * kTick;
    all.push_back({8, "to " + std::to_string(offset), [to](AuditFilter& f) { f.to = to; }});
  }
  return all;
}

/// What `query` has to give, by brute force.
std::vector<std::string> oracle(const std::vector<AuditEvent>& events, const AuditFilter& filter,
                                SortOrder order) {
  std::vector<AuditEvent> fitting;
  for (const auto& event : events) {
    if (matches(filter, event)) fitting.push_back(event);
  }
  std::sort(fitting.begin(), fitting.end(), [](const AuditEvent& a, const AuditEvent& b) {
    return std::pair{a.timestamp, a.id} < std::pair{b.timestamp, b.id};
  });
  if (order == SortOrder::descending) std::reverse(fitting.begin(), fitting.end());
  return describe(fitting);
}

Result<std::vector<std::string>> in_pages(const AuditRepository& audit, const AuditFilter& filter,
                                          SortOrder order, std::size_t limit) {
  std::vector<std::string> all;
  std::optional<EventPosition> after;
  for (;;) {
    BALUHOST_TRY(const auto page, audit.query(filter, order, after, limit));
    if (page.size() > limit) return Error{Errc::internal, "a page over its limit"};
    for (const auto& event : page) all.push_back(describe(event));
    if (page.size() < limit || all.size() > kAll) return all;
    after = EventPosition{page.back().timestamp, page.back().id};
  }
}

void querying(Database& database) {
  SECTION(
      "every pair of filters gives exactly what fits both, in either order, whole and in pages") {
    const auto events = append(database, varied_events());
    const auto all = narrowings();
    must(database.read([&](ReadTransaction& tx) -> Result<void> {
      for (const auto& first : all) {
        for (const auto& second : all) {
          if (first.kind > second.kind || (first.kind == second.kind && first.name != second.name))
            continue;
          AuditFilter filter;
          first.apply(filter);
          second.apply(filter);
          INFO(first.name << " and " << second.name);
          for (const auto order : {SortOrder::ascending, SortOrder::descending}) {
            const auto wanted = oracle(events, filter, order);
            BALUHOST_TRY(const auto whole, in_pages(tx.audit(), filter, order, kAll));
            BALUHOST_TRY(const auto pages, in_pages(tx.audit(), filter, order, 13));
            BALUHOST_TRY(const auto count, tx.audit().count(filter, order, std::nullopt));
            const bool whole_fits = whole == wanted;
            const bool pages_fit = pages == wanted;
            CHECK(whole_fits);
            CHECK(pages_fit);
            CHECK(count == static_cast<std::int64_t>(wanted.size()));
          }
        }
      }
      return {};
    }));
  }

  SECTION("without a filter everything comes, by time and then id") {
    const auto events = append(database, varied_events());
    must(database.read([&](ReadTransaction& tx) -> Result<void> {
      for (const auto order : {SortOrder::ascending, SortOrder::descending}) {
        for (const std::size_t limit : {1U, 7U, 1000U}) {
          BALUHOST_TRY(const auto pages, in_pages(tx.audit(), {}, order, limit));
          CHECK(pages == oracle(events, {}, order));
        }
      }
      return {};
    }));
  }

  SECTION("a prefix of a resource is literal, character by character") {
    std::vector<NewAuditEvent> fresh;
    for (const auto& resource : resources()) fresh.push_back(some_event(resource));
    const auto events = append(database, fresh);
    must(database.read([&](ReadTransaction& tx) -> Result<void> {
      for (auto prefix : resources()) {
        for (;;) {
          AuditFilter filter;
          filter.resource_prefix = prefix;
          INFO("prefix " << prefix);
          BALUHOST_TRY(const auto found, in_pages(tx.audit(), filter, SortOrder::ascending, kAll));
          CHECK(found == oracle(events, filter, SortOrder::ascending));
          if (prefix.empty()) break;
          while (!prefix.empty() && (static_cast<unsigned char>(prefix.back()) & 0xC0U) == 0x80U)
            prefix.pop_back();
          if (!prefix.empty()) prefix.pop_back();
        }
      }
      return {};
    }));
  }

  SECTION(
      "resources of every length up to the longest, which nothing compresses, are found by "
      "themselves and by their prefixes") {
    std::vector<NewAuditEvent> fresh;
    std::uint32_t state = 1;
    std::string longest;
    std::vector<std::size_t> ends{0};
    while (ends.size() <= 1000) {
      state = state * 1664525 + 1013904223;
      const char32_t code = 0x20000 + (state >> 16) % 0xA000; // four bytes in UTF-8
      append_code_point(longest, code);
      ends.push_back(longest.size());
    }
    for (const std::size_t length : {0U, 1U, 599U, 600U, 601U, 650U, 651U, 999U, 1000U}) {
      fresh.push_back(some_event(longest.substr(0, ends[length])));
      if (length > 0) fresh.push_back(some_event(longest.substr(0, ends[length - 1]) + "z"));
    }
    const auto events = append(database, fresh);
    must(database.read([&](ReadTransaction& tx) -> Result<void> {
      for (const auto& event : fresh) {
        for (const bool prefix : {false, true}) {
          AuditFilter filter;
          (prefix ? filter.resource_prefix : filter.resource) = event.resource;
          INFO(event.resource->size() << (prefix ? " as a prefix" : ""));
          BALUHOST_TRY(const auto found, in_pages(tx.audit(), filter, SortOrder::ascending, kAll));
          const bool fits = found == oracle(events, filter, SortOrder::ascending);
          CHECK(fits);
          BALUHOST_TRY(const auto count,
                       tx.audit().count(filter, SortOrder::ascending, std::nullopt));
          CHECK(count == static_cast<std::int64_t>(found.size()));
        }
      }
      return {};
    }));
  }

  SECTION(
      "a page begins behind a position though its event may be gone, and events added meanwhile "
      "repeat nothing") {
    std::vector<NewAuditEvent> fresh;
    for (int i = 0; i < 6; ++i) fresh.push_back(some_event("/anna/" + std::to_string(i)));
    const auto events = append(database, fresh);
    const auto query = [&](SortOrder order, EventPosition after) {
      return see(database,
                 [&](ReadTransaction& tx) { return tx.audit().query({}, order, after, 2); });
    };
    const auto page = query(SortOrder::descending, {kNow, EventId{events[4].id.value}});
    REQUIRE(page.size() == 2);
    CHECK(page[0] == events[3]);
    append(database, fresh);
    const auto count = [&](SortOrder order, EventPosition after) {
      return see(database, [&](ReadTransaction& tx) { return tx.audit().count({}, order, after); });
    };
    CHECK(count(SortOrder::descending, {kNow, events[4].id}) == 4);
    CHECK(count(SortOrder::ascending, {kNow, events[4].id}) == 7);
    CHECK(query(SortOrder::descending, {kNow, events[4].id}) == page);
    CHECK(query(SortOrder::descending, {kNow, EventId{events[0].id.value}}).empty());
    CHECK(query(SortOrder::ascending,
                {kNow - kTick, EventId{std::numeric_limits<std::int64_t>::max()}})[0] == events[0]);
    CHECK(query(SortOrder::ascending, {kNow + kTick, EventId{0}}).empty());
  }
}

/// What one account may see of the events of its name.
void querying_for_an_account(Database& database) {
  SECTION(
      "an account begins after the newest event, and sees none that was written for an account "
      "that is gone") {
    const auto by_nina = [](std::int64_t microseconds) {
      NewAuditEvent event{.timestamp = kNow + std::chrono::microseconds{microseconds},
                          .action = Action::upload};
      event.user = "nina";
      event.details = R"({"file_size":1})";
      return event;
    };
    CHECK(add_user(database, "bert").events_after == EventId{0});
    const auto before = append(database, {by_nina(0), by_nina(5)});
    const auto nina = add_user(database, "nina");
    const auto newest = see(database, [](ReadTransaction& tx) { return tx.audit().newest(); });
    CHECK(nina.events_after >= before.back().id);
    CHECK(nina.events_after < newest); // what the transaction that made it wrote is not before it
    CHECK(see(database, [&](ReadTransaction& tx) {
            return tx.users().find(nina.id);
          })->events_after == nina.events_after);

    auto late = by_nina(6);
    late.of_former_account = true;
    auto far = by_nina(3 * 86'400'000'000);
    far.of_former_account = true;
    const auto after =
        append(database, {by_nina(4), late, by_nina(7), by_nina(3 * 86'400'000'000), far});
    AuditFilter filter;
    filter.user = "nina";
    filter.from = kNow;
    filter.account_since = nina.events_after;
    for (const auto order : {SortOrder::ascending, SortOrder::descending}) {
      std::vector<std::string> wanted{describe(after[0]), describe(after[2]), describe(after[3])};
      if (order == SortOrder::descending) std::reverse(wanted.begin(), wanted.end());
      std::vector<std::string> paged;
      std::optional<EventPosition> position;
      for (;;) {
        const auto page = see(database, [&](ReadTransaction& tx) {
          return tx.audit().query(filter, order, position, 1);
        });
        if (page.empty()) break;
        paged.push_back(describe(page.front()));
        position = EventPosition{page.front().timestamp, page.front().id};
        REQUIRE(paged.size() <= wanted.size());
      }
      CHECK(paged == wanted);
      CHECK(see(database, [&](ReadTransaction& tx) {
              return tx.audit().count(filter, order, std::nullopt);
            }) == 3);
    }
    const auto statistics = [&](std::optional<Timestamp> from, std::optional<Timestamp> to) {
      return see(database, [&](ReadTransaction& tx) {
        return tx.audit().statistics(from, to, std::string{"nina"}, nina.events_after);
      });
    };
    const Timestamp midnight{kNow.microseconds - kNow.microseconds % 86'400'000'000};
    for (const auto from : {kNow, midnight}) {
      const auto all = statistics(from, std::nullopt);
      CHECK(all.total.succeeded == 3);
      CHECK(all.by_user.at("nina").succeeded == 3);
      CHECK(all.by_action.at("upload").succeeded == 3);
      CHECK(all.by_day.at(kNow.to_date()).succeeded == 2);
      CHECK(all.by_day.size() == 2);
      CHECK(all.bytes_uploaded == 3);
    }
    CHECK(statistics(kNow, kNow + std::chrono::hours{24}).total.succeeded == 2);
    CHECK(see(database, [&](ReadTransaction& tx) {
            return tx.audit().statistics({}, {}, std::string{"nina"});
          }).total.succeeded == 7);
  }
}

} // namespace

void audit_contract(const MakeDatabase& make) {
  const auto database = make();
  storing(*database);
  querying(*database);
  querying_for_an_account(*database);
}

} // namespace baluhost::contract
