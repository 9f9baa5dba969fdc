#include "audit/audit_suite.hpp"

#include <algorithm>
#include <map>

namespace baluhost::contract::audit_suite {
namespace {

constexpr int kEqual = 17'500;

unsigned pick(std::minstd_rand& random, int count) {
  return static_cast<unsigned>(random() % static_cast<unsigned>(count));
}

NewAuditEvent event_of(std::minstd_rand& random, const std::string& resource, double first_day,
                       double days) {
  const auto midnight = must(Timestamp::parse("2026-11-19T00:00:00Z"));
  const auto seconds = static_cast<int>(86'400 * first_day) +
                       static_cast<int>(pick(random, static_cast<int>(86'400 * days)));
  NewAuditEvent event{.timestamp = midnight + std::chrono::seconds{seconds},
                      .action = Action::download};
  event.resource = resource;
  event.success = pick(random, 4) != 0;
  return event;
}

std::string one_of_equal(std::minstd_rand& random) {
  return "/equal/" + std::to_string(pick(random, kEqual));
}

/// Three days of more resources than a list has, each of them once and some again, and before and
/// after them half a day of some of these and of others.
std::vector<NewAuditEvent> events_of_equal_resources() {
  std::minstd_rand random(41);
  std::vector<NewAuditEvent> events;
  for (int i = 0; i < kEqual; ++i)
    events.push_back(event_of(random, "/equal/" + std::to_string(i), 1, 3));
  for (int i = 0; i < 45; ++i)
    events.push_back(event_of(random, "/often/" + std::to_string(i % 15), 1, 3));
  for (int i = 0; i < 400; ++i) {
    const auto resource =
        i % 4 == 0 ? "/new/" + std::to_string(pick(random, 70)) : one_of_equal(random);
    events.push_back(event_of(random, resource, i % 2 == 0 ? 0.5 : 4, 0.5));
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const auto& a, const auto& b) { return a.timestamp < b.timestamp; });
  return events;
}

/// The same days, of more resources than a day keeps, evenly at random.
std::vector<NewAuditEvent> events_of_even_chance() {
  std::minstd_rand random(43);
  std::vector<NewAuditEvent> events;
  for (int i = 0; i < 3000; ++i)
    events.push_back(event_of(random, "/even/" + std::to_string(pick(random, 300)), 0.5, 4));
  return events;
}

/// Some that come late to the day in the midst.
std::vector<NewAuditEvent> late_events() {
  std::minstd_rand random(47);
  std::vector<NewAuditEvent> events;
  for (int i = 0; i < 60; ++i) {
    const auto resource = i % 6 == 0 ? "/late/" + std::to_string(i % 7) : one_of_equal(random);
    events.push_back(event_of(random, resource, 2, 1));
  }
  return events;
}

BusiestCounts busiest_of(const std::vector<AuditEvent>& events, const AuditFilter& filter) {
  std::map<std::string, AuditCount> counts;
  for (const auto& event : events)
    if (event.resource && matches(filter, event))
      ++(event.success ? counts[*event.resource].succeeded : counts[*event.resource].failed);
  BusiestCounts all(counts.begin(), counts.end());
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) {
    return a.second.succeeded + a.second.failed > b.second.succeeded + b.second.failed;
  });
  return all;
}

/// Twice: the second time by what the first remembered.
void check(Database& database, const std::vector<AuditEvent>& events) {
  const auto at = [](const char* text) { return must(Timestamp::parse(text)); };
  const std::vector<AuditFilter> ranges{
      {},
      {.from = at("2026-11-20T00:00:00Z"), .to = at("2026-11-23T00:00:00Z")},
      {.from = at("2026-11-19T18:00:00Z"), .to = at("2026-11-23T06:00:00Z")},
      {.from = at("2026-11-20T12:00:00Z")}};
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    const auto all = busiest_of(events, ranges[i]);
    for (const std::size_t limit : {std::size_t{20}, std::size_t{20}, std::size_t{3}}) {
      INFO("range " << i << ", limit " << limit);
      const auto found =
          see(database, [&](ReadTransaction& tx) { return tx.audit().busiest(ranges[i], limit); });
      const auto end = all.begin() + static_cast<std::ptrdiff_t>(std::min(limit, all.size()));
      CHECK(busiest_text(found.by_resource) == busiest_text({all.begin(), end}));
    }
  }
}

void check_as_it_changes(Database& database, std::vector<AuditEvent> events) {
  roll_up(database);
  check(database, events);
  const auto added = append(database, late_events());
  events.insert(events.end(), added.begin(), added.end());
  check(database, events);
  roll_up(database);
  check(database, events);
  remove_oldest(database, events, events.size() / 4);
  check(database, events);
  roll_up(database);
  check(database, events);
}

} // namespace

void busiest_of_equals(Database& database) {
  SECTION("the busiest resources are exact where all are in the trail about as often") {
    check_as_it_changes(database, append(database, events_of_equal_resources()));
  }
  SECTION("the busiest resources are exact where chance alone makes one busier") {
    check_as_it_changes(database, append(database, events_of_even_chance()));
  }
}

} // namespace baluhost::contract::audit_suite
