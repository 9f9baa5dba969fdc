#include "repositories.hpp"

#include "baluhost/domain/text.hpp"
#include "json_integer.hpp"

#include <limits>

namespace baluhost::memory {
namespace {

constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

std::optional<std::string> clamped(const std::optional<std::string>& text, std::size_t limit) {
  return text ? std::optional{clamp_text(*text, limit)} : std::nullopt;
}

bool matches(const AuditFilter& filter, const AuditEvent& event) {
  const auto differs = [](const auto& wanted, const auto& is) { return wanted && wanted != is; };
  if (differs(filter.type, event.type) || differs(filter.action, event.action) || differs(filter.user, event.user) ||
      differs(filter.resource, event.resource) || differs(filter.success, event.success) ||
      differs(filter.ip_address, event.ip_address)) {
    return false;
  }
  if (filter.resource_prefix && !(event.resource && event.resource->starts_with(*filter.resource_prefix))) return false;
  if (filter.from && event.timestamp < *filter.from) return false;
  return !filter.to || event.timestamp < *filter.to;
}

EventPosition first_at(Timestamp time) { return {time, EventId{std::numeric_limits<std::int64_t>::min()}}; }

} // namespace

std::vector<AuditEvent> MemoryAudit::append(const AuditEvents& events) {
  std::vector<AuditEvent> stored;
  stored.reserve(events.list().size());
  for (const auto& fresh : events.list()) {
    AuditEvent event{.id = EventId{++state_.last_event},
                     .timestamp = fresh.timestamp,
                     .type = type_of(fresh.action),
                     .action = std::string{to_string(fresh.action)},
                     .user = clamped(fresh.user, AuditLimits::user),
                     .resource = clamped(fresh.resource, AuditLimits::resource),
                     .success = fresh.success,
                     .error_message = clamped(fresh.error_message, kNoLimit),
                     .details = fresh.details,
                     .ip_address = clamped(fresh.ip_address, AuditLimits::ip_address),
                     .user_agent = clamped(fresh.user_agent, AuditLimits::user_agent)};
    state_.events.put(event.id, event);
    state_.events_by_time.put({event.timestamp, event.id}, {});
    stored.push_back(std::move(event));
  }
  return stored;
}

Result<std::optional<AuditEvent>> MemoryAudit::find(EventId id) const { return copy_of(state_.events.find(id)); }

Result<std::vector<AuditEvent>> MemoryAudit::query(const AuditFilter& filter, SortOrder order,
                                                   const std::optional<EventPosition>& after, std::size_t limit) const {
  std::vector<AuditEvent> found;
  const auto visit = [&](const EventPosition& position, auto) {
    if (found.size() >= limit) return false;
    const bool is_over = order == SortOrder::ascending ? filter.to && position.timestamp >= *filter.to
                                                       : filter.from && position.timestamp < *filter.from;
    if (is_over) return false;
    const auto& event = *state_.events.find(position.id);
    if (matches(filter, event)) found.push_back(event);
    return true;
  };
  if (order == SortOrder::ascending) {
    EventPosition start = after.value_or(first_at(Timestamp{std::numeric_limits<std::int64_t>::min()}));
    if (filter.from && start < first_at(*filter.from)) start = first_at(*filter.from);
    state_.events_by_time.each_after(start, visit);
  } else {
    const EventId last{std::numeric_limits<std::int64_t>::max()};
    EventPosition end = after.value_or(EventPosition{Timestamp{std::numeric_limits<std::int64_t>::max()}, last});
    if (filter.to && first_at(*filter.to) < end) end = first_at(*filter.to);
    state_.events_by_time.each_before(end, visit);
  }
  return found;
}

Result<std::int64_t> MemoryAudit::count(const AuditFilter& filter, SortOrder order,
                                        const std::optional<EventPosition>& after) const {
  BALUHOST_TRY(const auto events, query(filter, order, after, kNoLimit));
  return static_cast<std::int64_t>(events.size());
}

Result<std::vector<AuditEvent>> MemoryAudit::since(EventId after, std::size_t limit) const {
  std::vector<AuditEvent> found;
  state_.events.each_after(after, [&](EventId, const AuditEvent& event) {
    if (found.size() >= limit) return false;
    found.push_back(event);
    return true;
  });
  return found;
}

Result<EventId> MemoryAudit::newest() const { return EventId{state_.last_event}; }

Result<AuditStatistics> MemoryAudit::statistics(const std::optional<Timestamp>& from, const std::optional<Timestamp>& to,
                                                const std::optional<std::string>& user) const {
  AuditStatistics statistics;
  AuditFilter filter;
  filter.user = user;
  filter.from = from;
  filter.to = to;
  const auto count = [](AuditCount& where, bool success) { ++(success ? where.succeeded : where.failed); };
  state_.events.each([&](EventId, const AuditEvent& event) {
    if (!matches(filter, event)) return true;
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

} // namespace baluhost::memory
