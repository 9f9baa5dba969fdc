#include "database/audit/audit_repositories.hpp"

#include "baluhost/domain/details.hpp"
#include "baluhost/ports/common/stored_event.hpp"
#include "json_integer.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace baluhost::memory {
namespace {

bool matches(const State& state, const AuditFilter& filter, const AuditEvent& event) {
  if (filter.account_since &&
      (event.id <= *filter.account_since || state.events_of_former_accounts.contains(event.id))) {
    return false;
  }
  const auto differs = [](const auto& wanted, const auto& is) { return wanted && wanted != is; };
  if (differs(filter.type, event.type) || differs(filter.action, event.action) ||
      differs(filter.user, event.user) || differs(filter.resource, event.resource) ||
      differs(filter.success, event.success) ||
      (filter.ip_address && filter.ip_address->str() != event.ip_address)) {
    return false;
  }
  if (filter.resource_prefix &&
      !(event.resource && event.resource->starts_with(*filter.resource_prefix)))
    return false;
  if (filter.from && event.timestamp < *filter.from) return false;
  return !filter.to || event.timestamp < *filter.to;
}

constexpr auto kMin = std::numeric_limits<std::int64_t>::min();
constexpr auto kMax = std::numeric_limits<std::int64_t>::max();

EventPosition first_at(Timestamp time) { return {time, EventId{kMin}}; }

/// Walks the index by time from where the range begins to where it ends, until `visit(event)`
/// returns false.
template <class F>
void each_match(const State& state, const AuditFilter& filter, SortOrder order,
                const std::optional<EventPosition>& after, const F& visit) {
  const bool ascending = order == SortOrder::ascending;
  const auto step = [&](const EventPosition& position, auto) {
    if (ascending ? filter.to && position.timestamp >= *filter.to
                  : filter.from && position.timestamp < *filter.from)
      return false;
    const auto& event = *state.events.find(position.id);
    return !matches(state, filter, event) || visit(event);
  };
  if (ascending) {
    EventPosition begin = after.value_or(first_at(Timestamp{kMin}));
    if (filter.from) begin = std::max(begin, first_at(*filter.from));
    state.events_by_time.each_after(begin, step);
  } else {
    EventPosition end = after.value_or(EventPosition{Timestamp{kMax}, EventId{kMax}});
    if (filter.to) end = std::min(end, first_at(*filter.to));
    state.events_by_time.each_before(end, step);
  }
}

using Counts = std::map<std::string, AuditCount>;

void tally(Counts& counts, const std::optional<std::string>& key, bool success) {
  if (!key) return;
  auto& found = counts[*key];
  ++(success ? found.succeeded : found.failed);
}

BusiestCounts busiest_of(const Counts& counts, std::size_t limit) {
  BusiestCounts all(counts.begin(), counts.end());
  const auto total = [](const auto& entry) { return entry.second.succeeded + entry.second.failed; };
  std::stable_sort(all.begin(), all.end(),
                   [&](const auto& a, const auto& b) { return total(a) > total(b); });
  if (all.size() > limit) all.resize(limit);
  return all;
}

} // namespace

std::vector<AuditEvent> MemoryAudit::append(const AuditEvents& events) {
  std::vector<AuditEvent> stored;
  stored.reserve(events.list().size());
  for (const auto& fresh : events.list()) {
    AuditEvent event = stored_event(fresh);
    event.id = EventId{++state_.last_event};
    state_.events.put(event.id, event);
    state_.events_by_time.put({event.timestamp, event.id}, {});
    if (fresh.account_may_be_gone && fresh.account && !state_.users.contains(*fresh.account))
      state_.events_of_former_accounts.put(event.id, {});
    stored.push_back(std::move(event));
  }
  return stored;
}

Result<std::optional<AuditEvent>> MemoryAudit::find(EventId id) const {
  return copy_of(state_.events.find(id));
}

