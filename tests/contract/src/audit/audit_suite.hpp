#pragma once

#include "support.hpp"

#include "baluhost/domain/text.hpp"

#include <algorithm>
#include <limits>
#include <random>
#include <string>

namespace baluhost::contract::audit_suite {

inline constexpr std::size_t kAll = 10'000;

inline std::vector<AuditEvent> append(Database& database,
                                      const std::vector<NewAuditEvent>& events) {
  const auto before = see(database, [](ReadTransaction& tx) { return tx.audit().newest(); });
  must(database.write([&](WriteTransaction&) -> Result<AuditEvents> {
    AuditEvents all{events.front()};
    for (std::size_t i = 1; i < events.size(); ++i) all += events[i];
    return all;
  }));
  auto stored = see(
      database, [&](ReadTransaction& tx) { return tx.audit().since(before, events.size() + 1); });
  REQUIRE(stored.size() == events.size());
  return stored;
}

inline std::string without_id(AuditEvent event) {
  event.id = EventId{0};
  return describe(event);
}

/// The stored form of an event that fits its columns.
inline std::string stored_form(const NewAuditEvent& event) {
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

inline std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i) all += text;
  return all;
}

/// One way to narrow a query; each kind sets a member of its own.
struct Narrowing {
  int kind;
  std::string name;
  std::function<void(AuditFilter&)> apply;
};

inline bool matches(const AuditFilter& filter, const AuditEvent& event) {
  const bool prefix_fits =
      !filter.resource_prefix ||
      (event.resource &&
       event.resource->substr(0, filter.resource_prefix->size()) == *filter.resource_prefix);
  return prefix_fits && (!filter.type || *filter.type == event.type) &&
         (!filter.action || *filter.action == event.action) &&
         (!filter.user || event.user == filter.user) &&
         (!filter.resource || event.resource == filter.resource) &&
         (!filter.success || *filter.success == event.success) &&
         (!filter.ip_address || event.ip_address == filter.ip_address->str()) &&
         (!filter.from || event.timestamp >= *filter.from) &&
         (!filter.to || event.timestamp < *filter.to);
}

inline const std::vector<std::string>& resources() {
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

inline std::vector<NewAuditEvent> varied_events() {
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

inline std::vector<Narrowing> narrowings() {
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
    all.push_back({6, "address " + address,
                   [address](AuditFilter& f) { f.ip_address = IpAddress::parse(address); }});
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
inline std::vector<std::string> oracle(const std::vector<AuditEvent>& events,
                                       const AuditFilter& filter, SortOrder order) {
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

inline Result<std::vector<std::string>> in_pages(const AuditRepository& audit,
                                                 const AuditFilter& filter, SortOrder order,
                                                 std::size_t limit) {
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

void storing(Database& database);
void querying(Database& database);
void querying_for_an_account(Database& database);
void figures(Database& database);
void busiest_of_equals(Database& database);

/// As a prune does it, with a seal of all events where there is none.
void remove_oldest(Database& database, std::vector<AuditEvent>& events, std::size_t gone);
std::string busiest_text(const BusiestCounts& counts);

} // namespace baluhost::contract::audit_suite
