#include "audit/audit_suite.hpp"

namespace baluhost::contract::audit_suite {

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
      "a page begins after a position though its event may be gone, and events added meanwhile "
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
    const auto former = add_user(database, "nina").id;
    change(database, [&](WriteTransaction& tx) { return tx.users().remove(former); });
    const auto nina = add_user(database, "nina");
    const auto newest = see(database, [](ReadTransaction& tx) { return tx.audit().newest(); });
    CHECK(nina.events_after >= before.back().id);
    CHECK(nina.events_after < newest); // what the transaction that made it wrote is not before it
    CHECK(see(database, [&](ReadTransaction& tx) {
            return tx.users().find(nina.id);
          })->events_after == nina.events_after);

    const auto of = [&](std::optional<UserId> account, std::int64_t microseconds) {
      auto event = by_nina(microseconds);
      event.account = account;
      event.account_may_be_gone = true;
      return event;
    };
    constexpr std::int64_t kLater = 3 * 86'400'000'000;
    const auto after = append(database, {of(nina.id, 4), of(former, 6), of(std::nullopt, 7),
                                         by_nina(kLater), of(former, kLater)});
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

} // namespace baluhost::contract::audit_suite