Result<std::vector<AuditEvent>> MemoryAudit::query(const AuditFilter& filter, SortOrder order,
                                                   const std::optional<EventPosition>& after,
                                                   std::size_t limit) const {
  std::vector<AuditEvent> found;
  if (limit == 0) return found;
  each_match(state_, filter, order, after, [&](const AuditEvent& event) {
    found.push_back(event);
    return found.size() < limit;
  });
  return found;
}

Result<std::int64_t> MemoryAudit::count(const AuditFilter& filter, SortOrder order,
                                        const std::optional<EventPosition>& after) const {
  std::int64_t matching = 0;
  each_match(state_, filter, order, after, [&](const AuditEvent&) { return ++matching > 0; });
  return matching;
}

Result<std::vector<AuditEvent>> MemoryAudit::since(EventId after, std::size_t limit) const {
  return state_.events.values_after(after, limit);
}

Result<EventId> MemoryAudit::newest() const { return EventId{state_.last_event}; }

Result<AuditStatistics> MemoryAudit::statistics(const std::optional<Timestamp>& from,
                                                const std::optional<Timestamp>& to,
                                                const std::optional<std::string>& user,
                                                const std::optional<EventId>& account_since) const {
  AuditStatistics statistics;
  AuditFilter filter;
  filter.user = user;
  filter.from = from;
  filter.to = to;
  filter.account_since = account_since;
  const auto count = [](AuditCount& where, bool success) {
    ++(success ? where.succeeded : where.failed);
  };
  state_.events.each([&](EventId, const AuditEvent& event) {
    if (!matches(state_, filter, event)) return true;
    count(statistics.total, event.success);
    count(statistics.by_event_type[std::string{to_string(event.type)}], event.success);
    count(statistics.by_action[event.action], event.success);
    if (event.user) count(statistics.by_user[*event.user], event.success);
    count(statistics.by_day[event.timestamp.to_date()], event.success);
    if (event.action == to_string(Action::upload) && event.success) {
      statistics.bytes_uploaded += json_integer(event.details, "file_size").value_or(0);
    }
    if (event.action == to_string(Action::download)) {
      statistics.bytes_downloaded += json_integer(event.details, "bytes_sent").value_or(0);
    }
    return true;
  });
  return statistics;
}

Result<BusiestEvents> MemoryAudit::busiest(const AuditFilter& filter, std::size_t limit) const {
  Counts addresses, resources, names, login_addresses;
  each_match(state_, filter, SortOrder::ascending, std::nullopt, [&](const AuditEvent& event) {
    tally(addresses, event.ip_address, event.success);
    tally(resources, event.resource, event.success);
    if (event.action != to_string(Action::login_failed)) return true;
    tally(login_addresses, event.ip_address, event.success);
    tally(names, event.user ? event.user : text_member(event.details, "attempted_username"),
          event.success);
    return true;
  });
  return BusiestEvents{.by_ip_address = busiest_of(addresses, limit),
                       .by_resource = busiest_of(resources, limit),
                       .failed_logins_by_name = busiest_of(names, limit),
                       .failed_logins_by_ip_address = busiest_of(login_addresses, limit)};
}

Result<std::vector<CountsByType>> MemoryAudit::series(const AuditFilter& filter,
                                                      std::span<const Timestamp> bounds) const {
  if (bounds.empty()) return std::vector<CountsByType>{};
  std::vector<CountsByType> counts(bounds.size() - 1);
  each_match(state_, filter, SortOrder::ascending, std::nullopt, [&](const AuditEvent& event) {
    const auto after = std::upper_bound(bounds.begin(), bounds.end(), event.timestamp);
    if (after == bounds.begin() || after == bounds.end()) return true;
    auto& counted = counts[static_cast<std::size_t>(after - bounds.begin()) - 1];
    tally(counted, std::string{to_string(event.type)}, event.success);
    return true;
  });
  return counts;
}

} // namespace baluhost::memory
