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

std::string text_of(const BusiestCounts& counts) {
  std::string text;
  for (const auto& [key, count] : counts) text += " [" + key + "]=" + text_of(count);
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
      CHECK(text_of(found.by_ip_address) == busiest_of(addresses, limit));
      CHECK(text_of(found.by_resource) == busiest_of(resources, limit));
      CHECK(text_of(found.failed_logins_by_name) == busiest_of(names, limit));
      CHECK(text_of(found.failed_logins_by_ip_address) == busiest_of(login_addresses, limit));
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

void figures(Database& database) {
  SECTION("the busiest and series equal a count by hand, for every filter and limit") {
    const auto events = append(database, events_to_count());
    busiest(database, events);
    series(database, events);
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
