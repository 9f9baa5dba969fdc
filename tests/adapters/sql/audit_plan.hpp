#pragma once

#include "sql/sql_fixture.hpp"

#include <set>
#include <string>
#include <vector>

// What the adapters really send for a page of the trail, and the plan of it: each filter on an
// indexed column walks an index that its column leads, or the index of times where that is shorter;
// alone, with a range of times, and in both orders.
namespace baluhost::test {

struct PlannedFilter {
  const char* name;
  AuditFilter filter;
  std::set<std::string> indexes; ///< one of them serves it
};

/// Of rows as `fill_for_plans` makes them. `resource_prefix` is a range of its index.
inline std::vector<PlannedFilter> planned_filters() {
  return {
      {"event_type, common",
       {.type = EventType::file_access},
       {"audit_logs_event_type_timestamp", "audit_logs_timestamp"}},
      {"event_type, rare", {.type = EventType::system}, {"audit_logs_event_type_timestamp"}},
      {"user", {.user = "user7"}, {"audit_logs_user_timestamp"}},
      {"success, common",
       {.success = true},
       {"audit_logs_success_timestamp", "audit_logs_timestamp"}},
      {"success, rare", {.success = false}, {"audit_logs_success_timestamp"}},
      {"action, common", {.action = "upload"}, {"audit_logs_action", "audit_logs_timestamp"}},
      {"action, rare", {.action = "action7"}, {"audit_logs_action"}},
      {"resource", {.resource = "/r/77"}, {"audit_logs_resource"}},
      {"resource_prefix, common",
       {.resource_prefix = "/r"},
       {"audit_logs_resource", "audit_logs_timestamp"}},
      {"resource_prefix, rare", {.resource_prefix = "/r/77"}, {"audit_logs_resource"}},
      {"ip_address, common",
       {.ip_address = IpAddress::parse("192.0.2.1")},
       {"audit_logs_ip_address_timestamp", "audit_logs_timestamp"}},
      {"ip_address, rare",
       {.ip_address = IpAddress::parse("2001:db8::1")},
       {"audit_logs_ip_address_timestamp"}},
      {"no filter", {}, {"audit_logs_timestamp"}},
  };
}

/// `row`: what gives the numbers i from 1 to 60,000 in this SQL.
inline std::string fill_for_plans(const std::string& rows) {
  return "insert into audit_logs (timestamp, event_type, action, \"user\", resource, success, "
         "ip_address) select i * 1000,"
         " case when i % 1000 = 0 then 'SYSTEM' else 'FILE_ACCESS' end, case when i % 2 = 0 then "
         "'upload' else 'action' || i % 1000 end, 'user' || i % 3000, '/r/' || i % 5000,"
         " i % 1000 <> 0, case when i % 5000 = 4999 then '2001:db8::1' when i % 3 = 0 then "
         "'192.0.2.1' else '192.0.2.' || i % 200 end from " +
         rows;
}

/// Asks for first pages of every filter; `begin` is called before each, `check` after it.
template <class Begin, class Check>
void ask_for_planned_pages(Database& database, const Begin& begin, const Check& check) {
  for (const auto& planned : planned_filters()) {
    for (const bool ranged : {false, true}) {
      for (const SortOrder order : {SortOrder::descending, SortOrder::ascending}) {
        AuditFilter filter = planned.filter;
        if (ranged) {
          filter.from = Timestamp{9'000'000};
          filter.to = Timestamp{51'000'000};
        }
        INFO(planned.name << (ranged ? ", with a range of times" : "")
                          << (order == SortOrder::ascending ? ", ascending" : ""));
        begin();
        value(database.read([&](ReadTransaction& tx) -> Result<void> {
          BALUHOST_CHECK(tx.audit().query(filter, order, std::nullopt, 11));
          return {};
        }));
        check(planned);
      }
    }
  }
}

} // namespace baluhost::test
