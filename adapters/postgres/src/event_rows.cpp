#include "event_rows.hpp"

#include "baluhost/domain/concat.hpp"
#include "baluhost/sql_common/events.hpp"

#include "array.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace baluhost::postgres {
namespace {

/// Triggers look at all rows of one statement.
constexpr std::size_t kMostEvents = 1000;

std::string statement() {
  return concat("insert into audit_logs (", sql::kEventRowColumns,
                ") select * from unnest(cast(? as bigint[]), cast(? as text[]), cast(? as text[]),"
                " cast(? as text[]), cast(? as text[]), cast(? as boolean[]), cast(? as text[]),"
                " cast(? as text[]), cast(? as text[]), cast(? as text[]))");
}

void insert_some(sql::Connection& db, std::span<const AuditEvent> events,
                 std::vector<std::int64_t>& ids) {
  static const sql::Query insert = sql::returning(statement(), sql::number("id"));
  Array times, types, actions, users, resources, successes, errors, details, addresses, agents;
  for (const auto& event : events) {
    times.add(event.timestamp.microseconds);
    types.add(to_string(event.type));
    actions.add(std::string_view{event.action});
    users.add(event.user);
    resources.add(event.resource);
    successes.add(std::int64_t{event.success});
    errors.add(event.error_message);
    details.add(std::string_view{event.details});
    addresses.add(event.ip_address);
    agents.add(event.user_agent);
  }
  auto rows = db.select(
      insert, {times.end(), types.end(), actions.end(), users.end(), resources.end(),
               successes.end(), errors.end(), details.end(), addresses.end(), agents.end()});
  while (rows.next()) {
    auto row = rows.row();
    ids.push_back(row.number());
  }
}

} // namespace

std::vector<std::int64_t> insert_events(sql::Connection& db, std::span<const AuditEvent> events) {
  std::vector<std::int64_t> ids;
  ids.reserve(events.size());
  while (!events.empty()) {
    const auto some = events.first(std::min(events.size(), kMostEvents));
    insert_some(db, some, ids);
    events = events.subspan(some.size());
  }
  return ids;
}

} // namespace baluhost::postgres
