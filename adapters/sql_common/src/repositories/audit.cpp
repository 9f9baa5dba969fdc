#include "baluhost/sql_common/audit_query.hpp"
#include "baluhost/sql_common/dialect.hpp"
#include "baluhost/sql_common/events.hpp"
#include "repositories/repositories.hpp"

namespace baluhost::sql {
namespace {

const auto kReadEvent = [](const Row& row) { return read_event(row); };

} // namespace

Result<std::optional<AuditEvent>> SqlAudit::find(EventId id) const {
  return guarded(db_, [&]() -> Result<std::optional<AuditEvent>> {
    return one(db_.select("select " BALUHOST_EVENT_COLUMNS " from audit_logs a where a.id = ?",
                          kEventShape, {id}),
               kReadEvent);
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
    const auto rows = one(db_.select("select count(*) from audit_logs a where " + conditions.where,
                                     "n", conditions.values),
                          [](const Row& row) { return row.number(0); });
    return rows.value_or(0);
  });
}

Result<std::vector<AuditEvent>> SqlAudit::since(EventId after, std::size_t limit) const {
  return guarded(db_, [&]() -> Result<std::vector<AuditEvent>> {
    const std::string sql = "select case when " + std::string{db_.dialect().settled()} +
                            " then 1 else 0 end, " BALUHOST_EVENT_COLUMNS
                            " from audit_logs a where a.id > ? order by a.id limit ?";
    Cursor cursor = db_.select(sql, "n" + std::string{kEventShape}, {after, sql_limit(limit)});
    std::vector<AuditEvent> events;
    for (std::int64_t next = after.value + 1; cursor.next(); next = events.back().id.value + 1) {
      const Row row = cursor.row();
      AuditEvent event = read_event(row, 1);
      // Behind a gap nothing is given before it is known that the gap stays one.
      if (event.id.value != next && row.number(0) == 0) break;
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
