#include "audit/audit_suite.hpp"

#include "baluhost/domain/details.hpp"

#include <map>

namespace baluhost::contract::audit_suite {
namespace {

using Counts = std::map<std::string, AuditCount>;

/// Around the ends of hours and days, in an order of their own.
std::vector<NewAuditEvent> events_to_count() {
  std::minstd_rand random(23);
  const auto pick = [&](auto count) { return random() % static_cast<unsigned>(count); };
  const std::vector<Action> actions{Action::upload,         Action::login_failed,
                                    Action::login_failed,   Action::user_created,
                                    Action::server_started, Action::logout};
  const std::vector<std::optional<std::string>> users{std::nullopt, std::nullopt, "anna", "bert",
                                                      "an'na"};
  const std::vector<std::string> attempts{"anna", "\xC3\xA4nna", "a\"b\\c", "a\nb\x01", "", "bert"};
  const auto midnight = must(Timestamp::parse("2026-11-24T00:00:00Z"));
  std::vector<NewAuditEvent> events;
  for (int i = 0; i < 300; ++i) {
    const auto offset = std::chrono::minutes{15 * static_cast<int>(pick(400)) - 3000} +
                        std::chrono::microseconds{static_cast<int>(pick(3)) - 1};
    NewAuditEvent event{.timestamp = midnight + offset, .action = actions[pick(actions.size())]};
    event.user = users[pick(users.size())];
    event.success = event.action != Action::login_failed && pick(3) != 0;
    if (pick(5) != 0) event.ip_address = "192.0.2." + std::to_string(pick(30) * pick(2));
    if (pick(5) != 0) event.resource = resources()[pick(resources().size())];
    if (event.action == Action::login_failed && pick(9) != 0)
      event.details = JsonObject{}
                          .add("attempted_username", attempts[pick(attempts.size())])
                          .add("suppressed", static_cast<int>(pick(3)))
                          .str();
    events.push_back(event);
  }
  return events;
}

/// Three days, each with more resources than are kept of it: some are often everywhere, some on
/// one day alone, and on the others once at most.
std::vector<NewAuditEvent> events_of_many_resources() {
  std::minstd_rand random(5);
  const auto midnight = must(Timestamp::parse("2026-11-22T00:00:00Z"));
  std::vector<NewAuditEvent> events;
  const auto put = [&](int day, const std::string& resource) {
    NewAuditEvent event{
        .timestamp = midnight + std::chrono::seconds{day * 86'400 + int(random() % 86'400)},
        .action = random() % 2 == 0 ? Action::download : Action::upload};
    event.resource = resource;
    event.success = random() % 4 != 0;
    events.push_back(std::move(event));
  };
  for (int day = 0; day < 3; ++day) {
    for (int i = 0; i < 230; ++i)
      put(day, "/once/" + std::to_string(day) + "/" + std::to_string(i));
    for (int file = 0; file < 25; ++file) {
      for (int i = 0; i < 12 + file; ++i) put(day, "/always/" + std::to_string(file));
      for (int i = 0; i < (file % 3 == day ? 60 + file : file % 2); ++i)
        put(day, "/some/" + std::to_string(file));
    }
  }
  return events;
}

/// Twelve days, each with 17 resources that are in all of them, with 200 of which each is in all
/// but one, and with five that are in all and kept of none, as others come before them by name.
std::vector<NewAuditEvent> events_of_even_resources() {
  const auto midnight = must(Timestamp::parse("2026-11-12T00:00:00Z"));
  std::vector<NewAuditEvent> events;
  for (int day = 0; day < 12; ++day) {
    const auto put = [&](const std::string& resource) {
      NewAuditEvent event{.timestamp = midnight + std::chrono::seconds{day * 86'400 + 7},
                          .action = Action::download};
      event.resource = resource;
      events.push_back(std::move(event));
    };
    for (int i = 0; i < 17; ++i) put("/always/" + std::to_string(i));
    for (int i = 0; i < 200; ++i)
      if (i % 12 != day) put("/but one/" + std::to_string(i));
    for (int i = 0; i < 5; ++i) put("/unseen/" + std::to_string(i));
  }
  return events;
}

void add(Counts& counts, const std::optional<std::string>& key, bool success) {
  if (key) ++(success ? counts[*key].succeeded : counts[*key].failed);
}

std::string text_of(const AuditCount& count) {
  return std::to_string(count.succeeded) + "/" + std::to_string(count.failed);
}

/// The busiest, by looking for the next one again and again.
std::string busiest_of(Counts counts, std::size_t limit) {
  std::string text;
  for (std::size_t i = 0; i < limit && !counts.empty(); ++i) {
    auto best = counts.begin();
    for (auto at = counts.begin(); at != counts.end(); ++at) {
      const auto total = [](const auto& of) { return of->second.succeeded + of->second.failed; };
      if (total(at) > total(best)) best = at;
    }
    text += " [" + best->first + "]=" + text_of(best->second);
    counts.erase(best);
  }
  return text;
}

bool counts_for(const AuditFilter& filter, const AuditEvent& event) {
  return matches(filter, event) && (!filter.account_since || event.id > *filter.account_since);
}

std::vector<std::pair<std::string, AuditFilter>> filters(const std::vector<AuditEvent>& events) {
  const auto at = [](const char* text) { return must(Timestamp::parse(text)); };
  std::vector<std::pair<std::string, AuditFilter>> all;
  for (const std::optional<std::string>& user :
       {std::optional<std::string>{}, {"anna"}, {"an'na"}, {"nobody"}}) {
    all.push_back({"of " + user.value_or("all"), {.user = user}});
    all.push_back({"from, of " + user.value_or("all"),
                   {.user = user, .from = at("2026-11-23T10:29:59.999999Z")}});
    all.push_back(
        {"from to, of " + user.value_or("all"),
         {.user = user, .from = at("2026-11-23T00:00:00Z"), .to = at("2026-11-25T00:15:00Z")}});
  }
  all.push_back({"of an account",
                 {.user = "anna",
                  .from = at("2026-11-23T00:00:00Z"),
                  .account_since = events[events.size() / 2].id}});
  all.push_back({"of no text", {.user = std::string{"\xFF"}}});
  return all;
}

void busiest(Database& database, const std::vector<AuditEvent>& events) {
  for (const auto& [name, filter] : filters(events)) {
    Counts addresses, resources, names, login_addresses;
    for (const auto& event : events) {
      if (!counts_for(filter, event)) continue;
      add(addresses, event.ip_address, event.success);
      add(resources, event.resource, event.success);
      if (event.action != "login_failed") continue;
      add(login_addresses, event.ip_address, event.success);
      add(names, event.user ? event.user : text_member(event.details, "attempted_username"),
          event.success);
    }
    for (const std::size_t limit : {std::size_t{3}, std::size_t{20}, std::size_t{1000}}) {
      INFO(name << ", " << limit);
      const auto found =
          see(database, [&](ReadTransaction& tx) { return tx.audit().busiest(filter, limit); });
      CHECK(busiest_text(found.by_ip_address) == busiest_of(addresses, limit));
      CHECK(busiest_text(found.by_resource) == busiest_of(resources, limit));
      CHECK(busiest_text(found.failed_logins_by_name) == busiest_of(names, limit));
      CHECK(busiest_text(found.failed_logins_by_ip_address) == busiest_of(login_addresses, limit));
    }
  }
}

std::vector<std::pair<std::string, std::vector<Timestamp>>> bounds() {
  const auto begin = must(Timestamp::parse("2026-11-21T00:00:00Z"));
  const auto every = [&](std::chrono::minutes first, std::chrono::minutes step, int count) {
    std::vector<Timestamp> all;
    for (int i = 0; i <= count; ++i) all.push_back(begin + first + i * step);
    return all;
  };
  using std::chrono::minutes;
  std::vector<std::pair<std::string, std::vector<Timestamp>>> all{
      {"hours", every(minutes{0}, minutes{60}, 200)},
      {"days", every(minutes{0}, minutes{1440}, 9)},
      {"weeks", every(minutes{0}, minutes{7 * 1440}, 2)},
      {"days of India", every(minutes{1110}, minutes{1440}, 9)},
      {"one", every(minutes{0}, minutes{14'400}, 1)},
      {"few days", every(minutes{3 * 1440}, minutes{1440}, 1)},
      {"a bound alone", every(minutes{0}, minutes{1}, 0)},
      {"none", {}}};
  auto odd = every(minutes{1380}, minutes{1440}, 8);
  for (std::size_t i = 4; i < odd.size(); ++i) odd[i] = odd[i] + minutes{60}; // clocks are set
  odd.push_back(odd.back() + std::chrono::seconds{17});
  all.push_back({"days of which one has 25 hours, and 17 seconds", odd});
  return all;
}

void series(Database& database, const std::vector<AuditEvent>& events) {
  const auto text = [](const std::vector<CountsByType>& counts) {
    std::string all;
    for (const auto& interval : counts) {
      all += "|";
      for (const auto& [type, count] : interval) all += " " + type + "=" + text_of(count);
    }
    return all;
  };
  for (const auto& [name, filter] : filters(events)) {
    for (const auto& [of, given] : bounds()) {
      INFO(name << ", " << of);
      std::vector<CountsByType> expected(given.empty() ? 0 : given.size() - 1);
      for (const auto& event : events) {
        for (std::size_t i = 0; i < expected.size(); ++i) {
          if (counts_for(filter, event) && event.timestamp >= given[i] &&
              event.timestamp < given[i + 1])
            add(expected[i], std::string{to_string(event.type)}, event.success);
        }
      }
      CHECK(text(see(database, [&](ReadTransaction& tx) {
              return tx.audit().series(filter, given);
            })) == text(expected));
    }
  }
}

} // namespace

std::string busiest_text(const BusiestCounts& counts) {
  std::string text;
  for (const auto& [key, count] : counts) text += " [" + key + "]=" + text_of(count);
  return text;
}

void remove_oldest(Database& database, std::vector<AuditEvent>& events, std::size_t gone) {
  const auto sealed = see(database, [](ReadTransaction& tx) { return tx.seals().newest(); });
  if (!sealed) {
    std::vector<AuditLeaf> leaves;
    for (const auto& event : events)
      leaves.push_back({event.id.value, event.id, sha256_of(static_cast<int>(event.id.value))});
    const Seal seal{.number = SealNumber{1},
                    .first_sequence = leaves.front().sequence,
                    .last_sequence = leaves.back().sequence,
                    .count = static_cast<std::int64_t>(leaves.size()),
                    .sealed_at = kNow,
                    .key_id = "0011223344556677",
                    .signature = std::string(64, 's')};
    bookkept(database, [&](Bookkeeping& tx) { return tx.seals().append(seal, leaves); });
  }
  const auto last = events[gone - 1].id.value;
  bookkept(database, [&](Bookkeeping& tx) { return tx.seals().remove_events(last, 10'000); });
  events.erase(events.begin(), events.begin() + static_cast<std::ptrdiff_t>(gone));
}

void figures(Database& database) {
  SECTION("the busiest and series equal a count by hand, for every filter and limit") {
    const auto events = append(database, events_to_count());
    busiest(database, events);
    series(database, events);
  }

  SECTION("so do they by what is kept of days, before and after late events and prunes") {
    auto events = append(database, events_to_count());
    roll_up(database);
    busiest(database, events);
    series(database, events);
    // Late ones, of which one is of a day that had none.
    auto late = events_to_count();
    late.erase(late.begin() + 40, late.end());
    late.push_back(
        {.timestamp = must(Timestamp::parse("2026-11-20T12:00:00Z")), .action = Action::logout});
    const auto added = append(database, late);
    events.insert(events.end(), added.begin(), added.end());
    busiest(database, events);
    series(database, events);
    roll_up(database);
    busiest(database, events);
    series(database, events);
    for (const std::size_t gone : {std::size_t{60}, std::size_t{150}}) {
      remove_oldest(database, events, gone);
      busiest(database, events);
      roll_up(database);
      busiest(database, events);
      series(database, events);
    }
  }

  SECTION("the busiest resources are exact where days keep but the busiest of many") {
    const auto events = append(database, events_of_many_resources());
    busiest(database, events);
    roll_up(database);
    busiest(database, events);
  }

  SECTION("the busiest resources are exact where they are not among the busiest of any day") {
    const auto events = append(database, events_of_even_resources());
    roll_up(database);
    busiest(database, events);
  }

  SECTION("what comes to a day while its figures are counted is counted") {
    auto events = append(database, events_to_count());
    const auto day = see(database, [](ReadTransaction& tx) { return tx.roll_up().next(100'000); });
    if (!day) return; // it counts its events each time
    const auto begin = [&] {
      bookkept(database, [&](Bookkeeping& tx) { return tx.roll_up().mark(*day); });
      bookkept(database, [&](Bookkeeping& tx) { return tx.roll_up().settle(*day); });
    };
    const auto count = [&] {
      return see(database, [&](ReadTransaction& tx) { return tx.roll_up().count(*day); });
    };
    const auto keep = [&](const DayFigures& figures) {
      return bookkept(database, [&](Bookkeeping& tx) { return tx.roll_up().keep(figures); });
    };
    const auto add_late = [&] {
      const auto added = append(database, {{.timestamp = Timestamp{*day * 86'400'000'000 + 5},
                                            .action = Action::logout,
                                            .ip_address = "192.0.2.77"}});
      events.push_back(added.front());
    };
    CHECK_FALSE(count());
    begin();
    add_late();
    CHECK_FALSE(count());
    begin();
    auto figures = count();
    while (!figures) figures = count();
    add_late();
    CHECK_FALSE(keep(*figures));
    begin();
    CHECK_FALSE(keep(*figures)); // of another run
    figures = count();
    while (!figures) figures = count();
    CHECK(keep(*figures));
    CHECK_FALSE(keep(*figures));
    busiest(database, events);
    CHECK(roll_up(database) > 3);
    CHECK(roll_up(database) == 0);
    busiest(database, events);
    add_late();
    CHECK(see(database, [](ReadTransaction& tx) { return tx.roll_up().next(100'000); }) == *day);
    busiest(database, events);
  }

  SECTION("an empty trail has nothing busy and empty intervals") {
    const auto found =
        see(database, [](ReadTransaction& tx) { return tx.audit().busiest({}, 20); });
    CHECK(found.by_ip_address.empty());
    CHECK(found.by_resource.empty());
    CHECK(found.failed_logins_by_name.empty());
    CHECK(found.failed_logins_by_ip_address.empty());
    const std::vector<Timestamp> days{kNow, kNow + std::chrono::hours{24},
                                      kNow + std::chrono::hours{48}};
    CHECK(see(database, [&](ReadTransaction& tx) { return tx.audit().series({}, days); }) ==
          std::vector<CountsByType>(2));
  }
}

} // namespace baluhost::contract::audit_suite
