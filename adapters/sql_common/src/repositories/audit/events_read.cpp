#include "baluhost/sql_common/audit_query.hpp"
#include "baluhost/sql_common/dialect.hpp"
#include "baluhost/sql_common/events.hpp"
#include "repositories/repositories.hpp"

namespace baluhost::sql {
Result<std::optional<AuditEvent>> SqlAudit::find(EventId id) const {
  return guarded(db_, [&]() -> Result<std::optional<AuditEvent>> {
    static const Query query = select(kEventColumns, "from audit_logs a where a.id = ?");
    return one(db_.select(query, {id}), read_event);
  });
}

Result<std::vector<AuditEvent>> SqlAudit::query(const AuditFilter& filter, SortOrder order,
                                                const std::optional<EventPosition>& after,
                                                std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<AuditEvent>> {
    if (limit == 0 || matches_nothing(filter)) return std::vector<AuditEvent>{};
    return db_.dialect().audit_page(db_, filter, order, after, limit);
  });
}

Result<std::int64_t> SqlAudit::count(const AuditFilter& filter, SortOrder order,
                                     const std::optional<EventPosition>& after) const {
  return guarded(db_, [&]() -> Result<std::int64_t> {
    if (matches_nothing(filter)) return std::int64_t{0};
    std::optional<std::string> prefix_end;
    const auto conditions =
        conditions_of(filter, order, after, prefix_end, db_.dialect().has_long_resources());
    return db_
        .number("select count(*) from audit_logs a where " + conditions.where, conditions.values)
        .value_or(0);
  });
}

Result<std::vector<AuditEvent>> SqlAudit::since(EventId after, std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<AuditEvent>> {
    const auto query = select(flag(db_.dialect().settled()) + kEventColumns,
                              "from audit_logs a where a.id > ? order by a.id limit ?");
    Cursor cursor = db_.select(query, {after, sql_limit(limit)});
    std::vector<AuditEvent> events;
    for (std::int64_t next = after.value + 1; cursor.next(); next = events.back().id.value + 1) {
      Row row = cursor.row();
      const bool is_settled = row.flag();
      AuditEvent event = read_event(row);
      // After a gap nothing is returned before it is known that the gap stays one.
      if (event.id.value != next && !is_settled) break;
      events.push_back(std::move(event));
    }
    return events;
  });
}

Result<EventId> SqlAudit::newest() const {
  return guarded(db_, [&]() -> Result<EventId> {
    return EventId{db_.number(db_.dialect().newest_event()).value_or(0)};
  });
}

} // namespace baluhost::sql
