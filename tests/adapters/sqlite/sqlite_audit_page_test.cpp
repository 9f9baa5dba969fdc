#include "baluhost/sqlite/sqlite_database.hpp"
#include "baluhost/test/temporary_directory.hpp"
#include "sql/sql_fixture.hpp"

#include <algorithm>
#include <random>

namespace baluhost::test {
namespace {

bool matches(const AuditFilter& f, const AuditEvent& e) {
  return (!f.type || e.type == *f.type) && (!f.action || e.action == *f.action) &&
         (!f.user || e.user == f.user) && (!f.resource || e.resource == f.resource) &&
         (!f.resource_prefix || (e.resource && e.resource->starts_with(*f.resource_prefix))) &&
         (!f.success || e.success == *f.success) && (!f.from || e.timestamp >= *f.from) &&
         (!f.to || e.timestamp < *f.to);
}

/// The ids of the first events, counted by hand.
std::vector<std::int64_t> expected(std::vector<AuditEvent> events, const AuditFilter& filter,
                                   SortOrder order, const std::optional<EventPosition>& after,
                                   std::size_t limit) {
  std::sort(events.begin(), events.end(), [&](const AuditEvent& a, const AuditEvent& b) {
    const EventPosition left{a.timestamp, a.id}, right{b.timestamp, b.id};
    return order == SortOrder::ascending ? left < right : right < left;
  });
  std::vector<std::int64_t> ids;
  for (const auto& event : events) {
    const EventPosition position{event.timestamp, event.id};
    const bool is_behind =
        !after || (order == SortOrder::ascending ? *after < position : position < *after);
    if (is_behind && matches(filter, event) && ids.size() < limit) ids.push_back(event.id.value);
  }
  return ids;
}

} // namespace

// The values are frequent enough that the page is not simply sorted, and the times are out of order
// by more than a page.
TEST_CASE(
    "pages are exact whatever the order of times, for frequent and rare values, from any "
    "position") {
  TemporaryDirectory directory;
  const auto database = value(make_sqlite_database({.path = directory / "baluhost.db"}));
  std::mt19937 random(7);
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
  std::int64_t time = 1'000'000;
  for (int batch = 0; batch < 10; ++batch) {
    std::vector<NewAuditEvent> events;
    for (int i = 0; i < 900; ++i) {
      time += pick(50);
      auto event = event_at(
          time - (pick(10) == 0 ? pick(4000) : 0), pick(8) == 0 ? Action::upload : Action::download,
          pick(3) == 0 ? std::nullopt
                       : std::optional<std::string>{"user" + std::to_string(pick(3))});
      if (pick(1000) == 0) event.action = Action::role_changed;
      event.resource = pick(4) == 0 ? "/anna/" + std::to_string(pick(500)) : "/anna/common";
      event.success = pick(20) != 0;
      events.push_back(event);
    }
    value(database->write([&](WriteTransaction&) -> Result<AuditEvents> {
      return AuditEvents{event_at(time), events};
    }));
  }
  const auto all = trail(*database);
  RawSqlite raw(directory / "baluhost.db");
  REQUIRE(std::stoll(raw.one("select disorder from audit_order")) > 1000);

  const auto check_all = [&] {
    int pages = 0;
    for (int round = 0; round < 150; ++round) {
      AuditFilter filter;
      if (pick(2) == 0)
        filter.action = std::vector<std::string>{"download", "upload", "role_changed",
                                                 "none"}[static_cast<std::size_t>(pick(4))];
      if (pick(4) == 0) filter.user = "user" + std::to_string(pick(4));
      if (pick(4) == 0) filter.type = EventType::file_access;
      if (pick(4) == 0) filter.success = pick(2) == 0;
      if (pick(4) == 0) filter.resource = "/anna/common";
      if (pick(6) == 0) filter.resource_prefix = "/anna/" + std::string(pick(2) == 0 ? "" : "4");
      if (pick(3) == 0) filter.from = Timestamp{1'000'000 + pick(220'000)};
      if (pick(3) == 0) filter.to = Timestamp{1'000'000 + pick(220'000)};
      const auto order = pick(2) == 0 ? SortOrder::ascending : SortOrder::descending;
      std::optional<EventPosition> after;
      if (pick(2) == 0) {
        const auto& event = all[static_cast<std::size_t>(pick(static_cast<int>(all.size())))];
        after = EventPosition{event.timestamp, event.id};
      }
      const auto limit = static_cast<std::size_t>(1 + pick(120));
      std::vector<std::int64_t> ids;
      value(database->read([&](ReadTransaction& tx) -> Result<void> {
        BALUHOST_TRY(const auto page, tx.audit().query(filter, order, after, limit));
        for (const auto& event : page) ids.push_back(event.id.value);
        return {};
      }));
      INFO("round " << round << " action " << filter.action.value_or("-") << " resource "
                    << filter.resource.value_or("-"));
      CHECK(ids == expected(all, filter, order, after, limit));
      pages += ids.empty() ? 0 : 1;
    }
    CHECK(pages > 50);
  };
  check_all();
  SECTION("and where the order of the times is not known") {
    raw.rows("update audit_order set disorder = 4611686018427387904");
    check_all();
  }
}

// /old/ is so frequent that the nearest events are tried first, which hold the oldest page and not
// the newest; /old/1 is not.
TEST_CASE("pages of a prefix are exact, however frequent and however long ago") {
  TemporaryDirectory directory;
  const auto database = value(make_sqlite_database({.path = directory / "baluhost.db"}));
  RawSqlite raw(directory / "baluhost.db");
  raw.rows(
      "with recursive n (i) as (select 1 union all select i + 1 from n where i < 77000)"
      " insert into audit_logs (timestamp, event_type, action, resource, success)"
      " select 1000000 + i * 10 - (i % 7 = 0) * (i * 37 % 400), 'FILE_ACCESS', 'upload',"
      " case when i < 53000 and i % 100 > 0 then '/old/' || (i * 7919 % 1000) else '/new/' || (i % "
      "50) end, 1 from n");
  REQUIRE(std::stoll(raw.one("select count(*) from audit_logs where resource like '/old/%'")) >
          50'000);
  REQUIRE(std::stoll(raw.one("select count(*) from audit_logs where resource like '/old/1%'")) >
          2000);
  REQUIRE(std::stoll(raw.one("select disorder from audit_order")) > 300);
  const auto all = trail(*database);
  const auto check = [&](const char* prefix, std::optional<Timestamp> from,
                         std::optional<Timestamp> to, std::optional<EventPosition> after,
                         std::size_t limit) {
    const AuditFilter filter{.resource_prefix = prefix, .from = from, .to = to};
    std::vector<AuditEvent> matching;
    std::copy_if(all.begin(), all.end(), std::back_inserter(matching),
                 [&](const AuditEvent& event) { return matches(filter, event); });
    for (const auto order : {SortOrder::ascending, SortOrder::descending}) {
      std::vector<std::int64_t> ids;
      value(database->read([&](ReadTransaction& tx) -> Result<void> {
        BALUHOST_TRY(const auto page, tx.audit().query(filter, order, after, limit));
        for (const auto& event : page) ids.push_back(event.id.value);
        return {};
      }));
      INFO(prefix << " from " << (from ? from->microseconds : 0) << " to "
                  << (to ? to->microseconds : 0) << " after " << (after ? after->id.value : 0));
      CHECK(ids == expected(matching, filter, order, after, limit));
    }
  };
  const EventPosition middle{all[22'000].timestamp, all[22'000].id};
  for (const char* prefix : {"/old/", "/old/1"}) {
    check(prefix, {}, {}, {}, 100);
    check(prefix, Timestamp{1'300'500}, Timestamp{1'749'000}, {}, 700);
    check(prefix, {}, {}, middle, 700);
  }
  check("/old/1", Timestamp{1'220'333}, {}, {}, 700);
  check("/old/1", {}, Timestamp{1'230'123}, {}, 700);
  SECTION("and where the order of the times is not known") {
    raw.rows("update audit_order set disorder = 4611686018427387904");
    for (const char* prefix : {"/old/", "/old/1"})
      check(prefix, {}, Timestamp{1'230'123}, middle, 100);
  }
}

} // namespace baluhost::test
